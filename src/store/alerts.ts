import { crossedThresholds } from "../admission/alerts.ts";
import type { Alert, BudgetRule } from "../core/budget.ts";
import { isRolling, spanOf } from "../core/period.ts";
import type { Database } from "./database.ts";
import { scopeOf, spendOf } from "./spends.ts";

/**
 * Writes down the thresholds that a booked amount crossed, and gives those nobody was told of yet: once per level and
 * period, for a rolling period once until the spending falls below the level again (LG-13). Inside a transaction.
 */
export function raiseAlerts(
  database: Database,
  budgets: readonly BudgetRule[],
  { costNano, atMs, nowMs }: { readonly costNano: number; readonly atMs: number; readonly nowMs: number },
): readonly Alert[] {
  if (costNano === 0) return [];
  return budgets.flatMap((budget) => {
    if (budget.thresholds.length === 0) return [];
    const spend = spendOf(database, budget, atMs);
    const { startMs, endMs } = spanOf(budget.period, atMs);
    // In a calendar period every level that was reached and not told of is due, also one that leftovers reached.
    const beforeNano = isRolling(budget.period) ? spend.spentNano - costNano : 0;
    return crossedThresholds(budget, beforeNano, spend.spentNano)
      .filter((threshold) => noteAlert(database, budget, { threshold, startMs, nowMs }))
      .map((threshold) => ({ ...spend, budget, threshold, resetsAtMs: endMs }));
  });
}

/** True when the crossing had not been noted. */
function noteAlert(database: Database, { tenant, period }: BudgetRule, crossing: Crossing): boolean {
  const { threshold, startMs, nowMs } = crossing;
  const key = [scopeOf(tenant), period, isRolling(period) ? 0 : startMs, String(threshold)];
  // What is crossed again in a rolling period had fallen below in between, but not what is crossed at this very moment:
  // two budgets of one period, each with a limit of its own, can share a level.
  if (isRolling(period)) database.prepare(RESOLVE).run(nowMs, ...key, nowMs);
  const { changes } = database.prepare(NOTE).run(...key, nowMs, ...key);
  return changes === 1;
}

interface Crossing {
  readonly threshold: number;
  readonly startMs: number;
  readonly nowMs: number;
}

const RESOLVE = `UPDATE alerts SET resolved = ?
  WHERE scope = ? AND period = ? AND start = ? AND threshold = ? AND resolved IS NULL AND at <> ?`;
const NOTE = `INSERT INTO alerts (scope, period, start, threshold, at) SELECT ?, ?, ?, ?, ?
  WHERE NOT EXISTS (SELECT 1 FROM alerts
    WHERE scope = ? AND period = ? AND start = ? AND threshold = ? AND resolved IS NULL)
  ON CONFLICT DO UPDATE SET resolved = NULL`;
