import { chmodSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";

/** Held for the life of the process; a process that is killed gives it back too. */
export interface Lock {
  release(): void;
}

/** SQLite's result code for a file that another connection has locked. */
const BUSY = 5;

/**
 * The lock of the one daemon of a socket: an exclusive transaction on a database beside it (SD-1). The file is opened
 * once, since closing a second descriptor would drop the lock.
 * @returns Undefined where another process has it.
 */
export function takeLock(socket: string): Lock | undefined {
  const path = `${socket}.lock`;
  const database = new DatabaseSync(path, { timeout: 0 });
  try {
    // Nothing is ever written, so it needs no journal beside it.
    database.exec("PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE");
    chmodSync(path, 0o600);
    return { release: () => database.close() };
  } catch (error) {
    database.close();
    if (error instanceof Error && "errcode" in error && error.errcode === BUSY) return undefined;
    throw error;
  }
}
