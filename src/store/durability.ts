import type { Database } from "./database.ts";

/** How much of what was just written a power cut may take (LG-8). */
type Durability = "normal" | "full";

/**
 * A ledger whose durability may change while it is open, from the next transaction on.
 * @param wanted What holds now; the database has been opened with it.
 */
export function durable(database: Database, wanted: () => Durability): Database {
  let now = wanted();
  let changes = 0;
  return {
    ...database,
    transact(work, withinMs) {
      const next = wanted();
      if (next !== now) {
        now = next;
        changes += 1;
        // SQLite obeys while it prepares, and a text is prepared once: each change has one of its own.
        database.prepare(`PRAGMA synchronous = ${now} -- ${changes}`).run();
      }
      return database.transact(work, withinMs);
    },
  };
}
