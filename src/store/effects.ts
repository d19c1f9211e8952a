import type { BreakerEffect, ErrorCode } from "../core/errors.ts";

/** How an attempt counted, as a number of one byte. */
const IGNORED = 0;
const SUCCESS = 1;
export const FAILURE = 2;
/** Ignored by breakers, but the next wait of unknown length is longer for it (HO-3). */
const RATE_LIMITED = 3;

/** The number that is kept for an attempt. Lines kept by an older version have no effect. */
export function effectNumber(effect: BreakerEffect | undefined, code: ErrorCode | null): number {
  if (code === "rate_limited") return RATE_LIMITED;
  if (effect === "success") return SUCCESS;
  return effect === "failure" ? FAILURE : IGNORED;
}

/** What a kept number says. */
export function effectOfNumber(kept: number): {
  readonly effect: BreakerEffect;
  readonly rateLimited: boolean;
} {
  const effect = kept === SUCCESS ? "success" : kept === FAILURE ? "failure" : "ignored";
  return { effect, rateLimited: kept === RATE_LIMITED };
}
