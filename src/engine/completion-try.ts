import { formatDuration } from "../core/duration.ts";
import { RiptideError } from "../core/errors.ts";
import type { StreamEvent } from "../core/events.ts";
import { connectLimitMs } from "../resilience/deadline.ts";
import { absorb, newAnswer } from "./answer.ts";
import { refuseEmpty, refuseFiltered, requireValid } from "./answer-check.ts";
import type { CompletionCandidate } from "./candidates.ts";
import type { CompletionRules, CompletionRun } from "./completion-run.ts";
import type { PipelineEvent } from "./events.ts";
import { type Call, completeOnce, eventsOf, type ReadEvents, streamOnce } from "./exchange.ts";
import type { Trying } from "./failover-plan.ts";
import type { Limit } from "./limit.ts";
import { whilePaid } from "./metered.ts";
import { streamLimit } from "./stream-limit.ts";
import { gateOf, type Takeover } from "./takeover.ts";
import { characters, type TextGate } from "./text-gate.ts";

/** Asks one candidate for the answer and tells what of it the caller is given. */
export function tryCompletion(
  run: CompletionRun,
  rules: CompletionRules,
  attempt: CompletionTry,
): Promise<void> {
  const { candidate, limit, sliceMs, fresh, progress } = attempt;
  const { entry, adapter, transport, newFramer } = candidate.loaded;
  // The text of a stream from its start is what the caller is given: a long one is not kept twice.
  run.answer = candidate.request.stream && !candidate.takeover ? newAnswer(run.delivered) : newAnswer();
  const call: Call = {
    adapter,
    transport,
    newFramer,
    clock: run.engine.clock,
    exchange: {
      signal: limit.signal,
      connectTimeoutMs: connectLimitMs(sliceMs, entry.timeouts.connectMs),
      fresh,
      ...(progress && { progress }),
    },
  };
  return candidate.request.stream
    ? streamed(run, rules, { ...attempt, call })
    : buffered(run, rules, { ...attempt, call });
}

/** One attempt: whom it asks, what ends it, and its share of the deadline. */
export interface CompletionTry extends Trying<ContentEvent> {
  readonly candidate: CompletionCandidate;
}

/** With the call it makes. */
interface TryCall extends CompletionTry {
  readonly call: Call;
}

/** A part of the answer, as the caller is given it. */
export type ContentEvent = Extract<PipelineEvent, { type: "delta" | "reasoning" | "thoughts" | "tool_call" }>;

async function buffered(
  run: CompletionRun,
  { check }: CompletionRules,
  { candidate, call, tell }: TryCall,
): Promise<void> {
  const events = eventsOf(await completeOnce(call, candidate.request));
  for (const event of events) absorb(run.answer, event);
  refuseFiltered(run);
  refuseEmpty(run.answer);
  if (check) requireValid(run.answer, check);
  const gate = characters();
  const contents: ContentEvent[] = [];
  for (const event of events) addContent(contents, run, event, { gate });
  if (contents.length > 0) await tell(contents);
}

async function streamed(
  run: CompletionRun,
  { limits, account }: CompletionRules,
  attempt: TryCall,
): Promise<void> {
  const { candidate, limit, call, tell } = attempt;
  limitFirstToken(attempt, limits.firstTokenMs ?? candidate.loaded.entry.timeouts.firstTokenMs);
  const keepAlive = streamLimit(run, limits, limit);
  const meter = account.meter(candidate, candidate.request.maxTokens);
  const gate = gateOf(candidate);
  let committed = false;
  const hand = (contents: readonly ContentEvent[]): Promise<void> | undefined => {
    // From here on each arrival of bytes counts the silence anew.
    if (!committed) keepAlive();
    committed = true;
    const reader = tell(contents);
    if (!reader) return undefined;
    // The caller may take its time; what it takes is not the provider's silence.
    limit.pause();
    return reader.then(() => {
      limit.signal.throwIfAborted();
      keepAlive();
    });
  };
  const read: ReadEvents = (events) => {
    const { contents, failure } = take(run, events, { attempt, gate, committed });
    const goOn = (): boolean => {
      if (failure) throw failure.error;
      return run.answer.endedBy === undefined;
    };
    const reader = contents.length > 0 ? hand(contents) : undefined;
    return reader ? reader.then(goOn) : goOn();
  };
  const paid = meter ? whilePaid(read, meter, run.answer, limit.signal) : read;
  await streamOnce(call, candidate.request, { onBytes: () => committed && keepAlive(), read: paid });
  endStream(run, limit, committed || candidate.takeover !== undefined);
  const last = run.answer.isWhole ? gate.end() : "";
  if (last !== "") await tell([handOver(run, { type: "delta", text: last })]);
}

interface Taking {
  readonly attempt: TryCall;
  readonly gate: TextGate;
  readonly committed: boolean;
}

/** What of these events the caller is given; what came before a failure is not lost with it. */
function take(
  run: CompletionRun,
  events: readonly StreamEvent[],
  { attempt: { candidate, limit }, gate, committed }: Taking,
): { readonly contents: readonly ContentEvent[]; readonly failure?: { readonly error: unknown } } {
  const contents: ContentEvent[] = [];
  try {
    for (const event of events) {
      absorb(run.answer, event);
      if (!committed && contents.length === 0) refuseEarly(run, event);
      // When the caller has gone, nothing more is handed over.
      if (!limit.isDraining()) addContent(contents, run, event, { gate, takeover: candidate.takeover });
    }
    return { contents };
  } catch (error) {
    return { contents, failure: { error } };
  }
}

/** A refusal before the first content is a failure that others may do better at. */
function refuseEarly(run: CompletionRun, event: StreamEvent): void {
  if (event.type === "finish") refuseFiltered(run);
}

/** What follows when a stream has come to its end, or to that of the money. */
function endStream({ answer, operation }: CompletionRun, limit: Limit, mayBeEmpty: boolean): void {
  answer.isWhole = !answer.endedBy;
  if (limit.isDraining()) throw operation.signal.reason;
  if (!mayBeEmpty && answer.isWhole) refuseEmpty(answer);
}

function limitFirstToken({ limit, sliceMs }: TryCall, firstTokenMs: number | undefined): void {
  if (firstTokenMs === undefined || firstTokenMs >= sliceMs) return;
  limit.set(
    firstTokenMs,
    () => new RiptideError("attempt_timeout", `no first token within ${formatDuration(firstTokenMs)}`),
  );
}

interface Giving {
  readonly gate: TextGate;
  readonly takeover?: Takeover | undefined;
}

/** Adds what of a provider's event the caller is given. Thoughts alone are no content, and wait for it (SR-2). */
function addContent(
  contents: ContentEvent[],
  run: CompletionRun,
  event: StreamEvent,
  { gate, takeover }: Giving,
): void {
  const content = contentOf(run, event, gate, takeover);
  if (!content) return;
  const { answer, operation } = run;
  // Of an answer that goes on, they are another model's.
  for (; answer.thoughtsTold < answer.thoughts.length && !takeover; answer.thoughtsTold += 1) {
    const thoughts = answer.thoughts[answer.thoughtsTold];
    if (thoughts?.dialect === operation.dialect) contents.push({ type: "thoughts", ...thoughts });
  }
  contents.push(content);
}

/** What of a provider's event the caller is given as content. */
function contentOf(
  run: CompletionRun,
  event: StreamEvent,
  gate: TextGate,
  takeover?: Takeover,
): ContentEvent | undefined {
  if (event.type === "delta") return textOf(run, event, gate);
  if (event.type === "reasoning") return thoughtOf(run, event, takeover);
  if (event.type !== "tool_call") return undefined;
  // A call is something new, so the text before it has to be all that was delivered.
  if (takeover?.mode === "splice") gate.end();
  run.hasToolCall = true;
  const { index, id, name, argumentsDelta } = event;
  return handOver(run, { type: "tool_call", index, callId: id ?? null, name: name ?? null, argumentsDelta });
}

function textOf(run: CompletionRun, event: Delta, gate: TextGate): ContentEvent | undefined {
  const text = gate.push(event.text);
  if (text === "") return undefined;
  // A long answer is many thousand events: one that goes on as it came is not made anew.
  return handOver(run, text === event.text ? event : { type: "delta", text });
}

/** Of an answer that goes on, the thoughts have been shown. */
function thoughtOf(run: CompletionRun, event: Thought, takeover?: Takeover): ContentEvent | undefined {
  const isShown = run.operation.showReasoning && event.text !== "" && !takeover?.delivered;
  return isShown ? handOver(run, event) : undefined;
}

type Delta = Extract<StreamEvent, { type: "delta" }>;
type Thought = Extract<StreamEvent, { type: "reasoning" }>;

/** Notes when the first content came, and all of the text. */
function handOver(run: CompletionRun, content: ContentEvent): ContentEvent {
  run.firstTokenMs ??= run.engine.clock.now() - run.startedAt;
  if (content.type === "delta") run.delivered.add(content.text);
  return content;
}
