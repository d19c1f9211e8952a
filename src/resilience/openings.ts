import type { BreakerEffect } from "../core/errors.ts";
import { acquire, type Breaker, type BreakerOptions, newBreaker, ordinaryPermit, record } from "./breaker.ts";

/** One attempt at one endpoint and of one class, as the ledger keeps it. */
export interface CountedOutcome {
  readonly effect: BreakerEffect;
  readonly trial: boolean;
  readonly endedMs: number;
}

/** How often a breaker opened while it saw these outcomes, in the order of their end; a failed trial opens it again. */
export function countOpenings(outcomes: readonly CountedOutcome[], options: BreakerOptions): number {
  let breaker: Breaker = newBreaker;
  let openings = 0;
  for (const outcome of outcomes) {
    const seen = step(breaker, outcome, options);
    if (seen.state === "open" && openedAt(seen) !== openedAt(breaker)) openings += 1;
    breaker = seen;
  }
  return openings;
}

const openedAt = (breaker: Breaker): number | null => (breaker.state === "open" ? breaker.openedAtMs : null);

function step(
  breaker: Breaker,
  { effect, trial, endedMs }: CountedOutcome,
  options: BreakerOptions,
): Breaker {
  if (!trial) return record(breaker, ordinaryPermit(breaker), effect, endedMs, options);
  const acquired = acquire(breaker, endedMs, options, 0);
  const permit = acquired.ok ? acquired.permit : ordinaryPermit(breaker);
  return record(acquired.breaker, permit, effect, endedMs, options);
}
