import type { BudgetRule } from "../core/budget.ts";

/**
 * The thresholds of a budget that spending reaches on its way from one amount to another, both in nano-dollars (LG-13).
 * A budget of nothing has none to cross.
 */
export function crossedThresholds(
  { thresholds, limitNano }: BudgetRule,
  beforeNano: number,
  afterNano: number,
): readonly number[] {
  if (limitNano === 0) return [];
  return thresholds.filter(
    (share) => !hasReached(share, limitNano, beforeNano) && hasReached(share, limitNano, afterNano),
  );
}

/** Exact at the threshold itself: a share counts in billionths, which is how fine a price is too. */
function hasReached(share: number, limitNano: number, spentNano: number): boolean {
  const beyond = spentNano / limitNano - share;
  if (Math.abs(beyond) > NEAR) return beyond > 0;
  return BigInt(spentNano) * BILLION >= BigInt(limitNano) * BigInt(Math.max(1, Math.round(share * 1e9)));
}

/** Farther from the threshold than this, a division tells as well: a share and its billionths differ by less. */
const NEAR = 1e-8;

const BILLION = 1_000_000_000n;
