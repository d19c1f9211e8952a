import type { BreakerEffect, ErrorCode } from "../core/errors.ts";

/** What of an attempt breakers are folded from (CB-13), besides where and when it was made. */
export interface Counted {
  readonly effect: BreakerEffect;
  /** Ignored by breakers, but the next wait of unknown length is longer for it (HO-3). */
  readonly rateLimited: boolean;
  /** Let through by a half-open breaker. */
  readonly trial: boolean;
}

const IGNORED = 0;
/** Takes no byte of its own in a row, as the one before. */
const SUCCESS = 1;
const FAILURE = 2;
const RATE_LIMITED = 3;
/** Added to the number of a trial. */
const TRIAL = 4;

/** The numbers of failures, for SQL. */
export const FAILURES = `${FAILURE}, ${FAILURE + TRIAL}`;

/** All of it as one small number, which is kept. */
export function effectNumber({ effect, code, trial }: Attempt): number {
  return numberOf(effect, code) + (trial ? TRIAL : 0);
}

interface Attempt {
  /** Lines kept by an older version have none. */
  readonly effect: BreakerEffect | undefined;
  readonly code: ErrorCode | null;
  readonly trial: boolean;
}

function numberOf(effect: BreakerEffect | undefined, code: ErrorCode | null): number {
  if (code === "rate_limited") return RATE_LIMITED;
  if (effect === "success") return SUCCESS;
  return effect === "failure" ? FAILURE : IGNORED;
}

/** What a kept number says. */
export function countedOf(kept: number): Counted {
  const number = kept % TRIAL;
  const effect = number === SUCCESS ? "success" : number === FAILURE ? "failure" : "ignored";
  return { effect, rateLimited: number === RATE_LIMITED, trial: kept >= TRIAL };
}
