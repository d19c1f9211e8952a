import { ERRORS, type RiptideError } from "../core/errors.ts";
import type { Target } from "../routing/target.ts";
import { attempt, type Outcome } from "./attempt.ts";
import type { Attempt, Refusal, Skip } from "./events.ts";
import type { FailoverPlan, GrowingTrail, LoopEvent } from "./failover-plan.ts";
import { finalError } from "./final-error.ts";

/** The exit code of every error of the configuration. */
const CONFIGURATION = ERRORS.config_invalid.exit;

/**
 * Walks the candidates until one answers: slices of the deadline, at most one repair, no switch after the
 * first content (AT, DL-3, SR-2). Ends with the candidate that answered.
 * @throws RiptideError the error that ends the operation; `trail` says how it came to it.
 */
export async function* failover<C extends Target, E>(
  plan: FailoverPlan<C, E>,
  trail: GrowingTrail,
): AsyncGenerator<E | LoopEvent, C> {
  let walk: Walk<C> = { queue: plan.candidates, kind: "try", repairs: 1 };
  for (;;) {
    plan.signal.throwIfAborted();
    const { queue, kind, failed, lastError } = walk;
    const [candidate] = queue;
    if (!candidate) throw finalError(trail, failed?.error);
    const refused = plan.permit(candidate);
    if (refused) {
      trail.skipped.push(skipOf(candidate, refused));
      walk = { ...walk, queue: queue.slice(1) };
      continue;
    }
    // Nothing more can be paid for: what failed last is what the caller gets (LG-3).
    if (lastError && !(await plan.afford(candidate))) throw lastError;
    const outcome = yield* attempt(plan, { candidate, left: leftOf(plan, walk, trail), kind, failed }, trail);
    if (outcome.ok) return candidate;
    walk = advance(plan, walk, outcome, trail);
  }
}

/** Where the loop stands: what is left, how the next try is called, repairs unspent, and what failed last. */
interface Walk<C> {
  readonly queue: readonly C[];
  readonly kind: Attempt["kind"];
  readonly repairs: number;
  readonly failed?: { readonly candidate: C; readonly error: RiptideError };
  /** Of the attempt before, of whichever target. */
  readonly lastError?: RiptideError;
}

/** How many share what remains of the deadline; a repair is no attempt of its own here (AT-5, AT-6). */
function leftOf<C extends Target, E>(
  plan: FailoverPlan<C, E>,
  { queue, repairs }: Walk<C>,
  { attempts }: GrowingTrail,
): number {
  const attemptsLeft = plan.maxAttempts + (1 - repairs) - attempts.length;
  return Math.max(1, Math.min(queue.length, attemptsLeft));
}

/** What follows a failure: a repair, the next candidate, or the end, which is thrown. */
function advance<C extends Target, E>(
  plan: FailoverPlan<C, E>,
  { queue, repairs }: Walk<C>,
  { error, committed }: Extract<Outcome, { ok: false }>,
  trail: GrowingTrail,
): Walk<C> {
  const [failed, ...rest] = queue;
  if (!failed || committed) throw error;
  const repaired = repairs > 0 ? plan.repair(failed, error, plan.deadlineAt - plan.clock.now()) : undefined;
  if (repaired) return { queue: [repaired, ...rest], kind: "repair", repairs: 0, lastError: error };
  if (endsOperation(error, plan)) throw error;
  const spent = trail.attempts.length >= plan.maxAttempts + (1 - repairs);
  const next = spent
    ? []
    : rest.filter((candidate) => !skipsAlike(candidate, plan, { failed, error, trail }));
  return { queue: next, kind: "try", repairs, failed: { candidate: failed, error }, lastError: error };
}

/** A stop class ends everything (AT-1), except that a broken entry of the configuration is one provider's own. */
function endsOperation<C extends Target, E>(error: RiptideError, plan: FailoverPlan<C, E>): boolean {
  return error.action === "stop" && error.exit !== CONFIGURATION && !plan.alsoNext.has(error.code);
}

/** Skips a candidate that the error says would fail in the same way. */
function skipsAlike<C extends Target, E>(
  candidate: C,
  plan: FailoverPlan<C, E>,
  {
    failed,
    error,
    trail,
  }: { readonly failed: C; readonly error: RiptideError; readonly trail: GrowingTrail },
): boolean {
  const refusal = plan.sharesFate(candidate, failed, error);
  if (refusal) trail.skipped.push(skipOf(candidate, refusal));
  return refusal !== null;
}

const skipOf = ({ provider, model }: Target, refusal: Refusal): Skip => ({ provider, model, ...refusal });
