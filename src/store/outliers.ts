import type { Outliers } from "../ledger/insights/facts.ts";
import type { Database } from "./database.ts";
import type { RowsWanted } from "./sequence.ts";

/** So many requests, evenly over the range, show from which cost on the dearest have to be looked at. */
const SAMPLE = 20_000;
/** Of the sample, the part that is certainly not among the dearest hundredth. */
const SURELY_BELOW = 0.97;
const PERCENTILE = 0.99;
/** Aliases that cost little have no outliers worth a look. */
const MOST_ALIASES = 20;

/** What the requests of an alias came to. */
export interface AliasTotal {
  readonly alias: string;
  readonly requests: number;
  readonly costNano: number;
}

/**
 * The requests above the 99th percentile of cost of their alias, by tenant. The percentile is exact: a sample only says
 * which requests are surely below it, so that those need not be sorted. Inside {@link Database.read}.
 */
export function readOutliers(
  database: Database,
  wanted: RowsWanted,
  totals: readonly AliasTotal[],
): readonly Outliers[] {
  const dearest = totals.toSorted((one, other) => other.costNano - one.costNano).slice(0, MOST_ALIASES);
  const costs = Map.groupBy(sampled(database, wanted), ({ alias }) => alias);
  const bounds = dearest.map(({ alias }) => [alias, lowerBound(costs.get(alias) ?? [])] as const);
  const rows = Map.groupBy(above(database, wanted, bounds), ({ alias }) => alias);
  return dearest.flatMap((total) => {
    const seen = rows.get(total.alias) ?? [];
    const all = seen.length >= aboveRank(total) ? seen : above(database, wanted, [[total.alias, -1]]);
    return outliersOf(total, all);
  });
}

interface Cost {
  readonly alias: string;
  readonly tenant: string;
  readonly nano: number;
}

const sampled = (database: Database, wanted: RowsWanted): readonly Cost[] => {
  const step = Math.max(1, Math.floor((Number(wanted.last) - Number(wanted.first) + 1) / SAMPLE));
  return database.prepare(SAMPLED).all({ ...wanted, step }) as unknown as readonly Cost[]; // The columns are those of the query.
};

const COUNTED = `o.started >= $since AND o.started < $until AND o.outcome IS NOT NULL
  AND ($tenant IS NULL OR o.tenant = $tenant) AND ($probes OR o.tenant <> '_health')`;

const COST = "coalesce(o.alias, '') AS alias, o.tenant, o.cost_nano AS nano";

const SAMPLED = `WITH RECURSIVE picked(seq) AS (
    SELECT $first UNION ALL SELECT seq + $step FROM picked WHERE seq + $step <= $last
  ) SELECT ${COST} FROM picked CROSS JOIN operations o ON o.seq = picked.seq WHERE ${COUNTED}`;

function lowerBound(costs: readonly Cost[]): number {
  const sorted = Float64Array.from(costs, ({ nano }) => nano).sort();
  // One below, so that requests of exactly this cost are among those looked at.
  return (sorted[Math.floor(sorted.length * SURELY_BELOW)] ?? 0) - 1;
}

/** How many of an alias's requests have to be at hand, from the dearest down, for its percentile to be among them. */
const aboveRank = ({ requests }: AliasTotal): number => requests - Math.ceil(requests * PERCENTILE) + 1;

/** The requests of these aliases above the bound of each. */
function above(
  database: Database,
  wanted: RowsWanted,
  bounds: readonly (readonly [alias: string, nano: number])[],
): readonly Cost[] {
  const least = Math.min(...bounds.map(([, nano]) => nano));
  const rows = database
    .prepare(ABOVE)
    .all({ ...wanted, least, bounds: JSON.stringify(Object.fromEntries(bounds)) });
  return rows as unknown as readonly Cost[]; // The columns are those of the query.
}

const ABOVE = `WITH bounds AS MATERIALIZED (SELECT key, value FROM json_each($bounds))
  SELECT ${COST} FROM operations o NOT INDEXED WHERE o.seq BETWEEN $first AND $last AND o.cost_nano > $least
    AND o.cost_nano > (SELECT value FROM bounds WHERE key = coalesce(o.alias, '')) AND ${COUNTED}`;

function outliersOf({ alias, requests, costNano }: AliasTotal, rows: readonly Cost[]): readonly Outliers[] {
  const sorted = Float64Array.from(rows, ({ nano }) => nano)
    .sort()
    .reverse();
  const p99Nano = sorted[aboveRank({ alias, requests, costNano }) - 1] ?? 0;
  const dearest = Map.groupBy(
    rows.filter(({ nano }) => nano > p99Nano),
    ({ tenant }) => tenant,
  );
  return [...dearest].map(([tenant, costs]) => ({
    ...{ alias, tenant, p99Nano },
    count: costs.length,
    costNano: costs.reduce((sum, { nano }) => sum + nano, 0),
    aliasRequests: requests,
    aliasCostNano: costNano,
  }));
}
