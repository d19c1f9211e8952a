import type { Clock } from "../core/clock.ts";
import type { ErrorCode, RiptideError } from "../core/errors.ts";
import type { Charge } from "../ledger/settlement.ts";
import type { Target } from "../routing/target.ts";
import type { Attempt, PipelineEvent, Refusal, Skip } from "./events.ts";
import type { Limit } from "./limit.ts";

/** The trail of one operation while it grows. */
export interface GrowingTrail {
  readonly attempts: Attempt[];
  readonly skipped: Skip[];
}

/** What the loop over candidates has to know; `C` is a candidate, `E` what one try yields. */
export interface FailoverPlan<C extends Target, E> {
  readonly candidates: readonly C[];
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** The operation's deadline D, for messages, and the moment it ends. */
  readonly deadlineMs: number;
  readonly deadlineAt: number;
  readonly maxAttempts: number;
  /** For how long an answer that has begun is read on for its usage when the caller gives up. */
  readonly drainMs: number;
  /** Leave to try this candidate now, or why it is skipped (breaker, hold). */
  permit(candidate: C): Refusal | null;
  /** Makes room for the cost of a further attempt; false when there is none. */
  afford(candidate: C): Promise<boolean>;
  /** What an attempt used, given how it failed. */
  charge(candidate: C, error: RiptideError | undefined): Charge;
  /** The provider's own cap on an attempt. */
  attemptCapMs(candidate: C): number | undefined;
  /** One try; the limit is set to its slice. Content already yielded makes a failure final. */
  tryOne(candidate: C, limit: Limit, slice: number): AsyncGenerator<E>;
  /** True for an event that the caller will have seen: the commit point (SR-2). */
  isContent(event: E): boolean;
  /** The same target once more, changed so that the failure may not repeat; undefined when that cannot help. */
  repair(candidate: C, error: RiptideError, remainingMs: number): C | undefined;
  /** Why this candidate would fail in the same way as the one that did; null when it may not. */
  sharesFate(candidate: C, failed: C, error: RiptideError): Refusal | null;
  /** Errors that fail over although their code says stop. */
  readonly alsoNext: ReadonlySet<ErrorCode>;
}

export type LoopEvent = Extract<PipelineEvent, { type: "attempt" | "failover" }>;
