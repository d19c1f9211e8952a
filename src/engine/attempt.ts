import type { Clock } from "../core/clock.ts";
import { formatDuration } from "../core/duration.ts";
import { asRiptideError, type ErrorCode, RiptideError } from "../core/errors.ts";
import { type Target, targetText } from "../routing/target.ts";
import type { Progress } from "../wire/http.ts";
import { isAmbiguous } from "./ambiguous.ts";
import type { Candidate } from "./candidates.ts";
import type { Attempt } from "./events.ts";
import type { FailoverPlan, GrowingTrail, LoopEvent } from "./failover-plan.ts";
import { attemptTexts } from "./final-error.ts";
import type { Pass, PassEnd } from "./guard.ts";
import { type Limit, startLimit } from "./limit.ts";
import type { Tell } from "./tell.ts";
import type { Step, Walk } from "./walk.ts";

/** One turn of the loop. */
export interface Turn<C, E> {
  readonly step: Step<C>;
  readonly walk: Walk<C>;
  readonly pass: Pass;
  /** Its part of the deadline and all that remains of it, in milliseconds. */
  readonly slice: number;
  readonly remainingMs: number;
  readonly tell: Tell<E | LoopEvent>;
}

export type Outcome = { readonly ok: true } | Failure;

export interface Failure {
  readonly ok: false;
  readonly error: RiptideError;
  /** The caller has been given a part of what it brought. */
  readonly committed: boolean;
}

/** Tries one candidate once within its slice, and records what came of it. */
export async function attempt<C extends Candidate, E>(
  plan: FailoverPlan<C, E>,
  turn: Turn<C, E>,
  trail: GrowingTrail,
): Promise<Outcome> {
  const { step, walk, pass, slice, tell } = turn;
  const { candidate } = step;
  const began = { atMs: plan.clock.now(), wallMs: plan.clock.wall() };
  let committed = false;
  let firstTokenMs: number | null = null;
  const progress: Progress = { isUnsent: false };
  let error: RiptideError | undefined;
  let isAsked = false;
  const limit = startLimit(plan.clock, plan.signal, () => (committed ? plan.drainMs : 0));
  limit.set(slice, () => timeUp(plan, turn, trail));
  const tellContent: Tell<E> = (events) => {
    if (!committed && events.some(plan.isContent)) {
      committed = true;
      firstTokenMs = Math.round(plan.clock.now() - began.atMs);
      pass.committed();
    }
    return tell(events);
  };
  try {
    if (walk.failed) await tell([switched(walk.failed, step)]);
    isAsked = true;
    const fresh = step.fresh === true;
    await plan.tryOne(candidate, { sliceMs: slice, fresh, progress, limit, tell: tellContent });
  } catch (thrown) {
    error = failureOf(thrown, { limit, signal: plan.signal, committed, progress });
  }
  limit.dispose(error === undefined);
  const end = pass.end({ error, sliceMs: slice, configuredDeadlineMs: plan.configuredDeadlineMs });
  // Whoever left when told of the change was asked for nothing.
  if (isAsked) {
    const { kind, mode: recovery } = step;
    const facts = { n: trail.attempts.length + 1, kind, recovery, error, firstTokenMs };
    const charge = plan.charge(candidate, error);
    const record = recordOf(candidate, { ...facts, ...end, ...lasting(plan.clock, began), charge });
    trail.attempts.push(record);
    await tell([{ type: "attempt", attempt: record }]);
  }
  return error ? { ok: false, error, committed } : { ok: true };
}

const lasting = (clock: Clock, began: { readonly atMs: number; readonly wallMs: number }) => ({
  ms: Math.round(clock.now() - began.atMs),
  startedMs: began.wallMs,
  endedMs: clock.wall(),
});

function failureOf(
  thrown: unknown,
  {
    limit,
    signal,
    committed,
    progress,
  }: {
    readonly limit: Limit;
    readonly signal: AbortSignal;
    readonly committed: boolean;
    readonly progress: Progress;
  },
): RiptideError {
  const ended = limit.isDraining() ? signal : limit.signal;
  const error = asRiptideError(ended.aborted ? ended.reason : thrown);
  if (progress.isUnsent)
    return new RiptideError(error.code, error.message, { ...error.facts, isUnsent: true });
  return afterCommit(error, committed);
}

/** After the first content every failure of the stream is an interruption; silence and length keep their codes. */
function afterCommit(error: RiptideError, committed: boolean): RiptideError {
  const keeps: readonly ErrorCode[] = [
    "stream_idle",
    "stream_max",
    "cancelled",
    "shutting_down",
    "deadline_exceeded",
    "internal",
  ];
  if (!committed || keeps.includes(error.code)) return error;
  return new RiptideError("stream_interrupted", `the answer was cut: ${error.message}`, { cause: error });
}

interface RecordFacts
  extends PassEnd,
    Pick<
      Attempt,
      "n" | "kind" | "recovery" | "ms" | "charge" | "startedMs" | "endedMs" | "firstTokenMs" | "trial"
    > {
  readonly error: RiptideError | undefined;
}

function recordOf({ provider, model }: Target, { error, ...facts }: RecordFacts): Attempt {
  const outcome = error ? (error.code === "cancelled" ? "cancelled" : "error") : "ok";
  return {
    ...facts,
    provider,
    model,
    outcome,
    code: error?.code ?? null,
    message: error?.message ?? null,
    status: error?.facts.status ?? null,
    providerRequestId: error?.facts.providerRequestId ?? null,
    retryAfterMs: error?.facts.retryAfterMs ?? null,
    ambiguous: error !== undefined && isAmbiguous(error),
  };
}

const switched = <C extends Target>(
  { candidate, error }: NonNullable<Walk<C>["failed"]>,
  to: Step<C>,
): LoopEvent => ({
  type: "failover",
  from: { provider: candidate.provider, model: candidate.model },
  to: { provider: to.candidate.provider, model: to.candidate.model },
  code: error.code,
  mode: to.mode ?? "before_output",
});

/** The share is used up; where it was all that remained, so is the deadline. */
function timeUp<C extends Candidate, E>(
  plan: FailoverPlan<C, E>,
  { step: { candidate }, slice, remainingMs }: Turn<C, E>,
  { attempts }: GrowingTrail,
): RiptideError {
  if (slice < remainingMs) {
    return new RiptideError("attempt_timeout", `no answer within its share of ${formatDuration(slice)}`);
  }
  const running = `${targetText(candidate)}: no answer in the remaining ${formatDuration(slice)}`;
  return deadlineExceeded(plan, attempts, running);
}

/** @param running What the attempt that was running when time was up had come to. */
export function deadlineExceeded<C extends Candidate, E>(
  { deadlineMs }: FailoverPlan<C, E>,
  attempts: GrowingTrail["attempts"],
  running: string,
): RiptideError {
  const reasons = [...attemptTexts(attempts), running];
  return new RiptideError("deadline_exceeded", `no answer within ${formatDuration(deadlineMs)}`, { reasons });
}
