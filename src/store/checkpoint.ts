import type { Database } from "./database.ts";

/** Brings the log of recent writes into the file and empties it, as far as nobody reads in it. */
export function checkpoint(database: Database): void {
  database.prepare("PRAGMA wal_checkpoint(TRUNCATE)").get();
}
