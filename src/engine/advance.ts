import { ERRORS, type RiptideError } from "../core/errors.ts";
import { repairOf } from "../resilience/repair.ts";
import { isAmbiguous } from "./ambiguous.ts";
import type { Failure } from "./attempt.ts";
import type { Candidate } from "./candidates.ts";
import type { FailoverPlan, GrowingTrail } from "./failover-plan.ts";
import { endedBy } from "./final-error.ts";
import { recover } from "./recover.ts";
import type { Failed, Step, Walk } from "./walk.ts";

/** The exit code of every error of the configuration. */
const CONFIGURATION = ERRORS.config_invalid.exit;

/** What follows a failed attempt: a repair, the next candidate, a successor (SR), or the end, which is thrown. */
export function advance<C extends Candidate, E>(
  plan: FailoverPlan<C, E>,
  walk: Walk<C>,
  { error, committed }: Failure,
  trail: GrowingTrail,
): Walk<C> {
  const [step] = walk.queue;
  if (!step || (isAmbiguous(error) && !plan.mayReplay)) throw endedBy(error, trail);
  if (committed || walk.interrupted) return recover(plan, walk, { step, error, committed, trail });
  const repair = walk.repairs > 0 ? repairStep(plan, walk, step.candidate, error) : undefined;
  const isForLater =
    repair !== undefined && plan.repair === "last" && repair.notBefore !== undefined && !repair.fresh;
  if (!repair || isForLater) return moveOn(plan, { ...walk, later: walk.later ?? repair }, error, trail);
  if (!plan.guard.spendRetry()) return moveOn(plan, { ...walk, isRationed: true }, error, trail);
  const queue = [repair, ...walk.queue.slice(1)];
  return { ...walk, queue, repairs: 0, failed: undefined, lastError: error };
}

/** Goes on to the next candidate, where the error leaves it to others. */
function moveOn<C extends Candidate, E>(
  plan: FailoverPlan<C, E>,
  walk: Walk<C>,
  error: RiptideError,
  trail: GrowingTrail,
): Walk<C> {
  const [step, ...rest] = walk.queue;
  if (!step || endsOperation(error, plan)) throw endedBy(error, trail);
  const failed: Failed<C> = { candidate: step.candidate, error };
  const isSpent = trail.attempts.length >= plan.maxAttempts + (1 - walk.repairs);
  const queue = isSpent ? [] : rest.filter(({ candidate }) => !fails(candidate, plan, failed, trail));
  return { ...walk, queue, failed, lastError: error, failovers: walk.failovers + 1 };
}

/** The failed candidate once more, where that may help. */
function repairStep<C extends Candidate, E>(
  plan: FailoverPlan<C, E>,
  { deadlineAt }: Walk<C>,
  candidate: C,
  error: RiptideError,
): Step<C> | undefined {
  if (candidate.loaded.entry.circuitBreaker.maxRepairAttempts === 0) return undefined;
  const now = plan.clock.now();
  const mended = plan.repairAnswer(candidate, error, deadlineAt - now);
  if (mended) return { candidate: mended, kind: "repair" };
  const repair = plan.repair === "never" ? null : repairOf(error, deadlineAt - now, plan.random);
  if (!repair) return undefined;
  return { candidate, kind: "repair", notBefore: now + repair.waitMs, fresh: repair.fresh };
}

/** A stop class ends everything (AT-1), except that a broken entry of the configuration is one provider's own. */
function endsOperation<C extends Candidate, E>(error: RiptideError, plan: FailoverPlan<C, E>): boolean {
  return error.action === "stop" && error.exit !== CONFIGURATION && !plan.alsoNext.has(error.code);
}

/** Skips a candidate that the error says would fail in the same way. */
function fails<C extends Candidate, E>(
  candidate: C,
  plan: FailoverPlan<C, E>,
  failed: Failed<C>,
  { skipped }: GrowingTrail,
): boolean {
  const refusal = plan.sharesFate(candidate, failed.candidate, failed.error);
  if (refusal) skipped.push({ provider: candidate.provider, model: candidate.model, ...refusal });
  return refusal !== null;
}
