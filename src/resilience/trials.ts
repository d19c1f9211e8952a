import type { BreakerEffect } from "../core/errors.ts";
import { type BreakerOptions, trialsNeeded } from "./thresholds.ts";
import type { Window } from "./window.ts";

/** Leave to make one attempt. */
export interface Permit {
  /** Of the breaker when it was given; an outcome decides something only in its own generation (CB-8). */
  readonly generation: number;
  /** Given by a half-open breaker, whose fate it decides. */
  readonly trial: boolean;
  /** Which of its generation's trials it is; 0 for an ordinary attempt. */
  readonly lease: number;
}

/** A breaker that lets a few trials through to find out whether the provider answers again. */
export interface HalfOpen {
  readonly state: "half_open";
  readonly generation: number;
  /** Statistics: the outcomes before and since, which decide nothing here. */
  readonly window: Window;
  readonly openedAtMs: number;
  /** When it was entered, or a trial last brought the verdict nearer. */
  readonly progressMs: number;
  /** Trials that are running. */
  readonly leases: readonly Lease[];
  /** Leases whose trial succeeded. */
  readonly succeeded: readonly number[];
  readonly failures: number;
  readonly lastLease: number;
}

interface Lease {
  readonly id: number;
  /** From then on the trial counts as lost, and its result is statistics. */
  readonly voidAtMs: number;
}

/** A result cannot come later than this after its attempt's limit, unless it got lost (CB-8). */
const LEASE_GRACE_MS = 1_000;

/** One more trial. Whether there is room for it says {@link nextTrialAt}. */
export function lease(
  trials: HalfOpen,
  nowMs: number,
  leaseMs: number,
): { readonly breaker: HalfOpen; readonly permit: Permit } {
  const id = trials.lastLease + 1;
  const voidAtMs = nowMs + leaseMs + LEASE_GRACE_MS;
  return {
    breaker: { ...trials, leases: [...trials.leases, { id, voidAtMs }], lastLease: id },
    permit: { generation: trials.generation, trial: true, lease: id },
  };
}

/** Without the leases that are void by now. */
export function withoutVoid(trials: HalfOpen, nowMs: number): HalfOpen {
  const leases = trials.leases.filter(({ voidAtMs }) => nowMs < voidAtMs);
  return leases.length === trials.leases.length ? trials : { ...trials, leases };
}

/**
 * When it opens again for want of a verdict (CB-9): after the recovery time without a trial that counted, but not
 * while one is running that may still count.
 */
export const expiresAt = (trials: HalfOpen, options: BreakerOptions): number =>
  Math.max(patienceEnds(trials, options), ...trials.leases.map(({ voidAtMs }) => voidAtMs));

const patienceEnds = ({ progressMs }: HalfOpen, { recoveryTimeoutMs }: BreakerOptions): number =>
  progressMs + recoveryTimeoutMs;

/**
 * When the next trial can begin if none of the running ones reports; null for now. Void leases have to be gone, and
 * it may not have expired. Once its patience is over it gives no new lease, or trials that are all ignored could keep
 * it half open for ever (CB-9).
 */
export function nextTrialAt(trials: HalfOpen, nowMs: number, options: BreakerOptions): number | null {
  const patientUntil = patienceEnds(trials, options);
  const taken = trials.leases.length + trials.succeeded.length + trials.failures;
  if (nowMs < patientUntil && taken < options.halfOpenMaxRequests) return null;
  const firstVoid = Math.min(...trials.leases.map(({ voidAtMs }) => voidAtMs));
  if (firstVoid < patientUntil) return firstVoid;
  return expiresAt(trials, options) + options.recoveryTimeoutMs;
}

/**
 * The trials after one of them ended. Its success counts once; a failure after it, when a stream broke that had begun
 * well, counts as well (CB-8). The result of a lost lease decides nothing.
 */
export function tried(trials: HalfOpen, { lease }: Permit, effect: BreakerEffect, nowMs: number): HalfOpen {
  const isRunning = trials.leases.some(({ id }) => id === lease);
  if (!isRunning && !(effect === "failure" && trials.succeeded.includes(lease))) return trials;
  const leases = trials.leases.filter(({ id }) => id !== lease);
  if (effect === "ignored") return { ...trials, leases };
  const counted = { ...trials, leases, progressMs: nowMs };
  return effect === "failure"
    ? { ...counted, failures: trials.failures + 1 }
    : { ...counted, succeeded: [...trials.succeeded, lease] };
}

/** Decided as soon as the trials that are left cannot change it any more (CB-7). */
export function verdict(
  { succeeded, failures }: HalfOpen,
  options: BreakerOptions,
): "passed" | "failed" | null {
  const needed = trialsNeeded(options);
  if (succeeded.length >= needed) return "passed";
  return failures > options.halfOpenMaxRequests - needed ? "failed" : null;
}
