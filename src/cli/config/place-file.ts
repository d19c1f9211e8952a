import { open, readFile, realpath, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { RiptideError } from "../../core/errors.ts";
import { makeFolder } from "../../store/folder.ts";

/**
 * Puts a file in its place, mode 0600: never half of it, never over one that says something else unless forced (F-4).
 * A link stays, and the file it leads to is replaced.
 * @throws RiptideError `already_exists`, `write_failed`
 */
export async function placeFile(
  path: string,
  text: string,
  force: boolean,
): Promise<"written" | "unchanged"> {
  const target = (await unlessAbsent(realpath(path), path)) ?? path;
  const existing = await unlessAbsent(readFile(target, "utf8"), path);
  if (existing === text) return "unchanged";
  if (existing !== undefined && !force) {
    throw new RiptideError("already_exists", `${path} exists and says something else`, {
      hint: "riptide config init --print   or, to replace it, --force",
    });
  }
  try {
    makeFolder(dirname(target));
    await replaceFile(target, text, { temporary: `${target}.${process.pid}.new`, mode: 0o600 });
    return "written";
  } catch (cause) {
    throw cannot("write", path, cause);
  }
}

export interface Replacing {
  /** In the same folder; it must not exist. */
  readonly temporary: string;
  readonly mode: number;
  /** Whose file it is, where that is not this process's user. */
  readonly owner?: { readonly uid: number; readonly gid: number } | undefined;
  /** Runs when all is written, before it takes its place; what it throws ends the replacing. */
  readonly lastLook?: () => Promise<void>;
}

/** Writes beside a file and then puts that in its place, so that no reader ever sees half of it (F-4). */
export async function replaceFile(
  path: string,
  content: string | Uint8Array,
  { temporary, mode, owner, lastLook }: Replacing,
): Promise<void> {
  const handle = await open(temporary, "wx", 0o600);
  try {
    try {
      await handle.writeFile(content);
      if (owner) await handle.chown(owner.uid, owner.gid);
      await handle.chmod(mode);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await lastLook?.();
    await rename(temporary, path);
  } catch (thrown) {
    await rm(temporary, { force: true });
    throw thrown;
  }
  const folder = await open(dirname(path), "r");
  await folder.sync();
  await folder.close();
}

/** What cannot be read may say anything, so it is not replaced. */
async function unlessAbsent<T>(reading: Promise<T>, path: string): Promise<T | undefined> {
  try {
    return await reading;
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw cannot("read", path, thrown);
  }
}

function cannot(what: "read" | "write", path: string, cause: unknown): RiptideError {
  const said = cause instanceof Error ? cause.message : String(cause);
  return new RiptideError("write_failed", `cannot ${what} ${path}: ${said}`, { cause });
}
