import { mkdirSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { osCode } from "./sqlite-error.ts";

/**
 * Makes a folder for this user alone, and those above it that are missing. One level at a time, because Node's own
 * `recursive` never comes back from a place where nothing can be made, such as /proc (seen with Node 24).
 * @throws the error of the operating system.
 */
export function makeFolder(path: string): void {
  try {
    makeOne(path);
  } catch (error) {
    if (osCode(error) !== "ENOENT" || dirname(path) === path) throw error;
    makeFolder(dirname(path));
    makeOne(path);
  }
}

function makeOne(path: string): void {
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    if (osCode(error) !== "EEXIST" || !statSync(path).isDirectory()) throw error;
  }
}
