import type { Clock } from "../core/clock.ts";
import type { Sample } from "../core/sample.ts";
import type { Database } from "./database.ts";
import { countedOf } from "./effects.ts";

/** The newest so many are enough for any percentile. */
const MAX_SAMPLES = 10_000;
/** Reading them all takes longer than a request may, and within a second they tell nothing new. */
const REREAD_AFTER_MS = 1_000;

/** Reads the samples of a growing ledger, and at most once a second. */
export function sampleReader(
  database: Database,
  { now }: Pick<Clock, "now">,
): (sinceMs: number) => readonly Sample[] {
  let last:
    | { readonly samples: readonly Sample[]; readonly sinceMs: number; readonly untilMs: number }
    | undefined;
  return (sinceMs) => {
    if (!last || now() >= last.untilMs || sinceMs < last.sinceMs) {
      last = { samples: readSamples(database, sinceMs), sinceMs, untilMs: now() + REREAD_AFTER_MS };
    }
    return last.samples;
  };
}

/** Completion attempts that ended at or after this moment (Unix milliseconds), the newest first. */
function readSamples(database: Database, sinceMs: number): readonly Sample[] {
  const rows = database.read(() =>
    database
      .prepare(
        `SELECT provider, model, endpoint, effect, ttft_ms AS ttftMs, ended - started AS totalMs, ended AS endedMs
         FROM attempts WHERE ended >= ? AND class = 'completion' AND kind <> 'probe'
         ORDER BY ended DESC, operation DESC, n DESC LIMIT ?`,
      )
      .all(sinceMs, MAX_SAMPLES),
  ) as unknown as (Omit<Sample, "effect"> & { effect: number })[]; // The columns are those of the query.
  // Member by member, which takes SQLite's rows half as long to copy as a spread does.
  return rows.map(({ effect, provider, model, endpoint, ttftMs, totalMs, endedMs }) => {
    const sample = { provider, model, endpoint, effect: countedOf(effect).effect, ttftMs, totalMs, endedMs };
    return sample;
  });
}
