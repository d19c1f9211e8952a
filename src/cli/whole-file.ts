import { rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { RiptideError } from "../core/errors.ts";
import type { Io } from "./io.ts";

/**
 * Writes a text to where the caller named, so that it appears whole under its name; no secret passes.
 * @throws RiptideError `write_failed`
 */
export async function writeWhole(path: string, text: string, io: Io): Promise<void> {
  try {
    await place(resolve(io.cwd, path), io.redactor.redact(text), io);
  } catch (cause) {
    const said = cause instanceof Error ? cause.message : String(cause);
    throw new RiptideError("write_failed", `cannot write ${path}: ${said}`, { cause });
  }
}

async function place(target: string, text: string, { clock }: Io): Promise<void> {
  const there = await stat(target).catch(() => undefined);
  // A device or a pipe is written to; a file in its place would replace it.
  if (there && !there.isFile()) return writeFile(target, text);
  const temporary = join(dirname(target), `.riptide-${process.pid}-${Math.round(clock.wall())}.part`);
  try {
    await writeFile(temporary, text, { flag: "wx" });
    await rename(temporary, target);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}
