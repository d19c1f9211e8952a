import type { Candidate } from "./candidates.ts";
import type { FailoverPlan, GrowingTrail } from "./failover-plan.ts";
import type { Step, Walk } from "./walk.ts";

/**
 * When everybody was asked or passed over: the repair that was kept for the end (AT-3), or the first candidate that
 * is only held for a moment (HO-5). Either one is the operation's repair. Undefined when nothing is left to try.
 */
export function lastResort<C extends Candidate, E>(
  plan: FailoverPlan<C, E>,
  walk: Walk<C>,
  { skipped }: GrowingTrail,
): Walk<C> | undefined {
  if (walk.repairs === 0 || walk.interrupted || plan.repair === "never") return undefined;
  const now = plan.clock.now();
  const isInTime = (at: number) => at - now <= (walk.deadlineAt - now) / 2;
  const take = (step: Step<C>): Walk<C> => ({
    ...walk,
    queue: [step],
    repairs: 0,
    later: undefined,
    held: [],
    failed: step === walk.later ? undefined : walk.failed,
  });
  const rationed: Walk<C> = { ...walk, later: undefined, held: [], isRationed: true };
  const { later } = walk;
  if (later) {
    if (!isInTime(later.notBefore ?? now)) return undefined;
    return plan.guard.spendRetry() ? take(later) : rationed;
  }
  const [first] = walk.held
    .filter(({ step }) => step.candidate.loaded.entry.circuitBreaker.maxRepairAttempts > 0)
    .toSorted((a, b) => a.untilMs - b.untilMs);
  if (!first || !isInTime(first.untilMs)) return undefined;
  if (!plan.guard.spendRetry()) return rationed;
  skipped.splice(skipped.indexOf(first.skip), 1);
  return take({ ...first.step, kind: "repair", notBefore: first.untilMs });
}
