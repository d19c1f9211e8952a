import { BREAKER_PRESETS } from "../../src/config/presets.ts";
import type { BreakerEffect } from "../../src/core/errors.ts";
import {
  acquire,
  type Breaker,
  type BreakerOptions,
  newBreaker,
  type Permit,
  record,
} from "../../src/resilience/breaker.ts";

/** A preset as a breaker takes it. */
export function preset(name: keyof typeof BREAKER_PRESETS): BreakerOptions {
  const words = BREAKER_PRESETS[name];
  return {
    failureThreshold: words.failure_threshold,
    failureWindowMs: words.failure_window_secs * 1_000,
    minRequestThreshold: words.min_request_threshold,
    recoveryTimeoutMs: words.recovery_timeout_secs * 1_000,
    successRateThreshold: words.success_rate_threshold,
    halfOpenMaxRequests: words.half_open_max_requests,
  };
}

export const DEFAULT = preset("default");

export const LEASE_MS = 5_000;

const EFFECTS: Readonly<Record<string, BreakerEffect>> = { "+": "success", "-": "failure", ".": "ignored" };

export interface Stage {
  readonly options?: BreakerOptions;
  readonly breaker?: Breaker;
  readonly atMs?: number;
}

/** One attempt after the other at one moment: `+` success, `-` failure, `.` ignored. None may be refused. */
export function play(
  script: string,
  { options = DEFAULT, breaker = newBreaker, atMs = 0 }: Stage = {},
): Breaker {
  return [...script].reduce((before, sign, index) => {
    const effect = EFFECTS[sign];
    if (!effect) throw new Error(`no sign: ${sign}`);
    const [after, permit] = enter(before, atMs, options);
    if (!permit) throw new Error(`attempt ${index + 1} of "${script}" was refused`);
    return record(after, permit, effect, atMs, options);
  }, breaker);
}

/** The breaker after one caller came, and the permit if it was let through. */
export function enter(
  breaker: Breaker,
  atMs: number,
  options = DEFAULT,
  leaseMs = LEASE_MS,
): readonly [Breaker, Permit | undefined] {
  const acquired = acquire(breaker, atMs, options, leaseMs);
  return [acquired.breaker, acquired.ok ? acquired.permit : undefined];
}

/** As {@link enter}, for a caller who has to be let through. */
export function letIn(
  breaker: Breaker,
  atMs: number,
  options = DEFAULT,
  leaseMs = LEASE_MS,
): readonly [Breaker, Permit] {
  const [after, permit] = enter(breaker, atMs, options, leaseMs);
  if (!permit) throw new Error(`refused at ${atMs} ms`);
  return [after, permit];
}

/** Opened by ten failures at this moment. */
export const openedAt = (atMs: number, options = DEFAULT): Breaker =>
  play("-".repeat(options.minRequestThreshold), { options, atMs });
