import type { BudgetRule, Spend } from "../core/budget.ts";
import { clampNano } from "../core/money.ts";
import { spanOf } from "../core/period.ts";
import type { Database } from "./database.ts";

/** The scope of a window: a tenant's name, or nothing for the whole installation. */
export const scopeOf = (tenant: string | null): string => tenant ?? "";

/**
 * What a budget's period has seen up to `atMs`. Hours are windows of their own; every longer period is the sum of its
 * day windows, so a budget that is new counts what was spent before it.
 */
export function spendOf(
  database: Database,
  { tenant, period }: Pick<BudgetRule, "tenant" | "period">,
  atMs: number,
): Spend {
  const { startMs, endMs } = spanOf(period, atMs);
  database.sums.write();
  const sums = database.prepare(
    `SELECT coalesce(sum(max(0, spent_nano - forgiven_nano)), 0) AS spent, coalesce(sum(held_nano), 0) AS held
     FROM windows WHERE scope = ? AND span = ? AND start >= ? AND start < ?`,
  );
  sums.setReadBigInts(true);
  const { spent, held } = sums.get(scopeOf(tenant), period === "hour" ? "hour" : "day", startMs, endMs) as {
    readonly spent: bigint;
    readonly held: bigint;
  }; // An aggregate without GROUP BY gives exactly one row.
  return { spentNano: clampNano(spent), heldNano: clampNano(held) };
}
