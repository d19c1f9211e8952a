import { RiptideError } from "../core/errors.ts";
import { sliceMs } from "../resilience/deadline.ts";
import { advance } from "./advance.ts";
import { attempt, deadlineExceeded } from "./attempt.ts";
import type { Candidate } from "./candidates.ts";
import type { Refusal, Skip } from "./events.ts";
import type { FailoverPlan, GrowingTrail, LoopEvent } from "./failover-plan.ts";
import { finalError } from "./final-error.ts";
import { interruption } from "./interruption.ts";
import { lastResort } from "./last-resort.ts";
import type { Tell } from "./tell.ts";
import { leftOf, type Step, startWalk, type Walk } from "./walk.ts";

/**
 * Walks the candidates until one answers: slices of the deadline, at most one repair, and after the first content only
 * successors that carry the answer on (AT, DL-3, SR). Ends with the candidate that answered.
 * @throws RiptideError the error that ends the operation; `trail` says how it came to it.
 */
export async function failover<C extends Candidate, E>(
  plan: FailoverPlan<C, E>,
  trail: GrowingTrail,
  tell: Tell<E | LoopEvent>,
): Promise<C> {
  plan.guard.admitted();
  let walk = startWalk(plan);
  for (;;) {
    plan.signal.throwIfAborted();
    const [step] = walk.queue;
    if (!step) {
      walk = lastResort(plan, walk, trail) ?? giveUp(walk, trail);
      continue;
    }
    if (step.notBefore !== undefined) await waitUntil(step.notBefore, plan);
    const entry = await enter(plan, walk, step, trail);
    if (!entry.ok) {
      walk = passOver(plan, walk, { step, refusal: entry.refusal, trail });
      continue;
    }
    const outcome = await attempt(plan, { ...entry, walk, step, tell }, trail);
    if (outcome.ok) return step.candidate;
    walk = advance(plan, walk, outcome, trail);
  }
}

async function waitUntil(
  at: number,
  { clock, signal }: Pick<FailoverPlan<never, never>, "clock" | "signal">,
) {
  const leftMs = at - clock.now();
  if (leftMs > 0) await clock.sleep(leftMs, signal);
}

/**
 * Everything one attempt needs before it may begin: money, a share of the retries, time and the breaker's leave.
 * @throws RiptideError where the search ends here.
 */
async function enter<C extends Candidate, E>(
  plan: FailoverPlan<C, E>,
  walk: Walk<C>,
  step: Step<C>,
  { attempts }: GrowingTrail,
) {
  const { candidate } = step;
  const refusal =
    plan.guard.refusal(candidate, plan.operationClass) ?? (await standsInTheWay(plan, walk, step));
  if (refusal) return { ok: false, refusal } as const;
  // Whoever gave up while room was made is asked for nothing more.
  plan.signal.throwIfAborted();
  const remainingMs = walk.deadlineAt - plan.clock.now();
  const slice = sliceMs({
    remainingMs,
    candidatesLeft: leftOf(plan, walk, attempts.length),
    attemptCapMs: candidate.loaded.entry.timeouts.attemptMs,
  });
  if (slice === 0) throw walk.interrupted ?? tooLate(plan, candidate, attempts);
  const pass = plan.guard.enter(candidate, plan.operationClass, slice);
  return "end" in pass
    ? ({ ok: true, pass, slice, remainingMs } as const)
    : ({ ok: false, refusal: pass } as const);
}

/**
 * What keeps an attempt from being made here; where nothing more can be paid for, the search ends. Admission has made
 * room for the first of the order, and for nobody else.
 */
async function standsInTheWay<C extends Candidate, E>(
  plan: FailoverPlan<C, E>,
  walk: Walk<C>,
  { candidate, kind }: Step<C>,
): Promise<Refusal | null> {
  const error = walk.interrupted ?? walk.lastError;
  if (!error && candidate === plan.candidates[0]) return null;
  const obstacle = await plan.prepare(candidate, Math.max(0, (walk.deadlineAt - plan.clock.now()) / 2));
  if (obstacle?.kind === "busy") return obstacle.refusal;
  if (obstacle) throw error ?? unaffordable();
  if (!error) return null;
  if (isRationed(walk, kind) && !plan.guard.spendRetry()) throw exhausted(error);
  return null;
}

const unaffordable = (): RiptideError =>
  new RiptideError("budget_exceeded", "what is left of a budget does not pay for another provider");

/** Every attempt beyond the first failover takes from the retry budget; repairs took theirs when they were decided (AT-7). */
const isRationed = <C>({ failovers }: Walk<C>, kind: Step<C>["kind"]): boolean =>
  kind === "continue" || (kind !== "repair" && failovers > 1);

function exhausted(error: RiptideError): RiptideError {
  return new RiptideError(error.code, error.message, { ...error.facts, retryBudgetExhausted: true });
}

function tooLate<C extends Candidate, E>(
  plan: FailoverPlan<C, E>,
  { provider, model }: C,
  attempts: GrowingTrail["attempts"],
): RiptideError {
  return deadlineExceeded(plan, attempts, `${provider}/${model}: not asked, too little time is left`);
}

/** Leaves the candidate out; one that is only held is remembered. What was tried before is no news. */
function passOver<C extends Candidate, E>(
  { maxAttempts }: FailoverPlan<C, E>,
  walk: Walk<C>,
  { step, refusal, trail }: PassedOver<C>,
): Walk<C> {
  const { provider, model } = step.candidate;
  const skip: Skip = { provider, model, ...refusal };
  const next = { ...walk, queue: walk.queue.slice(1) };
  if (step.kind === "repair" && walk.lastError) {
    const failed = { candidate: step.candidate, error: walk.lastError };
    // The repair that was not made leaves no attempt to anybody else.
    const queue = trail.attempts.length >= maxAttempts ? [] : next.queue;
    return { ...next, queue, failed, failovers: walk.failovers + 1 };
  }
  trail.skipped.push(skip);
  if (refusal.reason !== "held" || refusal.untilMs === undefined) return next;
  return { ...next, held: [...walk.held, { step, untilMs: refusal.untilMs, skip }] };
}

interface PassedOver<C> {
  readonly step: Step<C>;
  readonly refusal: Refusal;
  readonly trail: GrowingTrail;
}

/** Nobody is left to ask. */
function giveUp<C>(walk: Walk<C>, trail: GrowingTrail): never {
  if (walk.interrupted) throw interruption(walk.interrupted, trail);
  const error = finalError(trail, walk.lastError);
  throw walk.isRationed ? exhausted(error) : error;
}
