import type { ErrorCode } from "../core/errors.ts";
import { isProviderFault } from "../ledger/fault.ts";
import type { PastRequest } from "../ledger/simulate.ts";
import type { Database } from "./database.ts";
import type { RowsWanted } from "./sequence.ts";

/** The newest so many requests are played again. */
const MOST_REPLAYED = 100_000;

/** Completions that somebody was asked for, the newest first, one at a time. Inside {@link Database.read}. */
export function* readPast(database: Database, wanted: RowsWanted): Generator<PastRequest> {
  for (const row of database.prepare(PAST).iterate({ ...wanted, most: MOST_REPLAYED })) {
    const { code, answered, ...request } = row as unknown as PastRow; // The columns are those of the query.
    yield { ...request, firstFailed: isProviderFault(code), isAnswered: answered === 1 };
  }
}

interface PastRow extends Omit<PastRequest, "firstFailed" | "isAnswered"> {
  readonly code: ErrorCode | null;
  readonly answered: number;
}

const COUNTED = `o.seq BETWEEN $first AND $last AND o.started >= $since AND o.started < $until
  AND o.state = 'settled' AND o.class = 'completion' AND o.attempts > 0 AND o.outcome <> 'cancelled'
  AND ($tenant IS NULL OR o.tenant = $tenant) AND ($probes OR o.tenant <> '_health')`;

const PAST = `SELECT o.tenant, coalesce(o.alias, '') AS alias, f.provider || '/' || f.model AS first,
    f.error_code AS code, h.provider || '/' || h.model AS home, o.outcome = 'ok' AS answered, o.cost_nano AS costNano,
    h.cost_nano AS homeCostNano, o.ended - o.started AS totalMs, h.ended - h.started AS homeMs,
    h.input_tokens AS inputTokens, h.cached_tokens AS cacheReadTokens, h.cache_write_tokens AS cacheWriteTokens,
    h.output_tokens AS outputTokens, h.reasoning_tokens AS reasoningTokens
  FROM operations o CROSS JOIN attempts f ON f.operation = o.seq AND f.n = 1
    CROSS JOIN attempts h ON h.operation = o.seq
      AND h.n = coalesce(o.winner, (SELECT max(n) FROM attempts WHERE operation = o.seq))
  WHERE ${COUNTED} ORDER BY o.seq DESC LIMIT $most`;

/** How many there are altogether. Inside {@link Database.read}. */
export function countPast(database: Database, wanted: RowsWanted): number {
  const row = database.prepare(`SELECT count(*) AS count FROM operations o WHERE ${COUNTED}`).get(wanted);
  return Number(row?.count ?? 0);
}
