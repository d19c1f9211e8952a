import type { Completion, ToolCall } from "../../core/completion.ts";
import type { Usage } from "../../core/usage.ts";
import type { WireReply } from "../../wire/http.ts";
import { wrongShape } from "../failure.ts";
import { countAt, isObject, listAt, parseJson, textAt, valueAt } from "../read.ts";
import { optionalCount, reportedUsage } from "../usage.ts";
import { throwInBand } from "./errors.ts";
import { endingOf } from "./finish.ts";

/**
 * Reads a whole answer.
 * @throws RiptideError by its own code for an error with status 200, `protocol_error` for any other shape.
 */
export function readChat(reply: WireReply): Completion {
  const value = parseJson(reply.body);
  throwInBand(value, reply.headers);
  const choice = valueAt(value, "choices", 0);
  const message = valueAt(choice, "message");
  if (!isObject(message)) throw wrongShape("the answer holds no choices[0].message");
  const toolCalls = readToolCalls(message, textAt(value, "id") ?? "");
  const usage = readUsage(valueAt(value, "usage"));
  const model = textAt(value, "model");
  return {
    text: contentText(message.content),
    reasoning: reasoningText(message),
    toolCalls,
    ...endingOf(choice, textAt(message, "refusal") ?? "", toolCalls.length > 0),
    ...(usage && { usage }),
    ...(model && { model }),
  };
}

/** Text content, or the text parts of a list of parts, as some compatible servers send it. */
export function contentText(content: unknown): string {
  if (content === undefined || content === null) return "";
  if (typeof content === "string") return content;
  if (!Array.isArray(content)) throw wrongShape("the answer's content is neither text nor a list of parts");
  return content.map((part) => textAt(part, "text") ?? "").join("");
}

/** OpenAI shows no reasoning here; DeepSeek, vLLM and llama.cpp call it one name, OpenRouter the other. */
export const reasoningText = (message: unknown): string =>
  textAt(message, "reasoning_content") ?? textAt(message, "reasoning") ?? "";

/** An id for a call whose server gives none; it has to differ from those of other answers. */
export const madeCallId = (completionId: string, index: number): string =>
  `call_${index}_${completionId.replace(/[^A-Za-z0-9_-]/g, "").slice(-24)}`;

/** Chat usage follows the normal form (OpenAI API reference, "usage"). */
export function readUsage(usage: unknown): Usage | undefined {
  return reportedUsage({
    input: countAt(usage, "prompt_tokens"),
    output: countAt(usage, "completion_tokens"),
    cacheRead: optionalCount(usage, "prompt_tokens_details", "cached_tokens"),
    cacheWrite: optionalCount(usage, "prompt_tokens_details", "cache_write_tokens"),
    reasoning: optionalCount(usage, "completion_tokens_details", "reasoning_tokens"),
  });
}

/** A call's arguments are JSON text; some servers send the object itself. */
export function argumentsText(call: unknown): string {
  const given = valueAt(call, "function", "arguments");
  return isObject(given) ? JSON.stringify(given) : (textAt(call, "function", "arguments") ?? "");
}

function readToolCalls(message: unknown, completionId: string): ToolCall[] {
  // Calls of a kind that is not asked for, such as `custom`, have no function.
  const functions = listAt(message, "tool_calls").filter((call) => isObject(valueAt(call, "function")));
  return functions.map((call, index) => {
    const name = textAt(call, "function", "name");
    if (!name) throw wrongShape("a tool call has no name");
    return {
      id: textAt(call, "id") || madeCallId(completionId, index),
      name,
      arguments: argumentsText(call),
    };
  });
}
