import { formatDuration } from "../core/duration.ts";
import { asRiptideError, type ErrorCode, RiptideError } from "../core/errors.ts";
import { sliceMs } from "../resilience/deadline.ts";
import { type Target, targetText } from "../routing/target.ts";
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
  const remainingMs = plan.deadlineAt - startedAt;
  const slice = sliceMs({ remainingMs, candidatesLeft: left, attemptCapMs: plan.attemptCapMs(candidate) });
  if (slice === 0) {
    const running = `${targetText(candidate)}: not asked, too little time is left`;
    return { ok: false, error: deadlineExceeded(plan, trail, running), committed: false };
  }
  if (failed) yield switched(failed.candidate, candidate, failed.error.code);
  const limit = startLimit(plan.clock, plan.signal);
  let committed = false;
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
      yield event;
    }
    error = undefined;
  } catch (thrown) {
    error = afterCommit(asRiptideError(limit.signal.aborted ? limit.signal.reason : thrown), committed);
  } finally {
    limit.dispose();
    const ms = plan.clock.now() - startedAt;
    record = recordOf(candidate, { n: trail.attempts.length + 1, kind, ms, error });
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

interface RecordFacts extends Pick<Attempt, "n" | "kind" | "ms"> {
  readonly error: RiptideError | undefined;
}

function recordOf({ provider, model }: Target, { n, kind, ms, error }: RecordFacts): Attempt {
  const outcome = error ? (error.code === "cancelled" ? "cancelled" : "error") : "ok";
  return {
    n,
    kind,
    provider,
    model,
    outcome,
    code: error?.code ?? null,
    message: error?.message ?? null,
    status: error?.facts.status ?? null,
    ms: Math.round(ms),
    retryAfterMs: error?.facts.retryAfterMs ?? null,
    ambiguous: error !== undefined && error.facts.status === undefined && UNANSWERED.has(error.code),
  };
}

/** Errors that may come after the provider took the request and before it gave its terminal answer (AT-8). */
const UNANSWERED: ReadonlySet<ErrorCode> = new Set([
  "protocol_error",
  "attempt_timeout",
  "deadline_exceeded",
  "stream_interrupted",
  "stream_idle",
  "stream_max",
  "cancelled",
  "internal",
]);

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
