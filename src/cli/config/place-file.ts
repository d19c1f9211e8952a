import { mkdir, open, readFile, realpath, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { RiptideError } from "../../core/errors.ts";

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
    await replace(target, text);
    return "written";
  } catch (cause) {
    throw cannot("write", path, cause);
  }
}

async function replace(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const temporary = `${path}.${process.pid}.new`;
  try {
    const handle = await open(temporary, "wx", 0o600);
    await handle.writeFile(text);
    await handle.chmod(0o600);
    await handle.sync();
    await handle.close();
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
