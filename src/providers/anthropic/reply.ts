import type { Completion, Thoughts, ToolCall } from "../../core/completion.ts";
import type { RiptideError } from "../../core/errors.ts";
import type { JsonObject } from "../../core/json.ts";
import type { WireReply } from "../../wire/http.ts";
import { wrongShape } from "../failure.ts";
import { isObject, parseJson, textAt, valueAt } from "../read.ts";
import { inBandError, reportsError } from "./errors.ts";
import { endingOf } from "./finish.ts";
import { usageOf } from "./usage.ts";

/** A whole answer. Hosts whose errors look different bring their own reader for one inside a 200. */
export function completionOf(
  reply: WireReply,
  readError: (value: unknown) => RiptideError = inBandError,
): Completion {
  const message = parseJson(reply.body);
  if (reportsError(message)) throw readError(message);
  const content = valueAt(message, "content");
  if (!Array.isArray(content)) throw wrongShape("the answer has no content");
  if (textAt(message, "stop_reason") === undefined) throw wrongShape("the answer has no stop_reason");
  const usage = usageOf(valueAt(message, "usage"));
  const model = textAt(message, "model");
  return {
    text: joined(content, "text", "text"),
    reasoning: joined(content, "thinking", "thinking"),
    thoughts: content.flatMap((block) => thoughtsOf(block) ?? []),
    toolCalls: content.filter((block) => textAt(block, "type") === "tool_use").map(toolCall),
    ...endingOf(message),
    ...(usage && { usage }),
    ...(model && { model }),
  };
}

/** A block of thoughts as it has to be given back; undefined for any other, and for one without its signature. */
export function thoughtsOf(block: unknown): Thoughts | undefined {
  const type = textAt(block, "type");
  const seal = type === "thinking" ? "signature" : type === "redacted_thinking" ? "data" : undefined;
  if (!seal || !textAt(block, seal)) return undefined;
  return { dialect: "anthropic", block: block as JsonObject }; // An object, since it has members, and read from JSON.
}

function joined(content: readonly unknown[], type: string, field: string): string {
  const blocks = content.filter((block) => textAt(block, "type") === type);
  return blocks.map((block) => requiredText(block, field)).join("");
}

/**
 * The text that a block of a known type has to hold.
 * @throws RiptideError `protocol_error` when it holds anything else.
 */
export function requiredText(block: unknown, field: string): string {
  const text = textAt(block, field);
  if (text === undefined) throw wrongShape(`a content block has no ${field}`);
  return text;
}

/** The id or name that a tool call has to have. */
export function requiredWord(block: unknown, field: "id" | "name"): string {
  const word = textAt(block, field);
  if (!word) throw wrongShape(`a tool call has no ${field}`);
  return word;
}

function toolCall(block: unknown): ToolCall {
  const input = valueAt(block, "input") ?? {};
  if (!isObject(input)) throw wrongShape("a tool call's input is not an object");
  return {
    id: requiredWord(block, "id"),
    name: requiredWord(block, "name"),
    arguments: JSON.stringify(input),
  };
}
