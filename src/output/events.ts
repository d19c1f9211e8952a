import type { RiptideError } from "../core/errors.ts";
import type { JsonObject } from "../core/json.ts";
import type { CompletionResult, PipelineEvent } from "../engine/events.ts";
import { attemptDocument, type CallFacts, completionDocument } from "./completion.ts";
import { toSnake } from "./json.ts";

/** The events that come before an error, or without one. */
export type ToldEvent = Exclude<PipelineEvent, { type: "error" }>;

/** What the lines of one stream have in common. */
export interface EventContext {
  readonly id: string;
  readonly facts: CallFacts;
  /** Of the last one, for an answer the caller asked to refuse. */
  readonly error?: RiptideError | undefined;
}

/** One event of a completion as its line of `-o jsonl` and of the daemon's own stream. */
export function eventDocument(event: ToldEvent, { id, facts, error }: EventContext): JsonObject {
  return { type: event.type, id, ...bodyOf(event, facts, error) };
}

function bodyOf(event: ToldEvent, facts: CallFacts, error: RiptideError | undefined): JsonObject {
  switch (event.type) {
    case "start":
      return { schema: "riptide.events/1", plan: toSnake(event.plan) };
    case "attempt":
      return { attempt: toSnake(attemptDocument(event.attempt)) };
    case "delta":
    case "reasoning":
      return { text: event.text };
    case "thoughts":
      return { dialect: event.dialect, block: event.block };
    case "tool_call": {
      const { index, callId, name, argumentsDelta } = event;
      return { index, call_id: callId, name, arguments_delta: argumentsDelta };
    }
    case "failover":
      return { from: toSnake(event.from), to: toSnake(event.to), code: event.code, mode: event.mode };
    case "usage":
      return { usage: toSnake(event.usage) };
    case "end":
      return { completion: withoutText(event.completion, facts, error) };
  }
}

/** The text went out as deltas. */
function withoutText(
  result: CompletionResult,
  facts: CallFacts,
  error: RiptideError | undefined,
): JsonObject {
  const { text: _text, ...completion } = completionDocument(result, facts, error);
  return completion;
}
