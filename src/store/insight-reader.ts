import type { LongPrompts, Traffic } from "../ledger/insights/facts.ts";
import type { TimeRange } from "../ledger/range.ts";
import { UTC } from "../ledger/zone.ts";
import type { Database } from "./database.ts";
import { LATENCY_BOUNDS_MS, LATENCY_COLUMNS } from "./schema.ts";
import { COUNTED_ROWS, OF_ATTEMPTS, PLACE, type RowsAsk, type RowsWanted } from "./sequence.ts";
import { readUsage } from "./usage-reader.ts";

/**
 * What was asked for at each place, from the sums; requests whose process died are left out. Inside
 * {@link Database.read}.
 * @param range In whole quarters of an hour.
 */
export function readTraffic(
  database: Database,
  { range, tenant }: RowsAsk,
  outcomes: readonly string[],
): readonly Traffic[] {
  const by = ["tenant", "alias", "provider", "model", "outcome"] as const;
  const groups = readUsage(database, { range, tenant, by, zone: UTC, probes: false });
  const places = new Map<string, Traffic>();
  for (const { key, sums } of groups) {
    if (!outcomes.includes(key.outcome ?? "") || !key.provider) continue;
    const { tenant: whose, alias, provider, model } = key;
    const place = {
      tenant: whose ?? "",
      alias: alias ?? "",
      provider,
      model: model?.slice(provider.length + 1) ?? "",
    };
    const id = JSON.stringify(Object.values(place));
    const known = places.get(id);
    const plus = (name: keyof typeof sums & keyof Traffic) => (known?.[name] ?? 0) + Number(sums[name]);
    places.set(id, {
      ...place,
      requests: plus("requests"),
      attempts: plus("attempts"),
      unpriced: plus("unpriced"),
      costNano: plus("costNano"),
      inputTokens: plus("inputTokens"),
      cacheReadTokens: plus("cacheReadTokens"),
      cacheWriteTokens: plus("cacheWriteTokens"),
      outputTokens: plus("outputTokens"),
      reasoningTokens: plus("reasoningTokens"),
    });
  }
  return [...places.values()];
}

/**
 * The tokens of answers with prompts longer than the least of these bounds, by the highest of the bounds they pass.
 * Inside {@link Database.read}.
 */
export function readLongPrompts(
  database: Database,
  wanted: RowsWanted,
  bounds: readonly number[],
): readonly LongPrompts[] {
  if (bounds.length === 0) return [];
  const rows = database
    .prepare(LONG)
    .all({ ...wanted, least: Math.min(...bounds), bounds: JSON.stringify(bounds) });
  return rows as unknown as readonly LongPrompts[]; // The columns are those of the query.
}

const LONG = `SELECT ${PLACE},
    (SELECT max(value) FROM json_each($bounds) WHERE value < a.input_tokens) AS aboveTokens,
    sum(a.input_tokens) AS inputTokens, sum(a.cached_tokens) AS cacheReadTokens,
    sum(a.cache_write_tokens) AS cacheWriteTokens, sum(a.output_tokens) AS outputTokens,
    sum(a.reasoning_tokens) AS reasoningTokens
  ${OF_ATTEMPTS} WHERE a.outcome = 'ok' AND a.input_tokens > $least AND ${COUNTED_ROWS} GROUP BY 1, 2, 3, 4, 5`;

/** How many milliseconds half of each target's requests took at most, to the bound; from whole days. */
export function readMedians(
  database: Database,
  { sinceMs, untilMs }: TimeRange,
): ReadonlyMap<string, number> {
  const rows = database.prepare(MEDIANS).all(sinceMs, untilMs) as Readonly<Record<string, string | number>>[]; // As queried.
  return new Map(
    rows.flatMap((row) => {
      const median = medianBound(LATENCY_COLUMNS.map((column) => Number(row[column])));
      return median === undefined ? [] : [[`${row.provider}/${row.model}`, median] as const];
    }),
  );
}

const MEDIANS = `SELECT provider, model, ${LATENCY_COLUMNS.map((column) => `sum(${column}) AS ${column}`).join(", ")}
  FROM rollup_day WHERE start >= ? - 86399999 AND start < ? AND tenant <> '_health' AND outcome = 'ok' AND provider <> ''
  GROUP BY provider, model`;

function medianBound(counts: readonly number[]): number | undefined {
  const half = counts.reduce((sum, count) => sum + count, 0) / 2;
  if (half === 0) return undefined;
  let seen = 0;
  const at = counts.findIndex((count) => {
    seen += count;
    return seen >= half;
  });
  return LATENCY_BOUNDS_MS[at];
}
