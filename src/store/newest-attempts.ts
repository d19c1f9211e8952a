import type { NewestAttempt, NewestRequest } from "../ledger/recent-facts.ts";
import type { Database } from "./database.ts";
import { countedOf } from "./effects.ts";

interface Since {
  readonly sinceMs: number;
  /** So many are read, however many there are. */
  readonly most: number;
}

/** The attempts of the requests that began last, the newest first; probes are none. Inside {@link Database.read}. */
export function readNewestAttempts(database: Database, { sinceMs, most }: Since): readonly NewestAttempt[] {
  const rows = database.prepare(ATTEMPTS).all({ since: sinceMs, most }) as unknown as readonly AttemptRow[]; // As queried.
  return rows.map(({ effect, ...row }) => ({ ...row, effect: countedOf(effect).effect }));
}

interface AttemptRow extends Omit<NewestAttempt, "effect"> {
  readonly effect: number;
}

// Rows are numbered in the order of their beginning, so the newest are at the end, and reading stops where the range
// begins; NOT INDEXED and the CROSS JOIN keep SQLite to that order.
const IN_RANGE = `o.seq >= (SELECT seq FROM operations WHERE started >= $since ORDER BY started LIMIT 1)
  AND o.outcome IS NOT NULL AND o.tenant <> '_health'`;

const ATTEMPTS = `SELECT o.id, o.tenant, o.requested_model AS requestedModel, a.n, a.provider, a.model, a.outcome,
    a.error_code AS code, a.effect, a.started AS startedMs, a.ttft_ms AS firstTokenMs, a.ended - a.started AS totalMs,
    a.output_tokens AS outputTokens
  FROM operations o NOT INDEXED CROSS JOIN attempts a ON a.operation = o.seq
  WHERE ${IN_RANGE} AND a.usage_source <> 'unreconciled' ORDER BY o.seq DESC, a.n DESC LIMIT $most`;

/** The requests that began last, the newest first; probes are none. Inside {@link Database.read}. */
export const readNewestRequests = (database: Database, { sinceMs, most }: Since): readonly NewestRequest[] =>
  database.prepare(REQUESTS).all({ since: sinceMs, most }) as unknown as readonly NewestRequest[]; // As queried.

const REQUESTS = `SELECT o.id, o.tenant, o.requested_model AS requestedModel, o.started AS startedMs, o.outcome,
    o.error_code AS code, o.attempts
  FROM operations o NOT INDEXED WHERE ${IN_RANGE} ORDER BY o.seq DESC LIMIT $most`;
