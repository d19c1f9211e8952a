import type { BreakerEffect, ErrorCode, RiptideError } from "../core/errors.ts";
import type { OperationClass } from "../core/operation.ts";
import type { Candidate } from "./candidates.ts";
import type { Refusal } from "./events.ts";

/**
 * What stands between a request and a provider: breakers, holds and the retry budget. One for each process; it outlives
 * configurations.
 */
export interface Guard {
  /** Brings in what other processes noted: everything at first, an operator's marks from then on (CB-10, CB-13). */
  refresh(candidates: readonly Candidate[], kind: OperationClass, ask?: RefreshAsk): Promise<void>;
  /** Why this candidate cannot be asked now; takes nothing. */
  refusal(candidate: Candidate, kind: OperationClass): Closed | null;
  /** Leave to make one attempt that takes at most so long, or why not. */
  enter(candidate: Candidate, kind: OperationClass, limitMs: number): Pass | Closed;
  /** The state of the breaker. */
  circuit(candidate: Candidate, kind: OperationClass): CircuitState;
  /** All that an operator sees of a provider's breaker and hold. */
  sight(candidate: Candidate, kind: OperationClass): CircuitSight;
  /** Leaves a provider alone for its rate, as a probe was told to (HM-3). */
  hold(held: HeldProvider): void;
  /** Notes an admitted operation, of which the retry budget is a share (AT-7). */
  admitted(): void;
  /** Takes one from the retry budget; false when it is spent. */
  spendRetry(): boolean;
}

/** A provider, as it is reached at this endpoint, that is to be left alone until then (Unix milliseconds). */
export interface HeldProvider {
  readonly provider: string;
  readonly endpoint: string;
  readonly untilMs: number;
}

export interface RefreshAsk {
  /** Looks now, although it was looked a moment ago: an operator has just said something. */
  readonly atOnce?: boolean;
}

export type CircuitState = "closed" | "open" | "half_open";

/** The name of a provider's breaker: one for each class of its operations (CB-1). */
export const breakerKey = (provider: string, kind: OperationClass): string => `${provider} ${kind}`;

/** A breaker, and whether its provider is left alone for another reason; times are Unix milliseconds. */
export interface CircuitSight {
  readonly state: CircuitState;
  /** What an operator imposed on it. */
  readonly forced: "open" | "closed" | null;
  readonly failures: number;
  readonly requests: number;
  readonly successRate: number | null;
  readonly openedAtMs: number | null;
  readonly retryAtMs: number | null;
  readonly halfOpenInFlight: number;
  readonly halfOpenMax: number;
  readonly hold: { readonly code: ErrorCode; readonly untilMs: number } | null;
}

/** A refusal that ends by itself. */
export interface Closed extends Refusal {
  readonly untilMs: number;
  readonly untilWallMs: number;
}

/** Leave to make one attempt; it has to be ended exactly once. */
export interface Pass {
  /** The first content has come: a trial has succeeded (CB-8). */
  committed(): void;
  end(outcome: PassOutcome): PassEnd;
}

export interface PassOutcome {
  /** Undefined when it was answered. */
  readonly error: RiptideError | undefined;
  /** What the attempt was given, and what the configuration gives one of its kind (CB-2). */
  readonly sliceMs: number;
  readonly configuredDeadlineMs: number;
}

export interface PassEnd {
  /** How the attempt is kept; `trial`: as one that was let through by a half-open breaker. */
  readonly effect: BreakerEffect;
  readonly trial: boolean;
  /** The provider or its model is left alone until then; Unix milliseconds. */
  readonly holdUntilMs: number | null;
}

const UNTOUCHED: CircuitSight = {
  ...{ state: "closed", forced: null, failures: 0, requests: 0, successRate: null, openedAtMs: null },
  ...{ retryAtMs: null, halfOpenInFlight: 0, halfOpenMax: 0, hold: null },
};

/** Lets everything through and remembers nothing, as for a probe (HM-5). */
export const openGuard: Guard = {
  refresh: async () => {},
  refusal: () => null,
  enter: () => ({
    trial: false,
    committed: () => {},
    end: () => ({ effect: "ignored", trial: false, holdUntilMs: null }),
  }),
  circuit: () => "closed",
  sight: () => UNTOUCHED,
  hold: () => {},
  admitted: () => {},
  spendRetry: () => true,
};
