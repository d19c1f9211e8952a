import { lstatSync } from "node:fs";
import { RiptideError } from "../core/errors.ts";
import type { Database } from "./database.ts";
import { unavailable } from "./sqlite-error.ts";

/**
 * A ledger that is kept open, held to its path: what is written to a file that was moved away or removed would count
 * for nobody, as every other process looks at the path.
 * @returns The same, whose transactions fail with `ledger_unavailable` once another file, or none, stands there.
 */
export function inPlace(database: Database): Database {
  const { path } = database;
  const opened = fileAt(path);
  return {
    ...database,
    async transact(work, withinMs) {
      const now = fileAt(path);
      if (now === opened) return database.transact(work, withinMs);
      if (now === undefined) bringHome(database);
      const what = now === undefined ? "is not in its place any more" : "was replaced by another file";
      throw new RiptideError("ledger_unavailable", `the ledger ${what}`, {
        reasons: [path],
        hint: "riptide ledger verify",
      });
    },
  };
}

/** Which file it is; undefined where none stands. @throws RiptideError `ledger_unavailable` where that cannot be seen */
export function fileAt(path: string): string | undefined {
  try {
    const stat = lstatSync(path, { throwIfNoEntry: false });
    return stat && `${stat.dev}:${stat.ino}`;
  } catch (error) {
    throw unavailable(error, path);
  }
}

/** Its log stayed behind, so that the file lacks the newest entries wherever it is now. */
function bringHome(database: Database): void {
  try {
    database.prepare("PRAGMA wal_checkpoint(PASSIVE)").get();
  } catch {
    // Then they are in the log, which is set aside when a new ledger takes the place.
  }
}
