import { type BigIntStats, constants, openSync } from "node:fs";
import { type FileHandle, open, realpath, stat } from "node:fs/promises";
import { Socket } from "node:net";
import { RiptideError } from "../core/errors.ts";
import { MAX_FILE_BYTES } from "./limits.ts";
import { readPipe, tooLarge, type Waiting } from "./pipe.ts";

/** A file as it was when it was opened. */
export interface SourceFile {
  readonly realPath: string;
  /** Changes whenever the file does; undefined for what is not a regular file. */
  readonly identity: string | undefined;
  /** Unix milliseconds of the last change to the file or its facts. */
  readonly changedMs: number;
  /**
   * Reads the text, again while it is being written (HR-2). It is not steady when the file changed since it was opened,
   * so that the identity is void.
   * @throws RiptideError `config_invalid` when it does not come to rest
   */
  readonly read: () => Promise<{ readonly text: string; readonly steady: boolean }>;
  readonly close: () => Promise<void>;
}

/**
 * Opens a configuration file, or a pipe such as a shell makes of `<(command)`.
 * @param shown the name the reader knows it by.
 * @throws RiptideError `config_not_found`; `config_invalid` when it is a folder or cannot be read.
 */
export async function openSource(path: string, shown: string, waiting: Waiting): Promise<SourceFile> {
  try {
    return (await stat(path)).isFIFO()
      ? openPipe(path, shown, waiting)
      : await openFile(path, shown, waiting);
  } catch (thrown) {
    throw unreadable(shown, thrown);
  }
}

/** The text of a configuration file, read once. @throws RiptideError as {@link openSource} does */
export async function readSource(path: string, shown: string, waiting: Waiting): Promise<string> {
  const file = await openSource(path, shown, waiting);
  try {
    return (await file.read()).text;
  } finally {
    await file.close();
  }
}

async function openFile(path: string, shown: string, { clock, signal }: Waiting): Promise<SourceFile> {
  const handle = await open(path, constants.O_RDONLY);
  const facts = await handle.stat({ bigint: true });
  // A device has no path behind it.
  const realPath = facts.isFile() ? await realpath(path) : path;
  const identityOf = (now: BigIntStats) =>
    [realPath, now.dev, now.ino, now.size, now.mtimeNs, now.ctimeNs].join("|");
  return {
    realPath,
    identity: facts.isFile() ? identityOf(facts) : undefined,
    changedMs: Number(facts.ctimeMs),
    read: async () => {
      let before = identityOf(facts);
      for (let reads = 1; ; reads += 1) {
        const bytes = await readBytes(handle, shown);
        const after = identityOf(await handle.stat({ bigint: true }));
        // Only a text that is whole need be one at all.
        if (after === before) return { text: decodeText(bytes, shown), steady: reads === 1 };
        if (reads > MAX_REREADS) throw restless(shown);
        await clock.sleep(REREAD_MS, signal);
        before = identityOf(await handle.stat({ bigint: true }));
      }
    },
    close: () => handle.close(),
  };
}

/** Opening it the plain way would wait for a writer where no signal reaches. */
function openPipe(path: string, shown: string, waiting: Waiting): SourceFile {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const stream = new Socket({ fd, readable: true, writable: false });
  return {
    realPath: path,
    identity: undefined,
    changedMs: 0,
    read: async () => ({ text: decodeText(await readPipe(stream, shown, waiting), shown), steady: false }),
    close: async () => void stream.destroy(),
  };
}

/** What is being written is read again so often, and so long apart (HR-2). */
const MAX_REREADS = 5;
const REREAD_MS = 50;

const restless = (shown: string) =>
  new RiptideError("config_invalid", `${shown} kept changing while it was read`);

async function readBytes(handle: FileHandle, shown: string): Promise<Uint8Array> {
  const buffer = Buffer.alloc(MAX_FILE_BYTES + 1);
  let length = 0;
  try {
    while (length < buffer.length) {
      const { bytesRead } = await handle.read(buffer, length, buffer.length - length, length);
      if (bytesRead === 0) return buffer.subarray(0, length);
      length += bytesRead;
    }
  } catch (thrown) {
    throw unreadable(shown, thrown);
  }
  throw tooLarge(shown);
}

/** Bytes as text. @throws RiptideError `config_invalid` for anything but UTF-8. */
export function decodeText(bytes: Uint8Array, shown: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new RiptideError("config_invalid", `${shown}: the file is not UTF-8 text`, { cause });
  }
}

const REASONS: Readonly<Record<string, string>> = {
  EACCES: "permission denied",
  EISDIR: "it is a folder",
  ENOENT: "it does not exist",
  ENXIO: "it is a socket",
  ELOOP: "too many links",
};

function unreadable(shown: string, cause: unknown): RiptideError {
  const code = (cause as NodeJS.ErrnoException).code ?? "";
  const kind = code === "ENOENT" ? "config_not_found" : "config_invalid";
  return new RiptideError(kind, `${shown} cannot be read: ${REASONS[code] ?? code}`, { cause });
}
