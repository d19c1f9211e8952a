import { asRiptideError, type RiptideError } from "../../core/errors.ts";
import type { CompletionResult, PipelineEvent, Trail } from "../../engine/events.ts";
import type { CompletionOperation } from "../../engine/operation.ts";
import { tellCompletion } from "../../engine/pipeline.ts";
import type { Tell } from "../../engine/tell.ts";
import type { Daemon } from "../context.ts";
import type { CompletionAsk, CompletionDialect, FailedEvent } from "../dialects/dialect.ts";
import { readJsonObject } from "../http/body.ts";
import { type Exchange, type Headers, replyJson } from "../http/exchange.ts";
import { type StreamBody, streamBody } from "../http/stream-body.ts";
import type { Route } from "../routes.ts";
import { requestIdOf } from "../wishes.ts";
import { type Admitted, letIn, refuseUnread } from "./admit.ts";
import { redacted, replyFailed } from "./failed.ts";
import { answerHeaders, streamHeaders, warningHeader } from "./headers.ts";

/** A route on which one dialect asks for completions. */
export function completionRoute(dialect: CompletionDialect): Route {
  const route = async (exchange: Exchange, daemon: Daemon): Promise<void> => {
    const id = requestIdOf(exchange) ?? daemon.newId();
    let admitted: Admitted | undefined;
    try {
      refuseUnread(exchange, daemon, { id, dialect: dialect.name, class: "completion" });
      const ask = dialect.ask(await readJsonObject(exchange.request), exchange.request.headers);
      const { wishes } = ask;
      admitted = await letIn(exchange, daemon, {
        id,
        dialect: dialect.name,
        wishes,
        stream: isStreamed(ask) && !ask.request.schema,
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

/** Whether the provider is asked for a stream. */
const isStreamed = ({ stream, atOnce }: CompletionAsk): boolean => stream && atOnce !== true;

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
    stream: isStreamed(ask),
    strictParams: ask.strictParams,
    showReasoning: ask.showReasoning,
  };
  daemon.observer.began(admitted.work);
  const telling: Telling = { operation, admitted, daemon, startedAt: daemon.clock.now() };
  if (ask.stream) await stream(exchange, telling, answering);
  else await whole(exchange, telling, answering);
}

interface Telling {
  readonly operation: CompletionOperation;
  readonly admitted: Admitted;
  readonly daemon: Daemon;
  readonly startedAt: number;
}

/** Tells the events of the pipeline, and who watches of the last of them; a tenant without a place waits for it first. */
async function story(telling: Telling, tell: Tell<PipelineEvent>): Promise<void> {
  const { engine, patience } = telling.admitted;
  let isAsking = true;
  const told: Tell<PipelineEvent> = (events) => {
    const last = events.at(-1);
    if (last) endedBy(last, telling);
    return tell(events);
  };
  const refused = async (events: readonly PipelineEvent[], error: RiptideError): Promise<void> => {
    isAsking = await patience.again(error);
    if (!isAsking) await told(events);
  };
  while (isAsking) {
    isAsking = false;
    const operation = { ...telling.operation, queueMs: patience.queueMs() };
    await tellCompletion(operation, engine, (events) => {
      const last = events.at(-1);
      const isUnasked = last?.type === "error" && last.attempts.length === 0;
      return isUnasked ? refused(events, last.error) : told(events);
    });
  }
}

function endedBy(last: PipelineEvent, telling: Telling): void {
  if (last.type === "end") ended(telling, last.completion);
  else if (last.type === "error") ended(telling, last, last.error);
}

function ended(
  { admitted: { work }, daemon: { clock, observer }, startedAt }: Telling,
  { attempts, skipped, usage, timing }: Trail & Partial<CompletionResult>,
  error?: RiptideError,
): void {
  const totalMs = clock.now() - startedAt;
  const firstTokenMs = timing?.firstTokenMs ?? null;
  observer.ended(work, { attempts, skipped, error, totalMs, firstTokenMs, usage });
}

async function whole(exchange: Exchange, telling: Telling, answering: Answering): Promise<void> {
  const { dialect, ask, admitted } = answering;
  await story(telling, (events) => {
    const last = events.at(-1);
    if (last?.type === "error") return refuse(exchange, telling.daemon, last, answering);
    if (last?.type !== "end") return undefined;
    const { completion } = last;
    const headers = answerHeaders(completion, admitted, [...ask.warnings, ...completion.warnings]);
    replyJson(exchange, dialect.answer(completion, ask, admitted.facts), headers);
    return undefined;
  });
}

function refuse(
  exchange: Exchange,
  daemon: Daemon,
  story: FailedEvent,
  { dialect, ask, admitted }: Answering,
): undefined {
  const { error, id, attempts, warnings } = story;
  const failure = { error, id, attempts: attempts.length, generation: admitted.lease.number, story };
  replyFailed(exchange, daemon, dialect, failure, warningHeader([...ask.warnings, ...warnings]));
}

async function stream(exchange: Exchange, telling: Telling, answering: Answering): Promise<void> {
  const { daemon } = telling;
  const { dialect, ask, admitted } = answering;
  const write = dialect.stream(ask, admitted.facts);
  const body = streamBody(exchange);
  const heading = streamHeaders(admitted, ask.warnings);
  const headers = () => ({ "content-type": dialect.streamType, ...heading.headers() });
  const textOf = (event: PipelineEvent): string => {
    if (!body.isOpen()) heading.note(event);
    return write(event.type === "error" ? { ...event, error: redacted(event.error, daemon) } : event);
  };
  await story(telling, (events) => {
    const last = events.at(-1);
    if (last?.type === "error" && !body.isOpen()) return refuse(exchange, daemon, last, answering);
    let text = "";
    for (const event of events) text += textOf(event);
    const reader = handOver(body, text, headers);
    return last ? closing(body, last, reader) : reader;
  });
}

/** Ends the body after its last event; what still waits for the reader goes out before. */
function closing(
  body: StreamBody,
  last: PipelineEvent,
  reader: Promise<void> | undefined,
): Promise<void> | undefined {
  const close = last.type === "end" ? body.end : last.type === "error" ? body.breakOff : undefined;
  if (!close || !reader) {
    close?.();
    return reader;
  }
  return reader.then(close);
}

/** The first text of an answer brings its headers along. */
function handOver(body: StreamBody, text: string, headers: () => Headers): Promise<void> | undefined {
  if (text === "") return undefined;
  if (!body.isOpen()) body.open(headers());
  return body.write(text);
}
