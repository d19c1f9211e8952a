import type { Finish, ToolCall } from "../../../core/completion.ts";
import { RiptideError, unreachable } from "../../../core/errors.ts";
import type { JsonObject } from "../../../core/json.ts";
import type { Usage } from "../../../core/usage.ts";
import type { CompletionResult } from "../../../engine/events.ts";
import { isObject, tryJson } from "../../../providers/read.ts";

/** A whole answer as a message of the vendor's. */
export function answerOf(result: CompletionResult): JsonObject {
  const { text, thoughts = [], toolCalls, finish } = result;
  return {
    ...messageHead(result.id, result.model),
    content: [
      ...thoughts.map(({ block }) => block),
      ...(text === "" ? [] : [{ type: "text", text }]),
      ...toolCalls.map((call) => toolUse(call, finish)),
    ],
    ...stopOf(result),
    usage: usageOf(result.usage),
  };
}

/** The members that are known when an answer begins. */
export const messageHead = (id: string, model: string): JsonObject => ({
  id: `msg_${id.replace(/^rq_/, "")}`,
  type: "message",
  role: "assistant",
  model,
});

/** Why the model stopped. An answer that was cut, by whatever, is one that reached its limit of tokens. */
export function stopOf({ finish, refusal }: Pick<CompletionResult, "finish" | "refusal">): JsonObject {
  const reason = reasonOf(finish);
  const details = { type: "refusal", category: null, explanation: refusal ?? null };
  return {
    stop_reason: reason,
    stop_sequence: null,
    stop_details: reason === "refusal" ? details : null,
  };
}

function reasonOf(finish: Finish): string {
  switch (finish) {
    case "stop":
      return "end_turn";
    case "tool_calls":
      return "tool_use";
    case "content_filter":
      return "refusal";
    case "length":
    case "budget":
    case "cancelled":
    case "timeout":
    case "interrupted":
      return "max_tokens";
    default:
      return unreachable(finish);
  }
}

/** The vendor's `input_tokens` are only those of the prompt that touched no cache. */
export const usageOf = ({
  inputTokens,
  outputTokens,
  cacheReadTokens,
  cacheWriteTokens,
}: Omit<Usage, "source" | "reasoningTokens">): JsonObject => ({
  input_tokens: Math.max(0, inputTokens - cacheReadTokens - cacheWriteTokens),
  cache_creation_input_tokens: cacheWriteTokens,
  cache_read_input_tokens: cacheReadTokens,
  output_tokens: outputTokens,
});

function toolUse(call: ToolCall, finish: Finish): JsonObject {
  return { type: "tool_use", id: call.id, name: call.name, input: inputOf(call, finish) };
}

/**
 * Arguments as the object this vendor has in their place. Those of an answer that was cut may have broken off; nobody
 * runs them, since its stop reason is no `tool_use`.
 * @throws RiptideError `protocol_error` for arguments that a tool could not be run with.
 */
function inputOf({ id, arguments: text }: ToolCall, finish: Finish): JsonObject {
  if (text.trim() === "") return {};
  const value = tryJson(text);
  if (isObject(value)) return value as JsonObject; // Parsed from JSON, so every value in it is JSON.
  if (reasonOf(finish) === "max_tokens") return {};
  throw new RiptideError("protocol_error", `the arguments of tool call "${id}" are not a JSON object`);
}
