import { type FileHandle, open, rename, unlink } from "node:fs/promises";
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

/** Stdout or, with `--out`, a file that appears under its name only when the answer is whole. */
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
  const temporary = join(dirname(target), `.riptide-${process.pid}-${io.clock.wall()}.part`);
  const handle = await attempt(() => open(temporary, "wx", 0o600), path);
  return {
    isTty: false,
    write: (text) => attempt(async () => void (await handle.write(text)), path),
    commit: () => attempt(() => moveInto(handle, temporary, target), path),
    abandon: (keep) =>
      attempt(() => (keep ? moveInto(handle, temporary, target) : discard(handle, temporary)), path),
  };
}

async function moveInto(handle: FileHandle, temporary: string, target: string): Promise<void> {
  await handle.sync();
  await handle.close();
  await rename(temporary, target);
}

async function discard(handle: FileHandle, temporary: string): Promise<void> {
  await handle.close();
  await unlink(temporary);
}

async function attempt<T>(work: () => Promise<T>, path: string): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    const said = cause instanceof Error ? cause.message : String(cause);
    throw new RiptideError("write_failed", `cannot write ${path}: ${said}`, { cause });
  }
}
