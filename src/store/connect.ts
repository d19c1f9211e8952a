import { lstatSync } from "node:fs";
import type { DatabaseSync } from "node:sqlite";
import type { Clock } from "../core/clock.ts";
import { type Database, databaseOf, MAX_WAIT_MS } from "./database.ts";
import { locationOf, makePrivate, requireKnown } from "./file.ts";
import { MIGRATIONS } from "./schema.ts";
import { isBusy } from "./sqlite-error.ts";

export interface ConnectOptions {
  readonly path: string;
  readonly durability: "normal" | "full";
  readonly clock: Clock;
}

/** SQLite itself waits no longer than this for another process, for the event loop stands still meanwhile (LG-8). */
const BUSY_MS = 20;
const RETRY_MS = 2;
/**
 * A log of this size is brought into the file by whoever writes. Each time waits for the disk twice, and of SQLite's own
 * thousand pages a busy daemon fills several times a second.
 */
const LOG_PAGES = 2_000;
/** What the log keeps of the disk once it is emptied, however long somebody's reading had made it (LG-8). */
const KEPT_LOG_BYTES = 8 * 1_048_576;

/**
 * Connects to a ledger that is there, and brings its schema up to this version.
 * @throws SQLite's own errors, and RiptideError `ledger_unavailable` for a schema of a later version.
 */
export async function connect({ path, durability, clock }: ConnectOptions): Promise<Database> {
  const { DatabaseSync } = process.getBuiltinModule("node:sqlite");
  const sqlite = new DatabaseSync(locationOf(path, { mode: "rw" }), {
    timeout: BUSY_MS,
    enableForeignKeyConstraints: false,
    defensive: true,
  });
  try {
    await patiently(clock, () => prepareConnection(sqlite, durability));
    const database = databaseOf(sqlite, path, clock);
    await migrate(sqlite, database);
    for (const ending of ["-wal", "-shm"]) keepPrivate(`${path}${ending}`);
    return database;
  } catch (error) {
    sqlite.close();
    throw error;
  }
}

function prepareConnection(sqlite: DatabaseSync, durability: string): void {
  sqlite.exec(`PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON; PRAGMA synchronous = ${durability};
    PRAGMA journal_size_limit = ${KEPT_LOG_BYTES}; PRAGMA wal_autocheckpoint = ${LOG_PAGES}`);
  // Asking for the mode it has already fails while another process writes.
  if (sqlite.prepare("PRAGMA journal_mode").get()?.journal_mode === "wal") return;
  sqlite.exec("PRAGMA journal_mode = WAL");
}

async function migrate(sqlite: DatabaseSync, database: Database): Promise<void> {
  const version = () =>
    requireKnown(database.path, sqlite.prepare("PRAGMA user_version").get()?.user_version);
  if (version() === MIGRATIONS.length) return;
  await database.transact(() => {
    // Another process may have been quicker.
    const missing = MIGRATIONS.slice(version());
    sqlite.exec(`${missing.join("")} PRAGMA user_version = ${MIGRATIONS.length}`);
  });
}

function keepPrivate(path: string): void {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (stat?.isFile() && (stat.mode & 0o177) !== 0) makePrivate(path);
}

/** Repeats what another process's lock prevents, for as long as a ledger is waited for. */
export async function patiently<T>(clock: Clock, work: () => T): Promise<T> {
  const giveUpAt = clock.now() + MAX_WAIT_MS;
  for (;;) {
    try {
      return work();
    } catch (error) {
      if (!isBusy(error) || clock.now() >= giveUpAt) throw error;
      await clock.sleep(RETRY_MS);
    }
  }
}
