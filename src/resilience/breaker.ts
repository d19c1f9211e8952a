import { type BreakerEffect, unreachable } from "../core/errors.ts";
import { type BreakerOptions, type Counts, opensAt } from "./thresholds.ts";
import {
  expiresAt,
  type HalfOpen,
  lease,
  nextTrialAt,
  type Permit,
  tried,
  verdict,
  withoutVoid,
} from "./trials.ts";
import { counted, countsIn, emptyWindow, type Window } from "./window.ts";

export type { BreakerOptions, Counts } from "./thresholds.ts";
export type { Permit } from "./trials.ts";

/**
 * Keeps requests away from a provider that fails (CB-1): a value, which every step replaces. Times are milliseconds of
 * one clock that never goes back. The generation rises with each round of trials, so that late results are told apart.
 */
export type Breaker = Closed | Open | HalfOpen;

interface Closed {
  readonly state: "closed";
  readonly generation: number;
  readonly window: Window;
}

interface Open {
  readonly state: "open";
  readonly generation: number;
  /** Statistics: what led to this, and results that came later. */
  readonly window: Window;
  readonly openedAtMs: number;
  readonly untilMs: number;
  readonly reason: OpenReason;
}

/** `trials_expired`: they came to no verdict (CB-9). `tripped`: by an operator. */
export type OpenReason = "failures" | "trial_failed" | "trials_expired" | "tripped";

export const newBreaker: Breaker = { state: "closed", generation: 0, window: emptyWindow };

export type Acquired =
  | { readonly ok: true; readonly breaker: Breaker; readonly permit: Permit }
  | { readonly ok: false; readonly breaker: Breaker; readonly retryAtMs: number };

/**
 * Asks for leave to make one attempt (CB-5, CB-6). The permit has to come back through {@link record}.
 * @param leaseMs The attempt's limit; a trial that has not reported a second after it counts as lost (CB-8).
 */
export function acquire(breaker: Breaker, nowMs: number, options: BreakerOptions, leaseMs: number): Acquired {
  const settled = settleTime(breaker, nowMs, options);
  if (settled.state === "closed") return { ok: true, breaker: settled, permit: ordinaryPermit(settled) };
  const retryAtMs = retryAt(settled, nowMs, options);
  if (retryAtMs !== null) return { ok: false, breaker: settled, retryAtMs };
  const trials = settled.state === "open" ? halfOpened(settled, nowMs) : settled;
  return { ok: true, ...lease(trials, nowMs, leaseMs) };
}

/** Leave that decides nothing about a half-open breaker. */
export const ordinaryPermit = ({ generation }: Breaker): Permit => ({ generation, trial: false, lease: 0 });

/**
 * Takes an attempt's outcome. Of a closed breaker it counts if the attempt was begun in the same generation, a trial
 * that outlived its verdict included; what was begun before the circuit last opened says nothing about the provider
 * of today. Of an open one it is statistics and extends nothing (CB-5). Of a half-open one only its own trials decide
 * (CB-7, CB-8).
 */
export function record(
  breaker: Breaker,
  permit: Permit,
  effect: BreakerEffect,
  nowMs: number,
  options: BreakerOptions,
): Breaker {
  const settled = settleTime(breaker, nowMs, options);
  const isOwn = permit.generation === settled.generation;
  const noted = settled.state === "closed" && !isOwn ? settled : tally(settled, effect, nowMs, options);
  switch (noted.state) {
    case "closed":
      return effect === "failure" && isOwn ? judged(noted, nowMs, options) : noted;
    case "open":
      return noted;
    case "half_open":
      return isOwn ? decided(tried(noted, permit, effect, nowMs), nowMs, options) : noted;
    default:
      return unreachable(noted);
  }
}

/** Notes an outcome in the counts alone; the state stays, whatever they say. */
export function tally(
  breaker: Breaker,
  effect: BreakerEffect,
  nowMs: number,
  options: BreakerOptions,
): Breaker {
  if (effect === "ignored") return breaker;
  return {
    ...breaker,
    window: counted(breaker.window, effect === "failure", nowMs, options.failureWindowMs),
  };
}

/** Until when {@link acquire} would refuse if nothing else happens; null when it would let one through. */
export function retryAt(breaker: Breaker, nowMs: number, options: BreakerOptions): number | null {
  const settled = settleTime(breaker, nowMs, options);
  switch (settled.state) {
    case "closed":
      return null;
    case "open":
      return nowMs < settled.untilMs ? settled.untilMs : null;
    case "half_open":
      return nextTrialAt(settled, nowMs, options);
    default:
      return unreachable(settled);
  }
}

/**
 * What time alone has changed: lost leases are void, and trials that came to nothing open the circuit again as of the
 * moment they did (CB-9). An open circuit stays open past its time until somebody asks (CB-6).
 */
export function settleTime(breaker: Breaker, nowMs: number, options: BreakerOptions): Breaker {
  if (breaker.state !== "half_open") return breaker;
  const expiredMs = expiresAt(breaker, options);
  return nowMs < expiredMs
    ? withoutVoid(breaker, nowMs)
    : opened(breaker, expiredMs, expiredMs + options.recoveryTimeoutMs, "trials_expired");
}

/** Opens the circuit until then, as an operator may (CB-10). */
export const trip = (breaker: Breaker, nowMs: number, untilMs: number): Breaker =>
  opened(breaker, nowMs, untilMs, "tripped");

/** Opens the circuit for the recovery time after a failed trial, whatever the counts (CB-13). */
export const failTrial = (breaker: Breaker, nowMs: number, options: BreakerOptions): Breaker =>
  opened(breaker, nowMs, nowMs + options.recoveryTimeoutMs, "trial_failed");

/** A closed breaker for which nothing of before counts, attempts that are still running included (CB-10). */
export const cleared = ({ generation }: Breaker): Breaker => ({
  ...newBreaker,
  generation: generation + 1,
});

/** What was counted within the window; of a circuit that is not closed these are statistics. */
export const countsOf = ({ window }: Breaker, nowMs: number, options: BreakerOptions): Counts =>
  countsIn(window, nowMs, options.failureWindowMs);

function judged(breaker: Closed, nowMs: number, options: BreakerOptions): Breaker {
  if (!opensAt(countsOf(breaker, nowMs, options), options)) return breaker;
  return opened(breaker, nowMs, nowMs + options.recoveryTimeoutMs, "failures");
}

function decided(trials: HalfOpen, nowMs: number, options: BreakerOptions): Breaker {
  const result = verdict(trials, options);
  if (result === "passed") return { ...newBreaker, generation: trials.generation };
  if (result === "failed") return failTrial(trials, nowMs, options);
  if (nowMs < expiresAt(trials, options)) return trials;
  return opened(trials, nowMs, nowMs + options.recoveryTimeoutMs, "trials_expired");
}

const opened = (
  { generation, window }: Breaker,
  openedAtMs: number,
  untilMs: number,
  reason: OpenReason,
): Open => ({ state: "open", generation, window, openedAtMs, untilMs, reason });

const halfOpened = ({ generation, window, openedAtMs }: Open, nowMs: number): HalfOpen => ({
  state: "half_open",
  generation: generation + 1,
  window,
  openedAtMs,
  progressMs: nowMs,
  leases: [],
  succeeded: [],
  failures: 0,
  lastLease: 0,
});
