import { closeSync, constants, existsSync, lstatSync, openSync, readdirSync, renameSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { type Clock, formatTime } from "../core/clock.ts";
import { patiently } from "./connect.ts";
import type { Database } from "./database.ts";
import { lookAt } from "./file.ts";
import { isDamage } from "./sqlite-error.ts";

/** What is wrong with the pages of a file, as SQLite says it; undefined when nothing is. Takes about 6 ms a megabyte. */
export function damageOf(database: Database): string | undefined {
  try {
    const found = database.prepare("PRAGMA quick_check(1)").get()?.quick_check;
    return found === "ok" ? undefined : oneLine(String(found));
  } catch (error) {
    if (isDamage(error)) return oneLine(error instanceof Error ? error.message : String(error));
    throw error;
  }
}

const oneLine = (text: string): string =>
  text.replace("*** in database main ***", "").replace(/\s+/g, " ").trim();

/**
 * Renames a damaged file, with its log, to a name with the time in it. One process at a time does so, and only while
 * `isDamaged` still holds: another may have put a new ledger there in the meantime.
 * @returns The new path, or undefined when there was nothing to do any more.
 */
export async function setAside(
  path: string,
  clock: Clock,
  isDamaged: () => Promise<boolean>,
): Promise<string | undefined> {
  return alone(path, clock, async () => {
    if (!existsSync(path) || !(await isDamaged())) return undefined;
    const aside = asideName(path, clock);
    moveLog(path, aside);
    renameSync(path, aside);
    return aside;
  });
}

/** Where earlier damaged files of this ledger lie, oldest first. */
export function setAsides(path: string): readonly string[] {
  const start = `${basename(path)}.damaged-`;
  const folder = dirname(path);
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.startsWith(start) && !/-(wal|shm)$/.test(name))
    .toSorted()
    .map((name) => join(folder, name));
}

/** A log without its database would be taken for that of the next file of this name, and spoil it. */
export async function clearStrayLog(path: string, clock: Clock): Promise<void> {
  if (!existsSync(`${path}-wal`)) return;
  await alone(path, clock, async () => {
    if (lookAt(path).kind !== "missing") return;
    moveLog(path, asideName(path, clock));
  });
}

/** Renaming to a name that is taken would destroy what has it. */
function asideName(path: string, clock: Clock): string {
  const name = `${path}.damaged-${formatTime(clock.wall()).replace(/:/g, "-")}`;
  const isTaken = (candidate: string) => ["", "-wal"].some((ending) => existsSync(`${candidate}${ending}`));
  let free = name;
  for (let n = 2; isTaken(free); n += 1) free = `${name}.${n}`;
  return free;
}

/** The log goes first: a database without its log is damaged, a log without its database does damage. */
function moveLog(path: string, aside: string): void {
  for (const ending of ["-shm", "-wal"]) {
    if (existsSync(`${path}${ending}`)) renameSync(`${path}${ending}`, `${aside}${ending}`);
  }
}

/** Runs `work` while no other process does such a thing with this ledger; a lock of SQLite ends with its process. */
async function alone<T>(path: string, clock: Clock, work: () => Promise<T>): Promise<T> {
  const lock = `${path}.lock`;
  placeLock(lock);
  const { DatabaseSync } = process.getBuiltinModule("node:sqlite");
  const sqlite = new DatabaseSync(lock, { timeout: 0 });
  try {
    await patiently(clock, () => sqlite.exec("BEGIN EXCLUSIVE"));
    return await work();
  } finally {
    sqlite.close();
  }
}

/** A lock file that is there is not opened here: closing it again would drop the lock of another of this process. */
function placeLock(lock: string): void {
  const stat = lstatSync(lock, { throwIfNoEntry: false });
  if (stat?.isFile()) return;
  const { O_CREAT, O_EXCL, O_WRONLY } = constants;
  try {
    closeSync(openSync(lock, O_WRONLY | O_CREAT | O_EXCL, 0o600));
  } catch (error) {
    // Another process may have been quicker; a link or a directory is nothing to lock.
    if (lstatSync(lock, { throwIfNoEntry: false })?.isFile() !== true) throw error;
  }
}
