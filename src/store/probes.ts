import type { ProbeRow } from "../core/sample.ts";
import type { Database } from "./database.ts";

/** The newest so many are more than any window of a few minutes holds. */
const MAX_PROBES = 10_000;

/** Keeps what probes showed. @param withinMs How long another process is waited for at most. */
export async function recordProbes(
  database: Database,
  rows: readonly ProbeRow[],
  withinMs?: number,
): Promise<void> {
  if (rows.length === 0) return;
  await database.transact(() => {
    const insert = database.prepare(
      "INSERT INTO probes (provider, endpoint, level, status, latency_ms, code, at, hold_until) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
    );
    for (const { provider, endpoint, level, status, latencyMs, code, atMs, holdUntilMs } of rows) {
      insert.run(provider, endpoint, level, status, latencyMs, code, atMs, holdUntilMs ?? null);
    }
  }, withinMs);
}

/** What probes showed at or after this moment (Unix milliseconds), the oldest first. */
export function readProbes(database: Database, sinceMs: number): readonly ProbeRow[] {
  const rows = database.read(() =>
    database
      .prepare(
        `SELECT provider, endpoint, level, status, latency_ms AS latencyMs, code, at AS atMs
         FROM probes WHERE at >= ? ORDER BY at DESC, seq DESC LIMIT ?`,
      )
      .all(sinceMs, MAX_PROBES),
  ) as unknown as ProbeRow[]; // The columns are those of the query, written as above.
  return rows.toReversed();
}
