import type { ErrorCode, RiptideError } from "../core/errors.ts";
import type { Target } from "../routing/target.ts";
import { attempt, type Outcome } from "./attempt.ts";
import type { Attempt } from "./events.ts";
import type { FailoverPlan, GrowingTrail, LoopEvent } from "./failover-plan.ts";
import { finalError } from "./final-error.ts";

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
    const [candidate] = walk.queue;
    if (!candidate) throw finalError(trail);
    const refused = plan.permit(candidate);
    if (refused) {
      trail.skipped.push({ provider: candidate.provider, model: candidate.model, ...refused });
      walk = { ...walk, queue: walk.queue.slice(1) };
      continue;
    }
    const left = Math.max(1, Math.min(walk.queue.length, plan.maxAttempts - trail.attempts.length));
    const outcome = yield* attempt(plan, { candidate, left, kind: walk.kind }, trail);
    if (outcome.ok) return candidate;
    walk = advance(plan, walk, outcome, trail);
    const [next] = walk.queue;
    if (next && walk.kind === "try") yield switched(candidate, next, outcome.error.code);
  }
}

/** Where the loop stands: what is left, how the next try is called, and repairs unspent. */
interface Walk<C> {
  readonly queue: readonly C[];
  readonly kind: Attempt["kind"];
  readonly repairs: number;
}

/** What follows a failure: a repair, the next candidate, or the end, which is thrown. */
function advance<C extends Target, E>(
  plan: FailoverPlan<C, E>,
  { queue, repairs }: Walk<C>,
  { error, committed }: Extract<Outcome, { ok: false }>,
  trail: GrowingTrail,
): Walk<C> {
  const [failed, ...rest] = queue;
  if (!failed || committed || endsOperation(error, plan)) throw error;
  const repaired = repairs > 0 ? plan.repair(failed, error, plan.deadlineAt - plan.clock.now()) : undefined;
  if (repaired) return { queue: [repaired, ...rest], kind: "repair", repairs: 0 };
  if (error.action === "stop" && !plan.alsoNext.has(error.code)) throw error;
  const spent = trail.attempts.length >= plan.maxAttempts + (1 - repairs);
  const next = rest.filter((candidate) => !plan.sharesFate(candidate, failed, error));
  return { queue: spent ? [] : next, kind: "try", repairs };
}

/** The caller's own end, or the deadline: nothing else is tried. */
function endsOperation<C extends Target, E>(error: RiptideError, plan: FailoverPlan<C, E>): boolean {
  return plan.signal.aborted || error.code === "deadline_exceeded" || error.code === "cancelled";
}

const switched = (from: Target, to: Target, code: ErrorCode): LoopEvent => ({
  type: "failover",
  from: { provider: from.provider, model: from.model },
  to: { provider: to.provider, model: to.model },
  code,
  mode: "before_output",
});
