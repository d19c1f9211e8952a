import type { BudgetRule } from "../core/budget.ts";
import { DAY_MS, HOUR_MS, isRolling, spanOf } from "../core/period.ts";
import type { Database } from "./database.ts";
import { scopeOf } from "./spends.ts";

/** Hours of two weeks, days of a quarter of a year: older ones say little of a limit of today. */
const HOURS_MS = 14 * DAY_MS;
const DAYS_MS = 92 * DAY_MS;

/**
 * What the dearest of a budget's last periods cost in nano-dollars, the present one included, and how many whole ones
 * there were since the first spending. Inside {@link Database.read}.
 */
export function readBudgetPeak(
  database: Database,
  { tenant, period }: Pick<BudgetRule, "tenant" | "period">,
  nowMs: number,
): { readonly peakNano: number; readonly periods: number } {
  const span = period === "hour" ? "hour" : "day";
  const rows = database
    .prepare(
      "SELECT start, spent_nano AS nano FROM windows WHERE scope = ? AND span = ? AND start >= ? ORDER BY start",
    )
    .all(scopeOf(tenant), span, nowMs - (span === "hour" ? HOURS_MS : DAYS_MS)) as unknown as Spent[]; // As queried.
  const firstMs = rows[0]?.start ?? nowMs;
  if (isRolling(period)) return rollingPeak(rows, { firstMs, nowMs, days: Number(period.slice(0, -1)) });
  const sums = Map.groupBy(rows, ({ start }) => spanOf(period, start).startMs);
  const peakNano = Math.max(0, ...[...sums.values()].map(total));
  return { peakNano, periods: wholePeriods(period, firstMs, nowMs) };
}

interface Spent {
  readonly start: number;
  readonly nano: number;
}

const total = (rows: readonly Spent[]): number => rows.reduce((sum, { nano }) => sum + nano, 0);

/** The first period counts when it was seen from its first hour or day on. */
function wholePeriods(period: "hour" | "day" | "week" | "month", firstMs: number, nowMs: number): number {
  const currentMs = spanOf(period, nowMs).startMs;
  let periods = 0;
  for (let at = firstMs; at < currentMs; at = spanOf(period, at).endMs)
    if (at === spanOf(period, at).startMs || at !== firstMs) periods += 1;
  return periods;
}

function rollingPeak(
  rows: readonly Spent[],
  { firstMs, nowMs, days }: { readonly firstMs: number; readonly nowMs: number; readonly days: number },
): { readonly peakNano: number; readonly periods: number } {
  const sums = rows.map(({ start: endMs }) =>
    total(rows.filter(({ start }) => start > endMs - days * DAY_MS && start <= endMs)),
  );
  return { peakNano: Math.max(0, ...sums), periods: Math.floor((nowMs - firstMs) / (days * DAY_MS)) };
}

/** Requests refused in the last 48 hours, by tenant and code. Inside {@link Database.read}. */
export const readRefusals = (database: Database, nowMs: number): readonly RefusalRow[] =>
  database
    .prepare("SELECT tenant, code, sum(count) AS count FROM refusals WHERE hour >= ? GROUP BY tenant, code")
    .all(nowMs - 48 * HOUR_MS) as unknown as readonly RefusalRow[]; // The columns are those of the query.

export interface RefusalRow {
  readonly tenant: string;
  readonly code: string;
  readonly count: number;
}
