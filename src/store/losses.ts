import type { BadQuarter, Further, Loss } from "../ledger/stats-facts.ts";
import type { Database } from "./database.ts";
import { COUNTED_ROWS, OF_ATTEMPTS, PLACE, type RowsWanted } from "./sequence.ts";

/** Attempts that did not answer, added up. Inside {@link Database.read}. */
export function readLosses(database: Database, wanted: RowsWanted): readonly Loss[] {
  const rows = database.prepare(LOSSES).all(wanted) as unknown as LossRow[]; // The columns are those of the query.
  return rows.map((row) => ({
    ...row,
    repaired: row.repaired === 1,
    isSecondTry: row.isSecondTry === 1,
    continued: row.continued === 1,
  }));
}

interface LossRow extends Omit<Loss, "repaired" | "isSecondTry" | "continued"> {
  readonly repaired: number;
  readonly isSecondTry: number;
  readonly continued: number;
}

const next = (kind: string): string =>
  `EXISTS (SELECT 1 FROM attempts f WHERE f.operation = a.operation AND f.n = a.n + 1 AND f.kind = '${kind}')`;

const LOSSES = `SELECT ${PLACE}, a.outcome, a.error_code AS code, a.kind = 'repair' OR ${next("repair")} AS repaired,
    ${next("continue")} AS continued, a.kind = 'repair' AS isSecondTry, count(*) AS attempts, sum(a.cost_nano) AS costNano,
    sum(a.usage_source = 'estimated') AS estimated, sum(a.input_tokens) AS inputTokens,
    sum(a.cached_tokens) AS cacheReadTokens, sum(a.cache_write_tokens) AS cacheWriteTokens,
    sum(a.output_tokens) AS outputTokens, sum(a.reasoning_tokens) AS reasoningTokens
  ${OF_ATTEMPTS} WHERE a.outcome <> 'ok' AND ${COUNTED_ROWS} GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9`;

/** Repairs, and switches from one target to the next, at the target they led away from. Inside {@link Database.read}. */
export const readFurther = (database: Database, wanted: RowsWanted): readonly Further[] =>
  database.prepare(FURTHER).all(wanted) as unknown as readonly Further[]; // The columns are those of the query.

const FURTHER = `SELECT o.tenant, coalesce(o.alias, '') AS alias, b.provider, b.model,
    iif(a.kind = 'repair', 'repair', 'failover') AS kind, count(*) AS count
  ${OF_ATTEMPTS} CROSS JOIN attempts b ON b.operation = a.operation AND b.n = a.n - 1
  WHERE a.n > 1 AND ${COUNTED_ROWS} GROUP BY 1, 2, 3, 4, 5`;

/** When attempts went wrong. Inside {@link Database.read}. */
export const readBadQuarters = (database: Database, wanted: RowsWanted): readonly BadQuarter[] =>
  database.prepare(BAD_QUARTERS).all(wanted) as unknown as readonly BadQuarter[]; // The columns are those of the query.

const BAD_QUARTERS = `SELECT a.provider, o.started - o.started % 900000 AS startMs, a.outcome, a.error_code AS code,
    count(*) AS attempts
  ${OF_ATTEMPTS} WHERE a.outcome <> 'ok' AND ${COUNTED_ROWS} GROUP BY 1, 2, 3, 4`;
