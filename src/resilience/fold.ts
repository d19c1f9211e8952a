import {
  acquire,
  type Breaker,
  type BreakerOptions,
  failTrial,
  newBreaker,
  ordinaryPermit,
  record,
  settleTime,
} from "./breaker.ts";
import type { OutcomeRow } from "./history.ts";

export interface FoldTime {
  /** The moment for which the state is wanted. */
  readonly nowMs: number;
  /** The clock's time of a calendar time (Unix milliseconds). */
  readonly at: (wallMs: number) => number;
  /** Rows that ended at this calendar time or before count no more: that of the last reset (CB-10). */
  readonly since?: number | null | undefined;
}

/**
 * The state a process starts with (CB-13): the outcomes that others noted of one endpoint and class, in order of their
 * end, replayed through the breaker as if this process had made the attempts.
 *
 * A row does not say when its attempt began. So a trial begins here when it ends, and an attempt from before the
 * circuit opened that ends after it closed again counts like a new one.
 */
export function foldOutcomes(
  rows: readonly OutcomeRow[],
  options: BreakerOptions,
  { nowMs, at, since }: FoldTime,
): Breaker {
  let breaker: Breaker = newBreaker;
  for (const row of rows) {
    const endedAtMs = at(row.endedMs);
    if (row.endedMs <= (since ?? Number.NEGATIVE_INFINITY) || endedAtMs > nowMs + MAX_SKEW_MS) continue;
    breaker = replayed(breaker, row, Math.min(endedAtMs, nowMs), options);
  }
  return settleTime(breaker, nowMs, options);
}

/** How far back outcomes can matter. */
export const outcomeWindowMs = ({ failureWindowMs, recoveryTimeoutMs }: BreakerOptions): number =>
  failureWindowMs + recoveryTimeoutMs;

/** Two processes may read the clock so far apart; a row from later than that was written by a wrong clock. */
const MAX_SKEW_MS = 1_000;

function replayed(
  breaker: Breaker,
  { effect, trial }: OutcomeRow,
  nowMs: number,
  options: BreakerOptions,
): Breaker {
  const settled = settleTime(breaker, nowMs, options);
  if (!trial) return record(settled, ordinaryPermit(settled), effect, nowMs, options);
  if (effect === "failure") return failTrial(settled, nowMs, options);
  const acquired = acquire(dueForTrial(settled, nowMs), nowMs, options, 0);
  const permit = acquired.ok ? acquired.permit : ordinaryPermit(settled);
  return record(acquired.breaker, permit, effect, nowMs, options);
}

/**
 * Trials of the round that opened the circuit end soon after; those of the next begin when its time is over. As their
 * beginnings are not known, that time may seem to end a little later here than it did.
 */
function dueForTrial(breaker: Breaker, nowMs: number): Breaker {
  if (breaker.state !== "open") return breaker;
  const isNextRound = nowMs - breaker.openedAtMs > breaker.untilMs - nowMs;
  return isNextRound ? { ...breaker, untilMs: Math.min(breaker.untilMs, nowMs) } : breaker;
}
