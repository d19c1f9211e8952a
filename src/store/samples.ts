import type { Sample } from "../core/sample.ts";
import type { Database } from "./database.ts";
import { countedOf } from "./effects.ts";

/** The newest so many are enough for any percentile. */
const MAX_SAMPLES = 10_000;

/** Completion attempts that ended at or after this moment (Unix milliseconds), the newest first. */
export function readSamples(database: Database, sinceMs: number): readonly Sample[] {
  const rows = database.read(() =>
    database
      .prepare(
        `SELECT provider, model, endpoint, effect, ttft_ms AS ttftMs, ended - started AS totalMs, ended AS endedMs
         FROM attempts WHERE ended >= ? AND class = 'completion' AND kind <> 'probe'
         ORDER BY ended DESC, operation DESC, n DESC LIMIT ?`,
      )
      .all(sinceMs, MAX_SAMPLES),
  ) as unknown as (Omit<Sample, "effect"> & { effect: number })[]; // The columns are those of the query.
  return rows.map((row) => ({ ...row, effect: countedOf(row.effect).effect }));
}
