import type { Message } from "../core/completion.ts";
import { formatDuration } from "../core/duration.ts";
import { type ErrorCode, RiptideError } from "../core/errors.ts";
import type { StreamEvent } from "../core/events.ts";
import { connectLimitMs } from "../resilience/deadline.ts";
import { type Answer, absorb, newAnswer } from "./answer.ts";
import type { CompletionCandidate } from "./candidates.ts";
import type { Engine } from "./engine.ts";
import type { PipelineEvent, Refusal } from "./events.ts";
import { type Call, completeOnce, eventsOf, streamOnce } from "./exchange.ts";
import type { FailoverPlan, GrowingTrail } from "./failover-plan.ts";
import { type Limit, untilAborted } from "./limit.ts";
import type { CompletionOperation, OperationLimits } from "./operation.ts";
import type { Verdict } from "./schema.ts";
import type { Admitted } from "./stages.ts";

/** One completion while it runs. */
export interface CompletionRun {
  readonly operation: CompletionOperation;
  readonly engine: Engine;
  /** When it was admitted; the deadline counts from here (DL-1). */
  startedAt: number;
  readonly trail: GrowingTrail;
  /** Of the attempt that is running, or the one that answered. */
  answer: Answer;
  /** How much of the answer's text the caller has been given. */
  deliveredLength: number;
  firstTokenMs: number | null;
}

export interface CompletionRules {
  readonly limits: OperationLimits;
  /** Present when the answer has to be valid against a schema. */
  readonly check: ((text: string) => Verdict) | undefined;
  readonly admitted: Admitted;
}

type ContentEvent = Extract<PipelineEvent, { type: "delta" | "reasoning" | "tool_call" }>;

/** A repair is not begun with less time than this (AT-3, AT-10). */
const MIN_REPAIR_MS = 800;

/** How a completion walks its candidates. */
export function completionPlan(
  run: CompletionRun,
  candidates: readonly CompletionCandidate[],
  rules: CompletionRules,
): FailoverPlan<CompletionCandidate, ContentEvent> {
  const { operation, engine } = run;
  const { config } = engine.generation;
  return {
    candidates,
    clock: engine.clock,
    signal: operation.signal,
    deadlineMs: rules.limits.deadlineMs,
    deadlineAt: run.startedAt + rules.limits.deadlineMs,
    maxAttempts: rules.limits.maxAttempts,
    permit: (candidate) => rules.admitted.permit(candidate),
    attemptCapMs: ({ loaded }) => loaded.entry.timeouts.attemptMs,
    tryOne: (candidate, limit, slice) => tryCompletion(run, rules, { candidate, limit, slice }),
    isContent: () => true,
    repair: (candidate, error, remainingMs) =>
      config.circuitBreaker.maxRepairAttempts > 0 && remainingMs >= MIN_REPAIR_MS
        ? repairedSchema(candidate, error, run.answer)
        : undefined,
    sharesFate: tooLongAsWell,
    alsoNext: new Set<ErrorCode>(config.failover.on.includes("content_filter") ? ["content_filtered"] : []),
  };
}

/** A prompt that one model's window cannot hold goes to a larger window, or one of unknown size. */
function tooLongAsWell(
  { request }: CompletionCandidate,
  failed: CompletionCandidate,
  { code }: RiptideError,
): Refusal | null {
  const tokens = request.facts.contextTokens;
  const failedTokens = failed.request.facts.contextTokens;
  if (code !== "context_too_long" || tokens === undefined || failedTokens === undefined) return null;
  if (tokens > failedTokens) return null;
  const message = `its window of ${tokens} tokens is no larger`;
  return { reason: "unsupported", error: new RiptideError(code, message) };
}

interface Try {
  readonly candidate: CompletionCandidate;
  readonly limit: Limit;
  readonly slice: number;
}

function tryCompletion(
  run: CompletionRun,
  rules: CompletionRules,
  attempt: Try,
): AsyncGenerator<ContentEvent> {
  const { candidate, limit, slice } = attempt;
  const { entry, adapter, transport } = candidate.loaded;
  run.answer = newAnswer();
  const call: Call = {
    adapter,
    transport,
    clock: run.engine.clock,
    exchange: { signal: limit.signal, connectTimeoutMs: connectLimitMs(slice, entry.timeouts.connectMs) },
  };
  return candidate.request.stream
    ? streamed(run, rules, { ...attempt, call })
    : buffered(run, rules, { ...attempt, call });
}

/** With the call it makes. */
interface TryCall extends Try {
  readonly call: Call;
}

async function* buffered(
  run: CompletionRun,
  rules: CompletionRules,
  { candidate, limit, call }: TryCall,
): AsyncGenerator<ContentEvent> {
  const completion = await untilAborted(completeOnce(call, candidate.request), limit.signal);
  const events = [...eventsOf(completion)];
  for (const event of events) absorb(run.answer, event);
  refuseFiltered(run);
  if (rules.check) requireValid(run.answer, rules.check);
  for (const event of events) {
    const content = contentOf(run, event);
    if (content) yield content;
  }
}

async function* streamed(
  run: CompletionRun,
  { limits }: CompletionRules,
  { candidate, limit, slice, call }: TryCall,
): AsyncGenerator<ContentEvent> {
  const firstTokenMs = limits.firstTokenMs ?? candidate.loaded.entry.timeouts.firstTokenMs;
  if (firstTokenMs !== undefined && firstTokenMs < slice) {
    limit.set(
      firstTokenMs,
      () => new RiptideError("attempt_timeout", `no first token within ${formatDuration(firstTokenMs)}`),
    );
  }
  const keepAlive = streamLimit(run, limits, limit);
  let committed = false;
  for await (const event of streamOnce(call, candidate.request, () => committed && keepAlive())) {
    absorb(run.answer, event);
    if (event.type === "finish" && !committed) refuseFiltered(run);
    const content = contentOf(run, event);
    if (!content) continue;
    committed = true;
    // The caller may take its time; what it takes is not the provider's silence.
    limit.pause();
    yield content;
    limit.signal.throwIfAborted();
    keepAlive();
  }
}

/** Sets the limit that holds from the first content on: silence, total length and, if strict, the deadline. */
function streamLimit(run: CompletionRun, limits: OperationLimits, limit: Limit): () => void {
  const { clock } = run.engine;
  const maxAt = run.startedAt + limits.streamMaxMs;
  const deadlineAt = limits.strict ? run.startedAt + limits.deadlineMs : Number.POSITIVE_INFINITY;
  const ended = (): RiptideError => {
    const now = clock.now();
    if (now >= deadlineAt - 1)
      return new RiptideError("deadline_exceeded", `not whole within ${formatDuration(limits.deadlineMs)}`);
    if (now >= maxAt - 1)
      return new RiptideError(
        "stream_max",
        `the stream ran longer than ${formatDuration(limits.streamMaxMs)}`,
      );
    return new RiptideError(
      "stream_idle",
      `the stream was silent for ${formatDuration(limits.streamIdleMs)}`,
    );
  };
  return () => {
    const leftMs = Math.min(maxAt, deadlineAt) - clock.now();
    limit.set(Math.min(limits.streamIdleMs, leftMs), ended);
  };
}

/** An empty answer that a filter stopped fails over where the configuration says so. */
function refuseFiltered({ answer, engine }: CompletionRun): void {
  const { on } = engine.generation.config.failover;
  if (answer.finish !== "content_filter" || !on.includes("content_filter")) return;
  throw new RiptideError("content_filtered", "the provider's filter, or the model itself, refused to answer");
}

function requireValid(answer: Answer, check: (text: string) => Verdict): void {
  const verdict = check(answer.text.whole());
  if (verdict.valid) return;
  const code = answer.finish === "length" ? "incomplete" : "schema_invalid";
  throw new RiptideError(code, "the answer is not valid against the schema", { reasons: verdict.errors });
}

/** The candidate with its invalid answer and what was wrong with it (AT-10). */
function repairedSchema(
  candidate: CompletionCandidate,
  error: RiptideError,
  answer: Answer,
): CompletionCandidate | undefined {
  if (error.code !== "schema_invalid") return undefined;
  const complaint = `That answer is not valid: ${error.facts.reasons?.join("; ")}. Send the corrected JSON value and nothing else.`;
  const added: readonly Message[] = [
    { role: "assistant", content: answer.text.whole() || "(empty)" },
    { role: "user", content: complaint },
  ];
  const { request } = candidate;
  return { ...candidate, request: { ...request, messages: [...request.messages, ...added] } };
}

/** What of a provider's event the caller is given, noting when and what it was. */
function contentOf(run: CompletionRun, event: StreamEvent): ContentEvent | undefined {
  const content = translate(event, run.operation.showReasoning);
  if (!content) return undefined;
  run.firstTokenMs ??= run.engine.clock.now() - run.startedAt;
  if (content.type === "delta") run.deliveredLength += content.text.length;
  return content;
}

function translate(event: StreamEvent, showReasoning: boolean): ContentEvent | undefined {
  if (event.type === "delta") return event.text === "" ? undefined : event;
  if (event.type === "reasoning") return showReasoning && event.text !== "" ? event : undefined;
  if (event.type !== "tool_call") return undefined;
  const { index, id, name, argumentsDelta } = event;
  return { type: "tool_call", index, callId: id ?? null, name: name ?? null, argumentsDelta };
}
