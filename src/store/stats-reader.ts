import type { TimeRange } from "../ledger/range.ts";
import type { ProbedQuarter, Quarter, Timing, Wandering } from "../ledger/stats-facts.ts";
import type { Database } from "./database.ts";
import { countedOf, FAILURES } from "./effects.ts";
import { COUNTED_ROWS, OF_ATTEMPTS, PLACE, type RowsWanted } from "./sequence.ts";

/** Percentiles are those of the newest so many answers, which no later one would change by much. */
const MOST_TIMINGS = 100_000;

/** How fast the newest answers came, the newest first. Inside {@link Database.read}. */
export function readTimings(database: Database, wanted: RowsWanted): readonly Timing[] {
  const rows = database.prepare(TIMINGS).all({ ...wanted, most: MOST_TIMINGS }) as unknown as TimingRow[];
  // The columns are those of the query. Member by member, which takes half as long as a spread.
  return rows.map(({ tenant, alias, provider, model, firstTokenMs, totalMs, outputTokens, won, ...of }) => {
    const request = won === 1 ? { firstTokenMs: of.requestFirstMs, totalMs: of.requestMs } : null;
    return { tenant, alias, provider, model, firstTokenMs, totalMs, outputTokens, request };
  });
}

interface TimingRow extends Omit<Timing, "request"> {
  readonly won: number;
  readonly requestFirstMs: number | null;
  readonly requestMs: number;
}

const TIMINGS = `SELECT ${PLACE}, a.ttft_ms AS firstTokenMs, a.ended - a.started AS totalMs,
    a.output_tokens AS outputTokens, a.n IS o.winner AS won, o.ttft_ms AS requestFirstMs,
    o.ended - o.started AS requestMs
  ${OF_ATTEMPTS} WHERE a.outcome = 'ok' AND ${COUNTED_ROWS} ORDER BY a.operation DESC, a.n DESC LIMIT $most`;

/** Requests that several providers were asked for. Inside {@link Database.read}. */
export const readWandering = (database: Database, wanted: RowsWanted): readonly Wandering[] =>
  database.prepare(WANDERING).all(wanted) as unknown as readonly Wandering[]; // The columns are those of the query.

const WANDERING = `SELECT ${PLACE}, count(*) AS requests,
    sum((SELECT count(DISTINCT provider) FROM attempts WHERE operation = o.seq)) AS providers
  FROM operations o CROSS JOIN attempts a ON a.operation = o.seq
    AND a.n = coalesce(o.winner, (SELECT max(n) FROM attempts WHERE operation = o.seq))
  WHERE o.attempts > 1 AND o.seq BETWEEN $first AND $last AND ${COUNTED_ROWS} GROUP BY 1, 2, 3, 4`;

/** Requests and attempts of each provider by the quarter of an hour. Inside {@link Database.read}. */
export const readQuarters = (database: Database, wanted: RowsWanted): readonly Quarter[] =>
  database.prepare(QUARTERS).all({
    since: wanted.since ?? 0,
    until: wanted.until ?? 0,
    tenant: wanted.tenant ?? null,
  }) as unknown as Quarter[]; // As queried.

const QUARTERS = `SELECT provider, start AS startMs, sum(requests) AS requests,
    sum(iif(outcome = 'unreconciled', 0, attempts)) AS attempts
  FROM rollup_quarter WHERE start >= $since - $since % 900000 AND start < $until
    AND ($tenant IS NULL OR tenant = $tenant) AND tenant <> '_health' GROUP BY start, provider`;

/** What probes that reached for the provider showed. Inside {@link Database.read}. */
export function readProbedQuarters(
  database: Database,
  { sinceMs, untilMs }: TimeRange,
): readonly ProbedQuarter[] {
  const rows = database.prepare(PROBED).all(sinceMs, untilMs) as unknown as readonly ProbedRow[]; // As queried.
  return rows.map(({ provider, startMs, up }) => ({ provider, startMs, isUp: up === 1 }));
}

interface ProbedRow {
  readonly provider: string;
  readonly startMs: number;
  readonly up: number;
}

const PROBED = `SELECT provider, at - at % 900000 AS startMs, max(status IN ('pass', 'warn')) AS up FROM probes
  WHERE at >= ? AND at < ? AND level <> 'config' AND status <> 'unknown' GROUP BY 1, 2`;

/** The outcomes of a provider's attempts that its breakers counted, and whose breaker it was. */
export interface BreakerOutcome {
  readonly provider: string;
  readonly endpoint: string;
  readonly class: string;
  readonly endedMs: number;
  readonly effect: ReturnType<typeof countedOf>["effect"];
  readonly trial: boolean;
}

const MOST_OUTCOMES = 200_000;

/** Providers whose attempts failed as breakers count it, with how often. Inside {@link Database.read}. */
export const readFailureCounts = (database: Database, wanted: RowsWanted): ReadonlyMap<string, number> => {
  const rows = database.prepare(FAILURE_COUNTS).all(wanted) as { provider: string; count: number }[]; // As queried.
  return new Map(rows.map(({ provider, count }) => [provider, count]));
};

const FAILURE_COUNTS = `SELECT a.provider, count(*) AS count ${OF_ATTEMPTS}
  WHERE a.effect IN (${FAILURES}) AND ${COUNTED_ROWS} GROUP BY 1`;

/** What one provider's breakers saw, in the order of its end; undefined where that is too much to replay. */
export function readOutcomesOf(
  database: Database,
  provider: string,
  wanted: RowsWanted,
): readonly BreakerOutcome[] | undefined {
  const rows = database
    .prepare(OUTCOMES)
    .all({ ...wanted, provider, most: MOST_OUTCOMES + 1 }) as unknown as (Omit<
    BreakerOutcome,
    "effect" | "trial"
  > & { readonly effect: number })[]; // The columns are those of the query.
  if (rows.length > MOST_OUTCOMES) return undefined;
  return rows
    .map((row) => {
      const { effect, trial } = countedOf(row.effect);
      return { ...row, effect, trial };
    })
    .toSorted((one, other) => one.endedMs - other.endedMs);
}

const OUTCOMES = `SELECT a.provider, a.endpoint, a.class, a.ended AS endedMs, a.effect ${OF_ATTEMPTS}
  WHERE a.provider = $provider AND ${COUNTED_ROWS} LIMIT $most`;
