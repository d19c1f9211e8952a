import type { Database } from "./database.ts";

/** The turn the next request of this name goes by; 0 at first (FB-3). */
export function nextTurn(database: Database, name: string): number {
  const row = database.prepare("SELECT turn FROM turns WHERE alias = ?").get(name);
  return (row as { readonly turn: number } | undefined)?.turn ?? 0; // The column is that of the query.
}

/** Takes the turn that is next; inside a transaction. It begins anew long before it could lose a digit. */
export function takeTurn(database: Database, name: string): void {
  database
    .prepare(
      `INSERT INTO turns (alias, turn) VALUES (?, 1)
       ON CONFLICT DO UPDATE SET turn = (turn + 1) % ${MAX_TURNS}`,
    )
    .run(name);
}

/** A multiple of every number of targets up to 16, so that the round goes on where it begins anew. */
const MAX_TURNS = 720_720;
