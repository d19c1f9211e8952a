import type { TimeRange } from "../ledger/range.ts";
import type { Database } from "./database.ts";
import { tenantFilter } from "./usage-reader.ts";

/** Which operations a question is about. */
export interface RowsAsk {
  readonly range: TimeRange;
  /** Only this tenant; undefined for all. Health probes never count. */
  readonly tenant?: string | undefined;
}

/** The parameters of {@link COUNTED_ROWS}. */
export interface RowsWanted {
  readonly [name: string]: number | string | null;
}

/**
 * The numbers between which a range's operations lie, so that attempts, which are kept by the number of their operation,
 * are found without reading all of them. Undefined where there is none. Inside {@link Database.read}.
 */
export function rowsWanted(database: Database, { range, tenant }: RowsAsk): RowsWanted | undefined {
  const { sinceMs, untilMs } = range;
  const { first, last } = (
    isWhole(database, range)
      ? database.prepare(ENDS).get()
      : database.prepare(ENDS_WITHIN).get(sinceMs, untilMs)
  ) as { readonly first: number | null; readonly last: number | null }; // One row, as queried.
  if (first === null || last === null) return undefined;
  return { first, last, since: sinceMs, until: untilMs, ...tenantFilter({ tenant, probes: false }) };
}

/** Whether a range holds all there is, so that nobody has to look through it for its ends. */
function isWhole(database: Database, { sinceMs, untilMs }: TimeRange): boolean {
  const { firstMs, lastMs } = database
    .prepare(
      "SELECT (SELECT min(started) FROM operations) AS firstMs, (SELECT max(started) FROM operations) AS lastMs",
    )
    .get() as { readonly firstMs: number | null; readonly lastMs: number | null }; // One row, as queried.
  return firstMs !== null && lastMs !== null && firstMs >= sinceMs && lastMs < untilMs;
}

const ENDS_WITHIN =
  "SELECT min(seq) AS first, max(seq) AS last FROM operations WHERE started >= ? AND started < ?";
const ENDS = "SELECT (SELECT min(seq) FROM operations) AS first, (SELECT max(seq) FROM operations) AS last";

/** Which attempts `a` of operations `o` are wanted. */
export const COUNTED_ROWS = `a.operation BETWEEN $first AND $last AND o.started >= $since AND o.started < $until
  AND ($tenant IS NULL OR o.tenant = $tenant) AND ($probes OR o.tenant <> '_health')`;

/** The operation of an attempt. A CROSS JOIN keeps SQLite from reading all operations first. */
export const OF_ATTEMPTS = "FROM attempts a CROSS JOIN operations o ON o.seq = a.operation";

/** The columns of a place. */
export const PLACE = "o.tenant, coalesce(o.alias, '') AS alias, a.provider, a.model";
