import { asRiptideError, type RiptideError } from "../../core/errors.ts";
import type { CompletionResult, PipelineEvent, Trail } from "../../engine/events.ts";
import type { CompletionOperation } from "../../engine/operation.ts";
import { completeInBatches } from "../../engine/pipeline.ts";
import type { Daemon } from "../context.ts";
import type { CompletionAsk, CompletionDialect, FailedEvent } from "../dialects/dialect.ts";
import { readJsonObject } from "../http/body.ts";
import { type Exchange, type Headers, replyJson } from "../http/exchange.ts";
import { type StreamBody, streamBody } from "../http/stream-body.ts";
import type { Route } from "../routes.ts";
import { requestIdOf } from "../wishes.ts";
import { type Admitted, letIn } from "./admit.ts";
import { redacted, replyFailed } from "./failed.ts";
import { answerHeaders, streamHeaders, warningHeader } from "./headers.ts";

/** A route on which one dialect asks for completions. */
export function completionRoute(dialect: CompletionDialect): Route {
  const route = async (exchange: Exchange, daemon: Daemon): Promise<void> => {
    const id = requestIdOf(exchange) ?? daemon.newId();
    let admitted: Admitted | undefined;
    try {
      const ask = dialect.ask(await readJsonObject(exchange.request));
      const { wishes, stream } = ask;
      admitted = await letIn(exchange, daemon, {
        id,
        dialect: dialect.name,
        wishes,
        stream,
        class: "completion",
      });
      await answer(exchange, daemon, { dialect, ask, admitted });
    } catch (thrown) {
      const failure = { error: asRiptideError(thrown), id, attempts: 0, generation: admitted?.lease.number };
      replyFailed(exchange, daemon, dialect, failure);
    } finally {
      admitted?.leave();
    }
  };
  return Object.assign(route, {
    errorBody: (error: RiptideError, id: string | undefined) => dialect.errorBody(error, id),
  });
}

interface Answering {
  readonly dialect: CompletionDialect;
  readonly ask: CompletionAsk;
  readonly admitted: Admitted;
}

async function answer(exchange: Exchange, daemon: Daemon, answering: Answering): Promise<void> {
  const { ask, admitted } = answering;
  const operation: CompletionOperation = {
    ...admitted.asked,
    request: ask.request,
    stream: ask.stream && ask.atOnce !== true,
    strictParams: ask.strictParams,
    showReasoning: ask.showReasoning,
  };
  daemon.observer.began(admitted.work);
  const events = story(operation, admitted, { daemon, startedAt: daemon.clock.now() });
  if (ask.stream) await stream(exchange, daemon, events, answering);
  else await whole(exchange, daemon, events, answering);
}

interface Telling {
  readonly daemon: Daemon;
  readonly startedAt: number;
}

/** The events of the pipeline, told of once at the last of them; a tenant without a place waits for it first. */
async function* story(
  operation: CompletionOperation,
  admitted: Admitted,
  telling: Telling,
): AsyncGenerator<readonly PipelineEvent[]> {
  const { engine, patience } = admitted;
  for await (const events of completeInBatches({ ...operation, queueMs: patience.queueMs() }, engine)) {
    const last = events.at(-1);
    const isUnasked = last?.type === "error" && last.attempts.length === 0;
    if (isUnasked && (await patience.again(last.error))) return yield* story(operation, admitted, telling);
    if (last) endedBy(last, admitted, telling);
    yield events;
  }
}

function endedBy(last: PipelineEvent, admitted: Admitted, telling: Telling): void {
  if (last.type === "end") ended(admitted, telling, last.completion);
  else if (last.type === "error") ended(admitted, telling, last, last.error);
}

function ended(
  { work }: Admitted,
  { daemon: { clock, observer }, startedAt }: Telling,
  { attempts, skipped, usage, timing }: Trail & Partial<CompletionResult>,
  error?: RiptideError,
): void {
  const totalMs = clock.now() - startedAt;
  const firstTokenMs = timing?.firstTokenMs ?? null;
  observer.ended(work, { attempts, skipped, error, totalMs, firstTokenMs, usage });
}

async function whole(
  exchange: Exchange,
  daemon: Daemon,
  batches: AsyncIterable<readonly PipelineEvent[]>,
  { dialect, ask, admitted }: Answering,
): Promise<void> {
  for await (const events of batches) {
    const last = events.at(-1);
    if (last?.type === "error") return refuse(exchange, daemon, last, { dialect, ask, admitted });
    if (last?.type !== "end") continue;
    const { completion } = last;
    const headers = answerHeaders(completion, admitted, [...ask.warnings, ...completion.warnings]);
    return replyJson(exchange, dialect.answer(completion, ask, admitted.facts), headers);
  }
}

function refuse(
  exchange: Exchange,
  daemon: Daemon,
  story: FailedEvent,
  { dialect, ask, admitted }: Answering,
): void {
  const { error, id, attempts, warnings } = story;
  const failure = { error, id, attempts: attempts.length, generation: admitted.lease.number, story };
  replyFailed(exchange, daemon, dialect, failure, warningHeader([...ask.warnings, ...warnings]));
}

async function stream(
  exchange: Exchange,
  daemon: Daemon,
  batches: AsyncIterable<readonly PipelineEvent[]>,
  answering: Answering,
): Promise<void> {
  const { dialect, ask, admitted } = answering;
  const write = dialect.stream(ask, admitted.facts);
  const body = streamBody(exchange);
  const heading = streamHeaders(admitted, ask.warnings);
  const headers = () => ({ "content-type": dialect.streamType, ...heading.headers() });
  const tell = (event: PipelineEvent): string => {
    heading.note(event);
    return write(event.type === "error" ? { ...event, error: redacted(event.error, daemon) } : event);
  };
  for await (const events of batches) {
    const last = events.at(-1);
    if (last?.type === "error" && !body.isOpen()) return refuse(exchange, daemon, last, answering);
    const text = events.map(tell).join("");
    const reader = handOver(body, text, headers);
    if (reader) await reader;
    if (last?.type === "error") return body.breakOff();
  }
  body.end();
}

/** The first text of an answer brings its headers along. */
function handOver(body: StreamBody, text: string, headers: () => Headers): Promise<void> | undefined {
  if (text === "") return undefined;
  if (!body.isOpen()) body.open(headers());
  return body.write(text);
}
