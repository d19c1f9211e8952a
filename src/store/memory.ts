import type { Clock } from "../core/clock.ts";
import { type Database, databaseOf } from "./database.ts";
import { MIGRATIONS } from "./schema.ts";

/** A ledger that no other process sees and that ends with this one. */
export function memoryDatabase(clock: Clock): Database {
  const { DatabaseSync } = process.getBuiltinModule("node:sqlite");
  const sqlite = new DatabaseSync(":memory:", { enableForeignKeyConstraints: false, defensive: true });
  sqlite.exec(MIGRATIONS.join(""));
  return databaseOf(sqlite, ":memory:", clock);
}
