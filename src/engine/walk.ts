import type { RiptideError } from "../core/errors.ts";
import type { Candidate } from "./candidates.ts";
import type { Attempt, Skip } from "./events.ts";
import type { FailoverPlan, RecoveryMode } from "./failover-plan.ts";

/** One candidate as it is asked next. */
export interface Step<C> {
  readonly candidate: C;
  readonly kind: Attempt["kind"];
  /** By the monotonic clock; absent for at once. */
  readonly notBefore?: number;
  readonly fresh?: boolean;
  /** How it carries on what has been delivered. */
  readonly mode?: RecoveryMode;
}

/** Where the loop over the candidates stands. */
export interface Walk<C> {
  readonly queue: readonly Step<C>[];
  /** Unspent: one for an operation (AT-2). */
  readonly repairs: number;
  /** Changes to another candidate so far. */
  readonly failovers: number;
  readonly deadlineAt: number;
  /** The candidate that the next one takes over from. */
  readonly failed?: Failed<C> | undefined;
  /** Of the attempt before, of whichever target. */
  readonly lastError?: RiptideError | undefined;
  /** What is repaired when everybody else has failed (`repair: last`). */
  readonly later?: Step<C> | undefined;
  /** Passed over because they are to be left alone for a while. */
  readonly held: readonly Held<C>[];
  /** A repair was not made, because the retry budget is spent (AT-7). */
  readonly isRationed?: boolean;
  /** What broke the answer off that the caller has the beginning of. */
  readonly interrupted?: RiptideError | undefined;
}

export interface Failed<C> {
  readonly candidate: C;
  readonly error: RiptideError;
}

interface Held<C> {
  readonly step: Step<C>;
  readonly untilMs: number;
  readonly skip: Skip;
}

export const startWalk = <C extends Candidate, E>(plan: FailoverPlan<C, E>): Walk<C> => ({
  queue: plan.candidates.map((candidate) => ({ candidate, kind: plan.firstKind })),
  repairs: 1,
  failovers: 0,
  deadlineAt: plan.deadlineAt,
  held: [],
});

/**
 * How many share what remains of the deadline (DL-3). A repair shares it as the attempt before did (AT-5), and what is
 * kept for the end wants its part too.
 */
export function leftOf<C extends Candidate, E>(
  { maxAttempts }: FailoverPlan<C, E>,
  { queue, later, repairs }: Walk<C>,
  attempts: number,
): number {
  const attemptsLeft = maxAttempts + (1 - repairs) - attempts;
  return Math.max(1, Math.min(queue.length, attemptsLeft) + (later ? 1 : 0));
}
