import type { Stats } from "node:fs";
import { type FileHandle, open, rename, rm, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { RiptideError } from "../../core/errors.ts";
import type { Call } from "../command.ts";

/** Where the text of an answer goes. */
export interface Destination {
  readonly isTty: boolean;
  write(text: string): Promise<void>;
  /** The answer is whole. */
  commit(): Promise<void>;
  /** It is not: a file disappears unless its part is to be kept. */
  abandon(keep: boolean): Promise<void>;
}

/**
 * Stdout or, with `--out`, a file that appears under its name only when the answer is whole.
 * @throws RiptideError `write_failed` where no file can be written.
 */
export async function openDestination({ io, given }: Call): Promise<Destination> {
  const path = given.value("out");
  if (path === undefined) {
    return {
      isTty: io.stdout.isTty,
      write: io.stdout.write,
      commit: async () => {},
      abandon: async () => {},
    };
  }
  const target = resolve(io.cwd, path);
  const there = await attempt(() => statOf(target), path);
  if (there?.isDirectory()) throw new RiptideError("write_failed", `cannot write ${path}: it is a directory`);
  // A device or a pipe is written to; a file in its place would replace it.
  if (there && !there.isFile()) return openDevice(target, path);
  return openFile(join(dirname(target), `.riptide-${process.pid}-${io.clock.wall()}.part`), target, path);
}

async function statOf(path: string): Promise<Stats | undefined> {
  try {
    return await stat(path);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}

async function openDevice(target: string, path: string): Promise<Destination> {
  const handle = await attempt(() => open(target, "w"), path);
  const close = () => attempt(() => handle.close(), path);
  return { isTty: false, write: writer(handle, path), commit: close, abandon: close };
}

async function openFile(temporary: string, target: string, path: string): Promise<Destination> {
  const handle = await attempt(() => open(temporary, "wx", 0o600), path);
  const moveInto = async () => {
    await handle.sync();
    await handle.close();
    await rename(temporary, target);
  };
  const discard = async () => {
    await handle.close();
    await rm(temporary, { force: true });
  };
  return {
    isTty: false,
    write: writer(handle, path),
    commit: () => attempt(moveInto, path),
    abandon: (keep) => attempt(keep ? moveInto : discard, path),
  };
}

/** Writes all of a text, which one call to the operating system may not do. */
const writer =
  (handle: FileHandle, path: string) =>
  (text: string): Promise<void> =>
    attempt(() => handle.appendFile(text), path);

async function attempt<T>(work: () => Promise<T>, path: string): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    const said = cause instanceof Error ? cause.message.replace(/, [a-z]+( '.*')?$/, "") : String(cause);
    throw new RiptideError("write_failed", `cannot write ${path}: ${said}`, { cause });
  }
}
