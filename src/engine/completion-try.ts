import { formatDuration } from "../core/duration.ts";
import { RiptideError } from "../core/errors.ts";
import type { StreamEvent } from "../core/events.ts";
import { connectLimitMs } from "../resilience/deadline.ts";
import { absorb, newAnswer } from "./answer.ts";
import { refuseEmpty, refuseFiltered, requireValid } from "./answer-check.ts";
import type { CompletionCandidate } from "./candidates.ts";
import type { CompletionRules, CompletionRun } from "./completion-run.ts";
import type { PipelineEvent } from "./events.ts";
import { type Call, completeOnce, eventsOf, streamOnce } from "./exchange.ts";
import { type Limit, untilAborted } from "./limit.ts";
import { whilePaid } from "./metered.ts";
import { streamLimit } from "./stream-limit.ts";

/** Asks one candidate for the answer and yields what of it the caller is given. */
export function tryCompletion(
  run: CompletionRun,
  rules: CompletionRules,
  attempt: CompletionTry,
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

/** One attempt: whom it asks, what ends it, and its share of the deadline in milliseconds. */
export interface CompletionTry {
  readonly candidate: CompletionCandidate;
  readonly limit: Limit;
  readonly slice: number;
}

/** With the call it makes. */
interface TryCall extends CompletionTry {
  readonly call: Call;
}

/** A part of the answer, as the caller is given it. */
export type ContentEvent = Extract<PipelineEvent, { type: "delta" | "reasoning" | "tool_call" }>;

async function* buffered(
  run: CompletionRun,
  { check }: CompletionRules,
  { candidate, limit, call }: TryCall,
): AsyncGenerator<ContentEvent> {
  const completion = await untilAborted(completeOnce(call, candidate.request), limit.signal);
  const events = [...eventsOf(completion)];
  for (const event of events) absorb(run.answer, event);
  refuseFiltered(run);
  refuseEmpty(run.answer);
  if (check) requireValid(run.answer, check);
  for (const event of events) {
    const content = contentOf(run, event);
    if (content) yield content;
  }
}

async function* streamed(
  run: CompletionRun,
  { limits, account }: CompletionRules,
  attempt: TryCall,
): AsyncGenerator<ContentEvent> {
  const { candidate, limit, call } = attempt;
  limitFirstToken(attempt, limits.firstTokenMs ?? candidate.loaded.entry.timeouts.firstTokenMs);
  const keepAlive = streamLimit(run, limits, limit);
  const meter = account.meter(candidate, candidate.request.maxTokens);
  let committed = false;
  const events = streamOnce(call, candidate.request, () => committed && keepAlive());
  for await (const event of meter ? whilePaid(events, meter, run.answer) : events) {
    absorb(run.answer, event);
    if (event.type === "finish" && !committed) refuseFiltered(run);
    const content = contentOf(run, event);
    if (!content || limit.isDraining) continue;
    committed = true;
    // The caller may take its time; what it takes is not the provider's silence.
    limit.pause();
    yield content;
    limit.signal.throwIfAborted();
    keepAlive();
  }
  endStream(run, limit, committed);
}

/** What follows when a stream has come to its end, or to that of the money. */
function endStream({ answer, operation }: CompletionRun, limit: Limit, committed: boolean): void {
  answer.isWhole = !answer.endedBy;
  if (limit.isDraining) throw operation.signal.reason;
  if (!committed && answer.isWhole) refuseEmpty(answer);
}

function limitFirstToken({ limit, slice }: TryCall, firstTokenMs: number | undefined): void {
  if (firstTokenMs === undefined || firstTokenMs >= slice) return;
  limit.set(
    firstTokenMs,
    () => new RiptideError("attempt_timeout", `no first token within ${formatDuration(firstTokenMs)}`),
  );
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
