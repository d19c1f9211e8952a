import { type BigIntStats, constants } from "node:fs";
import { type FileHandle, open, realpath } from "node:fs/promises";
import { RiptideError } from "../core/errors.ts";
import { MAX_FILE_BYTES } from "./limits.ts";

/** A file as it was when it was opened. */
export interface SourceFile {
  readonly realPath: string;
  /** Changes whenever the file does; undefined for what is not a regular file. */
  readonly identity: string | undefined;
  /** Unix milliseconds of the last change to the file or its facts. */
  readonly changedMs: number;
  /** Reads the text; undefined means it changed meanwhile and the identity is void. */
  readonly read: () => Promise<{ readonly text: string; readonly steady: boolean }>;
  readonly close: () => Promise<void>;
}

/**
 * Opens a configuration file.
 * @param shown the name the reader knows it by.
 * @throws RiptideError `config_invalid` when it is a folder or cannot be read.
 */
export async function openSource(path: string, shown: string): Promise<SourceFile> {
  try {
    const handle = await open(path, constants.O_RDONLY);
    const facts = await handle.stat({ bigint: true });
    const realPath = await realpath(path);
    const identityOf = (now: BigIntStats) =>
      [realPath, now.dev, now.ino, now.size, now.mtimeNs, now.ctimeNs].join("|");
    return {
      realPath,
      identity: facts.isFile() ? identityOf(facts) : undefined,
      changedMs: Number(facts.ctimeMs),
      read: async () => {
        const text = decodeText(await readBytes(handle, shown), shown);
        const after = await handle.stat({ bigint: true });
        return { text, steady: identityOf(after) === identityOf(facts) };
      },
      close: () => handle.close(),
    };
  } catch (thrown) {
    throw unreadable(shown, thrown);
  }
}

async function readBytes(handle: FileHandle, shown: string): Promise<Uint8Array> {
  const buffer = Buffer.alloc(MAX_FILE_BYTES + 1);
  let length = 0;
  try {
    while (length < buffer.length) {
      const { bytesRead } = await handle.read(buffer, length, buffer.length - length);
      if (bytesRead === 0) return buffer.subarray(0, length);
      length += bytesRead;
    }
  } catch (thrown) {
    throw unreadable(shown, thrown);
  }
  throw new RiptideError("config_invalid", `${shown}: the file is larger than 1 MiB`);
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
  ENOENT: "it does not exist any more",
  ELOOP: "too many links",
};

function unreadable(shown: string, cause: unknown): RiptideError {
  const code = (cause as NodeJS.ErrnoException).code ?? "";
  return new RiptideError("config_invalid", `${shown} cannot be read: ${REASONS[code] ?? code}`, { cause });
}
