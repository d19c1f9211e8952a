import type { Clock } from "../core/clock.ts";
import type { ErrorCode, RiptideError } from "../core/errors.ts";
import type { OperationClass } from "../core/operation.ts";
import type { Random } from "../core/random.ts";
import type { Charge } from "../ledger/settlement.ts";
import type { Progress } from "../wire/http.ts";
import type { Candidate } from "./candidates.ts";
import type { Attempt, PipelineEvent, Refusal, Skip } from "./events.ts";
import type { Guard } from "./guard.ts";
import type { Limit } from "./limit.ts";
import type { Tell } from "./tell.ts";

/** The trail of one operation while it grows. */
export interface GrowingTrail {
  readonly attempts: Attempt[];
  readonly skipped: Skip[];
}

/** What the loop over candidates has to know; `C` is a candidate, `E` what one try tells. */
export interface FailoverPlan<C extends Candidate, E> {
  readonly operationClass: OperationClass;
  readonly candidates: readonly C[];
  readonly clock: Clock;
  readonly random: Random;
  readonly signal: AbortSignal;
  /** The operation's deadline D, for messages, and the moment it ends. */
  readonly deadlineMs: number;
  readonly deadlineAt: number;
  /** The deadline without a caller's word. */
  readonly configuredDeadlineMs: number;
  readonly maxAttempts: number;
  /** For how long an answer that has begun is read on for its usage when the caller gives up. */
  readonly drainMs: number;
  /** Breakers, holds and the retry budget. */
  readonly guard: Guard;
  /** What a first try is called. */
  readonly firstKind: "try" | "probe";
  readonly repair: RepairMode;
  /** An attempt that may have arrived may be made again elsewhere (AT-8). */
  readonly mayReplay: boolean;
  /** Makes room for a further attempt, in money and at the provider, within so many milliseconds. */
  prepare(candidate: C, withinMs: number): Promise<Obstacle | null>;
  /** What an attempt used, given how it failed. */
  charge(candidate: C, error: RiptideError | undefined): Charge;
  /** One try; the limit is set to its slice. Content already told ends the time for failing over silently. */
  tryOne(candidate: C, attempt: Trying<E>): Promise<void>;
  /** True for an event that the caller will have seen: the commit point (SR-2). */
  isContent(event: E): boolean;
  /** The same target once more, changed so that an invalid answer may come out right (AT-10). */
  repairAnswer(candidate: C, error: RiptideError, remainingMs: number): C | undefined;
  /** How an answer that broke off is carried on elsewhere; undefined where it may not be (SR-3). */
  readonly recovery?: Recovery<C> | undefined;
  /** Why this candidate would fail in the same way as the one that did; null when it may not. */
  sharesFate(candidate: C, failed: C, error: RiptideError): Refusal | null;
  /** Errors that fail over although their code says stop. */
  readonly alsoNext: ReadonlySet<ErrorCode>;
}

export type RepairMode = "first" | "last" | "never";

/** Why no further attempt can be made at a candidate: the money is spent, which ends the search, or it is full. */
export type Obstacle = { readonly kind: "money" } | { readonly kind: "busy"; readonly refusal: Refusal };

/** What one attempt may use. */
export interface Share {
  /** Its part of the deadline, in milliseconds. */
  readonly sliceMs: number;
  /** On a new connection. */
  readonly fresh: boolean;
  /** Where a single request tells how far it has come. */
  readonly progress?: Progress;
}

/** What one try works with. */
export interface Trying<E> extends Share {
  readonly limit: Limit;
  readonly tell: Tell<E>;
}

/** How an answer goes on after the first content (SR). */
export interface Recovery<C> {
  /** How the candidate takes over what has been delivered; null when it cannot. */
  successor(candidate: C): Successor<C> | null;
  /** The same candidate in another way, when it refused the first; null where there is none (SR-4). */
  again(successor: Successor<C>, error: RiptideError): Successor<C> | null;
  /** For how long, in milliseconds, the first new content may be waited for (SR-8). */
  withinMs(): number;
}

export interface Successor<C> {
  readonly candidate: C;
  readonly mode: RecoveryMode;
}

export type RecoveryMode = "continue" | "splice";

export type LoopEvent = Extract<PipelineEvent, { type: "attempt" | "failover" }>;
