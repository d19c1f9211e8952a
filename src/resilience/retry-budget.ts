/** Keeps repairs and failovers a small share of the work, so that a failing world is not asked ever more (AT-7). */
export interface RetryBudget {
  /** Notes an admitted operation. */
  admitted(nowMs: number): void;
  /** Takes one from the budget; false when nothing is left. */
  spend(nowMs: number): boolean;
}

export interface RetryBudgetOptions {
  /** Of the operations admitted within 10 s; six decimals count. */
  readonly ratio: number;
  /** What may be spent within 10 s without any. */
  readonly floor: number;
}

/**
 * A budget of one process. Counts are kept per tenth of a second, so memory does not grow with the load. What was spent
 * is forgotten one such step late, so that no 10 s ever see more than the budget.
 * @param options Looked at whenever something is spent, so they may change.
 */
export function createRetryBudget(options: RetryBudgetOptions): RetryBudget {
  const admitted = tenths(STEPS);
  const spent = tenths(STEPS + 1);
  return {
    admitted: (nowMs) => admitted.add(nowMs),
    spend(nowMs) {
      const { ratio, floor } = options;
      const parts = Math.round(ratio * WHOLE);
      const wanted = spent.total(nowMs) + 1 - floor;
      const isLeft = wanted * WHOLE <= admitted.total(nowMs) * parts;
      if (isLeft) spent.add(nowMs);
      return isLeft;
    },
  };
}

const STEPS = 100;
const STEP_MS = 100;

/** The ratio is compared in whole parts: products of a decimal such as 0.2 are off by a little. */
const WHOLE = 1_000_000;

interface Tenths {
  add(nowMs: number): void;
  total(nowMs: number): number;
}

/** Counts of the last so many steps, the present one included. */
function tenths(size: number): Tenths {
  const counts = new Float64Array(size);
  let newest = Number.NEGATIVE_INFINITY;
  let sum = 0;
  const advance = (nowMs: number): void => {
    const step = Math.floor(nowMs / STEP_MS);
    for (let passed = Math.max(newest + 1, step - size + 1); passed <= step; passed += 1) {
      sum -= counts[slot(passed)] ?? 0;
      counts[slot(passed)] = 0;
    }
    newest = Math.max(newest, step);
  };
  const slot = (step: number): number => ((step % size) + size) % size;
  return {
    add(nowMs) {
      advance(nowMs);
      counts[slot(newest)] = (counts[slot(newest)] ?? 0) + 1;
      sum += 1;
    },
    total(nowMs) {
      advance(nowMs);
      return sum;
    },
  };
}
