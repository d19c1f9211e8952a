import type { Database } from "./database.ts";

/**
 * Writes the time of this look, which shows that the ledger is there, is unlocked, and can grow.
 * @throws RiptideError `ledger_unavailable`
 */
export async function checkWritable(database: Database, nowMs: number, withinMs: number): Promise<void> {
  const note = () =>
    database
      .prepare(
        `INSERT INTO facts (name, value) VALUES ('written', ?)
         ON CONFLICT DO UPDATE SET value = excluded.value`,
      )
      .run(String(nowMs));
  await database.transact(note, withinMs);
}
