import type { Dimension } from "../ledger/report.ts";
import { firstUnpriced } from "./booking.ts";

/** The queries that answer a grouping. */
export interface UsageSource {
  /** Rollups know no tags; those are read from the rows. */
  readonly kind: "rollups" | "rows";
  readonly sql: Readonly<Record<"day" | "quarter", string>>;
  /** The tags' names; every other parameter is the same for all groupings. */
  readonly parameters: Readonly<Record<string, string>>;
}

/** The queries for these dimensions; their texts are put together from the words of this file alone. */
export function usageSource(by: readonly Dimension[]): UsageSource {
  const tags = by.filter((dimension) => dimension.startsWith("tag:"));
  const columns = [
    ...by.flatMap((dimension) => COLUMNS[dimension] ?? []),
    ...tags.map((_, at) => `tag${at}`),
  ];
  const keys = [...new Set(columns)];
  if (tags.length === 0) {
    const sql = { day: rollupQuery("rollup_day", keys), quarter: rollupQuery("rollup_quarter", keys) };
    return { kind: "rollups", sql, parameters: {} };
  }
  const query = rowQuery(keys, tags.length);
  const parameters = Object.fromEntries(tags.map((tag, at) => [`tag${at}`, tag.slice("tag:".length)]));
  return { kind: "rows", sql: { day: query, quarter: query }, parameters };
}

/** A model's name alone means little: two providers may have it. Times come from the range that is queried. */
const COLUMNS: Readonly<Record<string, readonly string[]>> = {
  provider: ["provider"],
  model: ["provider", "model"],
  alias: ["alias"],
  tenant: ["tenant"],
  outcome: ["outcome"],
};

const SUMMED = `sum(requests) AS requests, sum(failed) AS failed, sum(unpriced) AS unpriced,
  sum(CASE outcome WHEN 'unreconciled' THEN requests ELSE 0 END) AS unreconciled,
  sum(attempts) AS attempts, sum(estimated) AS estimated, sum(input_tokens) AS inputTokens,
  sum(cached_tokens) AS cacheReadTokens, sum(cache_write_tokens) AS cacheWriteTokens,
  sum(output_tokens) AS outputTokens, sum(reasoning_tokens) AS reasoningTokens,
  sum(cost_nano) AS costNano, sum(unreconciled_nano) AS unreconciledNano`;

const COUNTED = "($tenant IS NULL OR tenant = $tenant) AND ($probes OR tenant <> '_health')";

const rollupQuery = (table: "rollup_day" | "rollup_quarter", keys: readonly string[]): string =>
  `${grouped(keys, table)} WHERE start >= $since AND start < $until AND ${COUNTED} ${groupBy(keys)}`;

const grouped = (keys: readonly string[], from: string): string =>
  `SELECT ${[...keys, SUMMED].join(", ")} FROM ${from}`;

/** Nothing to add up makes no group, also where there is nothing to group by. */
const groupBy = (keys: readonly string[]): string =>
  `${keys.length > 0 ? `GROUP BY ${keys.join(", ")}` : ""} HAVING count(*) > 0`;

/**
 * The same sums from the rows: a request where it was answered or last tried, tokens and cost where they arose. A CROSS
 * JOIN keeps SQLite from reading all attempts first.
 */
function rowQuery(keys: readonly string[], tags: number): string {
  const names = Array.from({ length: tags }, (_, at) => `tag${at}`);
  const values = names.map((name) => `(SELECT value FROM json_each(tags) WHERE key = $${name}) AS ${name}`);
  const facts = ["c.tenant", "coalesce(c.alias, '') AS alias", "c.outcome AS outcome", ...names].join(", ");
  return `WITH chosen AS MATERIALIZED (
      SELECT seq, tenant, alias, outcome, unpriced, winner, ${values.join(", ")}
      FROM operations
      WHERE started >= $since AND started < $until AND outcome IS NOT NULL AND ${COUNTED}
    ), counted AS (
      SELECT ${facts}, coalesce(h.provider, '') AS provider, coalesce(h.model, '') AS model, 1 AS requests,
        c.outcome <> 'ok' AS failed, 0 AS unpriced, 0 AS attempts, 0 AS estimated, 0 AS input_tokens, 0 AS cached_tokens,
        0 AS cache_write_tokens, 0 AS output_tokens, 0 AS reasoning_tokens, 0 AS cost_nano, 0 AS unreconciled_nano
      FROM chosen c LEFT JOIN attempts h ON h.operation = c.seq
        AND h.n = coalesce(c.winner, (SELECT max(n) FROM attempts WHERE operation = c.seq))
      UNION ALL
      SELECT ${facts}, a.provider, a.model, 0, 0, c.unpriced AND a.n = ${firstUnpriced("c.seq")}, 1, a.usage_source = 'estimated', a.input_tokens,
        a.cached_tokens, a.cache_write_tokens, a.output_tokens, a.reasoning_tokens, a.cost_nano,
        iif(a.usage_source = 'unreconciled', a.cost_nano, 0)
      FROM chosen c CROSS JOIN attempts a ON a.operation = c.seq
    ) ${grouped(keys, "counted")} ${groupBy(keys)}`;
}
