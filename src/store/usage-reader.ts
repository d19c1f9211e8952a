import { type Extent, piecesOf, spansOf, type TimeRange, widened, withinExtent } from "../ledger/range.ts";
import { type Dimension, type GroupKey, isUnit, type UsageGroup, type UsageSums } from "../ledger/report.ts";
import type { Unit, Zone } from "../ledger/zone.ts";
import type { Database } from "./database.ts";
import { type UsageSource, usageSource } from "./usage-source.ts";

/** The tenant that health probes are accounted to. */
const PROBE_TENANT = "_health";

export interface UsageAsk {
  /** In whole quarters of an hour. */
  readonly range: TimeRange;
  readonly by: readonly Dimension[];
  readonly zone: Zone;
  /** Only this tenant; undefined for all. */
  readonly tenant?: string | undefined;
  /** Counts health probes too. */
  readonly probes: boolean;
}

/** The sums of a range, by the dimensions asked for. Inside {@link Database.read}, so that they fit together. */
export function readUsage(database: Database, ask: UsageAsk): readonly UsageGroup[] {
  const extent = readExtent(database);
  const range = extent && withinExtent(ask.range, extent);
  if (!range) return [];
  const source = usageSource(ask.by);
  return spansOf(range, ask.by.filter(isUnit), ask.zone).flatMap((span) =>
    // Rows are found by their time; sums lie in days and quarters of an hour.
    (source.kind === "rows"
      ? [{ ...span, rollup: "day" as const }]
      : piecesOf(widened(span, extent))
    ).flatMap((piece) => groupsOf(database, { source, ask, piece, names: span.names })),
  );
}

/** When the first and the last settled operation began; undefined for an empty ledger. */
export function readExtent(database: Database): Extent | undefined {
  const { firstMs, lastMs } = database
    .prepare(
      `SELECT (SELECT min(start) FROM rollup_quarter) AS firstMs, (SELECT max(start) FROM rollup_quarter) AS lastMs`,
    )
    .get() as { readonly firstMs: number | null; readonly lastMs: number | null }; // One row, as queried.
  return firstMs === null || lastMs === null ? undefined : { firstMs, lastMs };
}

/** Whose operations count, as parameters of the queries. */
export const tenantFilter = ({ tenant, probes }: Pick<UsageAsk, "tenant" | "probes">) => ({
  tenant: tenant ?? null,
  probes: probes || tenant === PROBE_TENANT ? 1 : 0,
});

interface Part {
  readonly source: UsageSource;
  readonly ask: UsageAsk;
  readonly piece: TimeRange & { readonly rollup: "day" | "quarter" };
  readonly names: Readonly<Partial<Record<Unit, string>>>;
}

function groupsOf(database: Database, { source, ask, piece, names }: Part): UsageGroup[] {
  const statement = database.prepare(source.sql[piece.rollup]);
  statement.setReadBigInts(true);
  const rows = statement.all({
    since: piece.sinceMs,
    until: piece.untilMs,
    ...tenantFilter(ask),
    ...source.parameters,
  });
  return rows.map((row) => {
    const sums = row as unknown as UsageSums; // The columns that are sums are named so, and read as BigInt.
    return { key: keyOf(row as Record<string, string | null>, ask.by, names), sums: onlySums(sums) };
  });
}

function keyOf(
  row: Readonly<Record<string, string | null>>,
  by: readonly Dimension[],
  names: Part["names"],
): GroupKey {
  const tags = by.filter((dimension) => dimension.startsWith("tag:"));
  const value = (dimension: Dimension): string | null => {
    if (isUnit(dimension)) return names[dimension] ?? null;
    if (dimension === "model") return row.model ? `${row.provider}/${row.model}` : null;
    return row[dimension.startsWith("tag:") ? `tag${tags.indexOf(dimension)}` : dimension] || null;
  };
  return Object.fromEntries(by.map((dimension) => [dimension, value(dimension)]));
}

const onlySums = (row: UsageSums): UsageSums => ({
  requests: row.requests,
  failed: row.failed,
  unpriced: row.unpriced,
  unreconciled: row.unreconciled,
  attempts: row.attempts,
  estimated: row.estimated,
  inputTokens: row.inputTokens,
  cacheReadTokens: row.cacheReadTokens,
  cacheWriteTokens: row.cacheWriteTokens,
  outputTokens: row.outputTokens,
  reasoningTokens: row.reasoningTokens,
  costNano: row.costNano,
  unreconciledNano: row.unreconciledNano,
});
