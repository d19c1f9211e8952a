import type { BreakerEffect } from "../../src/core/errors.ts";
import type { BreakerOptions } from "../../src/resilience/breaker.ts";

interface Attempt {
  readonly generation: number;
  readonly voidAtMs: number;
  /** It was one of the trials of its generation. */
  readonly trial: boolean;
  ended: boolean;
}

export type NaiveBreaker = ReturnType<typeof naiveBreaker>;

/** The rules CB-3 to CB-9 in the plainest words: nothing is forgotten, everything is counted anew at each question. */
export function naiveBreaker(options: BreakerOptions) {
  const attempts: Attempt[] = [];
  const running: Attempt[] = [];
  const { failureWindowMs, recoveryTimeoutMs, halfOpenMaxRequests: most } = options;
  const percent = Math.round(options.successRateThreshold * 100);
  let needed = 1;
  while (needed * 100 < percent * most) needed += 1;
  let state: "closed" | "open" | "half_open" = "closed";
  let generation = 0;
  let openUntilMs = 0;
  /** Of the present closed time. */
  let outcomes: { readonly atMs: number; readonly failed: boolean }[] = [];
  /** Of the present round of trials; the last is when it began or a trial last counted. */
  let [successes, failures, progressMs] = [0, 0, 0];

  const trials = () => attempts.filter((one) => one.trial && one.generation === generation && !one.ended);
  const open = (atMs: number) => {
    state = "open";
    openUntilMs = atMs + recoveryTimeoutMs;
  };
  const expiresAt = () =>
    Math.max(progressMs + recoveryTimeoutMs, ...trials().map(({ voidAtMs }) => voidAtMs));
  const settle = (nowMs: number) => {
    if (state === "half_open" && nowMs >= expiresAt()) open(expiresAt());
  };
  const countsAt = (nowMs: number) => {
    const oldest = Math.floor(nowMs / 1_000) - failureWindowMs / 1_000;
    const recent = outcomes.filter(({ atMs }) => Math.floor(atMs / 1_000) > oldest);
    return { requests: recent.length, failures: recent.filter(({ failed }) => failed).length };
  };
  const endOrdinary = (effect: BreakerEffect, nowMs: number) => {
    if (effect === "ignored") return;
    outcomes.push({ atMs: nowMs, failed: effect === "failure" });
    const { requests, failures: failed } = countsAt(nowMs);
    const isPoor = (requests - failed) * 100 < percent * requests;
    const isEnough = requests >= options.minRequestThreshold && failed >= options.failureThreshold;
    if (effect === "failure" && isEnough && isPoor) open(nowMs);
  };
  const endTrial = (effect: BreakerEffect, nowMs: number) => {
    if (effect === "failure") failures += 1;
    if (effect === "success") successes += 1;
    if (effect !== "ignored") progressMs = nowMs;
    if (successes === needed) {
      state = "closed";
      outcomes = [];
    } else if (failures === most - needed + 1 || nowMs >= expiresAt()) open(nowMs);
  };

  return {
    stateAt(nowMs: number) {
      settle(nowMs);
      return state;
    },
    countsAt,
    /** Whether a caller is let in. */
    enter(nowMs: number, leaseMs: number): boolean {
      settle(nowMs);
      if (state === "open") {
        if (nowMs < openUntilMs) return false;
        state = "half_open";
        generation += 1;
        [successes, failures, progressMs] = [0, 0, nowMs];
      }
      if (state === "half_open") {
        const live = trials().filter(({ voidAtMs }) => nowMs < voidAtMs).length;
        if (live + successes + failures >= most || nowMs >= progressMs + recoveryTimeoutMs) return false;
      }
      const trial = state === "half_open";
      const attempt = { generation, voidAtMs: nowMs + leaseMs + 1_000, trial, ended: false };
      attempts.push(attempt);
      running.push(attempt);
      return true;
    },
    /** Ends the attempt at this place among the running ones; nothing if there is none. */
    end(place: number, effect: BreakerEffect, nowMs: number): void {
      settle(nowMs);
      const [attempt] = running.splice(place, 1);
      if (!attempt) return;
      attempt.ended = true;
      if (attempt.generation !== generation) return;
      const isVoid = nowMs >= attempt.voidAtMs;
      if (state === "closed") endOrdinary(effect, nowMs);
      else if (state === "half_open" && attempt.trial && !isVoid) endTrial(effect, nowMs);
    },
  };
}
