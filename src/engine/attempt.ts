import { formatDuration } from "../core/duration.ts";
import { asRiptideError, type ErrorCode, RiptideError } from "../core/errors.ts";
import { sliceMs } from "../resilience/deadline.ts";
import { type Target, targetText } from "../routing/target.ts";
import { isAmbiguous } from "./ambiguous.ts";
import type { Attempt } from "./events.ts";
import type { FailoverPlan, GrowingTrail, LoopEvent } from "./failover-plan.ts";
import { attemptText } from "./final-error.ts";
import { startLimit } from "./limit.ts";

/** One turn of the loop. */
export interface Turn<C> {
  readonly candidate: C;
  /** Candidates left, this one included, capped by the attempts left. */
  readonly left: number;
  readonly kind: Attempt["kind"];
  /** The candidate this one takes over from. */
  readonly failed?: { readonly candidate: Target; readonly error: RiptideError } | undefined;
}

export type Outcome =
  | { readonly ok: true }
  | { readonly ok: false; readonly error: RiptideError; readonly committed: boolean };

/** Tries one candidate once within its slice, and records what came of it. */
export async function* attempt<C extends Target, E>(
  plan: FailoverPlan<C, E>,
  { candidate, left, kind, failed }: Turn<C>,
  trail: GrowingTrail,
): AsyncGenerator<E | LoopEvent, Outcome> {
  const startedAt = plan.clock.now();
  const startedMs = plan.clock.wall();
  const remainingMs = plan.deadlineAt - startedAt;
  const slice = sliceMs({ remainingMs, candidatesLeft: left, attemptCapMs: plan.attemptCapMs(candidate) });
  if (slice === 0) {
    const running = `${targetText(candidate)}: not asked, too little time is left`;
    return { ok: false, error: deadlineExceeded(plan, trail, running), committed: false };
  }
  if (failed) yield switched(failed.candidate, candidate, failed.error.code);
  let committed = false;
  const limit = startLimit(plan.clock, plan.signal, () => (committed ? plan.drainMs : 0));
  let firstTokenMs: number | null = null;
  let record: Attempt;
  // It stays when the caller stops reading: the attempt belongs to the trail all the same.
  let error: RiptideError | undefined = new RiptideError("cancelled", "nobody read on");
  limit.set(slice, () =>
    slice >= remainingMs
      ? deadlineExceeded(
          plan,
          trail,
          `${targetText(candidate)}: no answer in the remaining ${formatDuration(slice)}`,
        )
      : attemptTimeout(slice),
  );
  try {
    for await (const event of plan.tryOne(candidate, limit, slice)) {
      committed ||= plan.isContent(event);
      firstTokenMs ??= committed ? Math.round(plan.clock.now() - startedAt) : null;
      yield event;
    }
    error = undefined;
  } catch (thrown) {
    const ended = limit.isDraining ? plan.signal : limit.signal;
    error = afterCommit(asRiptideError(ended.aborted ? ended.reason : thrown), committed);
  } finally {
    limit.dispose();
    record = recordOf(candidate, {
      n: trail.attempts.length + 1,
      kind,
      error,
      ms: Math.round(plan.clock.now() - startedAt),
      charge: plan.charge(candidate, error),
      startedMs,
      endedMs: plan.clock.wall(),
      firstTokenMs,
    });
    trail.attempts.push(record);
  }
  yield { type: "attempt", attempt: record };
  return error ? { ok: false, error, committed } : { ok: true };
}

/** After the first content every failure of the stream is an interruption; silence and length keep their codes. */
function afterCommit(error: RiptideError, committed: boolean): RiptideError {
  const keeps: readonly ErrorCode[] = [
    "stream_idle",
    "stream_max",
    "cancelled",
    "deadline_exceeded",
    "internal",
  ];
  if (!committed || keeps.includes(error.code)) return error;
  return new RiptideError("stream_interrupted", `the answer was cut: ${error.message}`, { cause: error });
}

interface RecordFacts
  extends Pick<Attempt, "n" | "kind" | "ms" | "charge" | "startedMs" | "endedMs" | "firstTokenMs"> {
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

const switched = (from: Target, to: Target, code: ErrorCode): LoopEvent => ({
  type: "failover",
  from: { provider: from.provider, model: from.model },
  to: { provider: to.provider, model: to.model },
  code,
  mode: "before_output",
});

function attemptTimeout(slice: number): RiptideError {
  return new RiptideError("attempt_timeout", `no answer within its share of ${formatDuration(slice)}`);
}

/** @param running What the attempt that was running when time was up had come to. */
function deadlineExceeded<C extends Target, E>(
  plan: FailoverPlan<C, E>,
  trail: GrowingTrail,
  running?: string,
): RiptideError {
  return new RiptideError("deadline_exceeded", `no answer within ${formatDuration(plan.deadlineMs)}`, {
    reasons: [...trail.attempts.map(attemptText), ...(running ? [running] : [])],
  });
}
