import { RiptideError } from "../../core/errors.ts";
import type { PipelineEvent } from "../../engine/events.ts";
import type { CallFacts } from "../../output/completion.ts";
import type { Target } from "../../routing/target.ts";
import {
  type AttemptDocument,
  attemptOf,
  type CompletionDocument,
  completionOf,
  type TrailDocument,
  trailOf,
  type UsageDocument,
  usageFrom,
} from "./documents.ts";
import { type ErrorDocument, errorOf } from "./errors.ts";

/** A line of the daemon's stream. */
type Line =
  | { readonly type: "start"; readonly id: string; readonly plan: readonly Target[] }
  | { readonly type: "attempt"; readonly attempt: AttemptDocument }
  | { readonly type: "delta" | "reasoning"; readonly text: string }
  | {
      readonly type: "tool_call";
      readonly index: number;
      readonly call_id: string | null;
      readonly name: string | null;
      readonly arguments_delta: string;
    }
  | Extract<PipelineEvent, { type: "failover" }>
  | { readonly type: "usage"; readonly usage: UsageDocument }
  | ({ readonly type: "end"; readonly completion: CompletionDocument } & Notices)
  | ({ readonly type: "error" } & ErrorDocument);

/** What a command line says on stderr of a result, beside the documents. */
type Notices = Partial<Pick<ErrorDocument, "alerts" | "skip_errors">>;

/** One answer of the daemon as the events of the pipeline, and what only its last line says of the call. */
export interface Told {
  readonly events: AsyncIterable<PipelineEvent>;
  /** Complete with the last event. */
  facts(): CallFacts;
  /** Thresholds of budgets that were crossed, in words; complete with the last event. */
  alerts(): readonly string[];
}

interface Reading {
  facts: CallFacts;
  alerts: readonly string[];
  id: string;
  text: string;
  /** What is known of the attempts, for an answer that breaks off. */
  readonly attempts: AttemptDocument[];
}

/** What the daemon has booked of a request that was given up; undefined where nobody can say. */
export type LookUp = (id: string) => Promise<readonly AttemptDocument[] | undefined>;

/**
 * Reads a stream of lines back into events.
 * @param pieces The text of the stream, cut anywhere.
 * @param facts What is known of the call before its end.
 * @param lookUp Tells what an answer came to that the caller did not wait for.
 */
export function eventsOf(
  pieces: AsyncIterable<string>,
  facts: CallFacts,
  lookUp: LookUp = async () => undefined,
): Told {
  const reading = newReading(facts);
  return toldOf(read(pieces, reading, lookUp), reading);
}

/** An answer that was an error from the start. */
export function failedTold(document: ErrorDocument, facts: CallFacts): Told {
  const reading = newReading(facts);
  return toldOf(only(failed(document, reading)), reading);
}

/** A call of which nothing came back. */
export function brokenTold(error: RiptideError, facts: CallFacts): Told {
  const reading = newReading(facts);
  return toldOf(only(brokenOff(error, reading)), reading);
}

const newReading = (facts: CallFacts): Reading => ({ facts, alerts: [], id: "", text: "", attempts: [] });

const toldOf = (events: AsyncIterable<PipelineEvent>, reading: Reading): Told => ({
  events,
  facts: () => reading.facts,
  alerts: () => reading.alerts,
});

async function* only(event: PipelineEvent): AsyncGenerator<PipelineEvent> {
  yield event;
}

async function* read(
  pieces: AsyncIterable<string>,
  reading: Reading,
  lookUp: LookUp,
): AsyncGenerator<PipelineEvent> {
  let rest = "";
  try {
    for await (const piece of pieces) {
      const lines = (rest + piece).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) {
        const event = eventOf(lineOf(line), reading);
        yield event;
        if (event.type === "end" || event.type === "error") return;
      }
    }
    throw new RiptideError("daemon_lost", "the daemon ended its answer before its end", {
      hint: "riptide daemon status   (what was sent is not sent again)",
    });
  } catch (thrown) {
    yield await brokenBy(thrown, reading, lookUp);
  }
}

/** The end of an answer that broke off; whoever gave it up is told what it came to. */
async function brokenBy(thrown: unknown, reading: Reading, lookUp: LookUp): Promise<PipelineEvent> {
  if (!(thrown instanceof RiptideError)) throw thrown;
  const { code, exit } = thrown;
  const { id } = reading;
  // One that nobody reads any more ends with 0, and says nothing.
  const isAsked = code === "cancelled" && exit !== 0 && id !== "";
  const booked = isAsked ? await lookUp(id) : undefined;
  return brokenOff(thrown, { ...reading, attempts: booked ?? reading.attempts });
}

/** The daemon speaks our protocol, which was compared, so its lines have our shape. */
function lineOf(text: string): Line {
  try {
    return JSON.parse(text) as Line;
  } catch (cause) {
    throw new RiptideError("daemon_lost", "the daemon sent a line that is no JSON", { cause });
  }
}

function eventOf(line: Line, reading: Reading): PipelineEvent {
  switch (line.type) {
    case "start":
      reading.id = line.id;
      return { type: "start", id: line.id, plan: line.plan };
    case "attempt":
      reading.attempts.push(line.attempt);
      return { type: "attempt", attempt: attemptOf(line.attempt) };
    case "delta":
      reading.text += line.text;
      return { type: "delta", text: line.text };
    case "reasoning":
      return { type: "reasoning", text: line.text };
    case "tool_call": {
      const { index, call_id: callId, name, arguments_delta: argumentsDelta } = line;
      return { type: "tool_call", index, callId, name, argumentsDelta };
    }
    case "failover":
      return { type: "failover", from: line.from, to: line.to, code: line.code, mode: line.mode };
    case "usage":
      return { type: "usage", usage: usageFrom(line.usage) };
    case "end":
      return ended(line, reading);
    case "error":
      return failed(line, reading);
  }
}

function ended(line: Extract<Line, { type: "end" }>, reading: Reading): PipelineEvent {
  const { completion, skip_errors, alerts = [] } = line;
  const { requested, tenant, tags, config_revision: configRevision } = completion;
  reading.alerts = alerts;
  reading.facts = { requested, tenant, tags, configRevision, via: "daemon" };
  const document = { ...completion, ...(skip_errors && { skip_errors }) };
  return { type: "end", completion: completionOf(document, reading.text) };
}

function failed(document: ErrorDocument, reading: Reading): PipelineEvent {
  const { attempts = [], skipped = [], skip_errors, warnings = [], alerts = [] } = document;
  reading.alerts = alerts;
  return {
    type: "error",
    id: document.id ?? reading.id,
    error: errorOf(document),
    partialText: document.partial_text ?? "",
    alerts: [],
    warnings,
    ...trailOf({ attempts, skipped, ...(skip_errors && { skip_errors }) }),
  };
}

/** Whatever was sent stays sent: nothing is asked again. */
const brokenOff = (
  error: RiptideError,
  { id, text, attempts }: Pick<Reading, "id" | "text"> & Pick<TrailDocument, "attempts">,
): PipelineEvent => ({
  type: "error",
  ...{ id, error },
  partialText: text,
  ...{ alerts: [], warnings: [] },
  ...trailOf({ attempts, skipped: [] }),
});
