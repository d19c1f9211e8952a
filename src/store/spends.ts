import type { BudgetRule, Spend } from "../core/budget.ts";
import { MAX_NANO } from "../core/money.ts";
import { spanOf } from "../core/period.ts";
import type { Database } from "./database.ts";
import { windowsIn } from "./windows.ts";

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
  const of = { scope: scopeOf(tenant), span: period === "hour" ? "hour" : "day" } as const;
  let spent = 0;
  let held = 0;
  for (const { spentNano, heldNano } of windowsIn(database, of, spanOf(period, atMs))) {
    spent += Math.max(0, spentNano);
    held += heldNano;
  }
  return { spentNano: Math.min(spent, MAX_NANO), heldNano: Math.min(held, MAX_NANO) };
}
