import { DAY_MS } from "../core/period.ts";
import type { DailySpend } from "../ledger/forecast.ts";
import type { Database } from "./database.ts";
import { scopeOf } from "./spends.ts";

/** Older days say little of the next ones. */
const MOST_DAYS = 56;

/**
 * What a tenant, or with null the whole installation, spent on each of the last whole days of UTC, from the first on which
 * anything was spent. A budget's reset forgives nothing here: the money was spent.
 * @param sinceMs Earlier days are left out; absent for the last eight weeks.
 */
export function readDailySpend(
  database: Database,
  tenant: string | null,
  { nowMs, sinceMs = 0 }: { readonly nowMs: number; readonly sinceMs?: number | undefined },
): DailySpend {
  const untilMs = Math.floor(nowMs / DAY_MS) * DAY_MS;
  const fromMs = Math.max(Math.ceil(sinceMs / DAY_MS) * DAY_MS, untilMs - MOST_DAYS * DAY_MS);
  const rows = database
    .prepare(
      `SELECT start, spent_nano AS nano FROM windows
       WHERE scope = ? AND span = 'day' AND start >= ? AND start < ? AND spent_nano > 0 ORDER BY start`,
    )
    .all(scopeOf(tenant), fromMs, untilMs) as { start: number; nano: number }[]; // The columns are those of the query.
  const firstMs = rows[0]?.start ?? untilMs;
  const spent = new Map(rows.map(({ start, nano }) => [start, nano]));
  const days = Array.from(
    { length: (untilMs - firstMs) / DAY_MS },
    (_, at) => spent.get(firstMs + at * DAY_MS) ?? 0,
  );
  return { sinceMs: firstMs, days };
}
