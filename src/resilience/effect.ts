import { type BreakerEffect, ERRORS, type RiptideError } from "../core/errors.ts";
import { isStale } from "./repair.ts";

/** The time an attempt was given, in milliseconds. */
export interface AttemptSlice {
  readonly sliceMs: number;
  /** What the configuration gives an operation of its class. */
  readonly configuredDeadlineMs: number;
  /** The provider's own cap on an attempt. */
  readonly attemptCapMs?: number | undefined;
}

/**
 * How a breaker counts an attempt that ended so (CB-2). A caller in a hurry says nothing about the provider, so running
 * out of a short slice is not held against it.
 * @param error Undefined when the answer's own end was seen.
 */
export function effectOf(error: RiptideError | undefined, slice: AttemptSlice): BreakerEffect {
  if (!error) return "success";
  switch (error.code) {
    case "attempt_timeout":
    case "deadline_exceeded":
      return hadFullSlice(slice) ? "failure" : "ignored";
    case "connect_failed":
      return connectEffect(error, slice);
    default:
      return isStale(error) ? "ignored" : ERRORS[error.code].breaker;
  }
}

function connectEffect(error: RiptideError, slice: AttemptSlice): BreakerEffect {
  // Refused here, by the rules for addresses.
  if (error.facts.phase === "policy" || isStale(error)) return "ignored";
  const isHurried = slice.sliceMs < FULL_CONNECT_SLICE_MS && !hadFullSlice(slice);
  return error.facts.phase === "timeout" && isHurried ? "ignored" : "failure";
}

/** Connecting has at most half of the slice, and never more than 1 s (DL-4). */
const FULL_CONNECT_SLICE_MS = 2_000;

function hadFullSlice({ sliceMs, configuredDeadlineMs, attemptCapMs }: AttemptSlice): boolean {
  // Admission has used a little of the deadline before it is sliced; without this no first attempt had a full slice.
  const usedMs = Math.min(MAX_ADMISSION_MS, configuredDeadlineMs / 20);
  const fullMs = Math.floor(((configuredDeadlineMs - usedMs) * 6) / 10);
  return sliceMs >= fullMs || sliceMs >= (attemptCapMs ?? Number.POSITIVE_INFINITY);
}

const MAX_ADMISSION_MS = 100;
