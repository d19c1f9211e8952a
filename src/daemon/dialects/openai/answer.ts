import type { Finish, ToolCall } from "../../../core/completion.ts";
import type { JsonObject } from "../../../core/json.ts";
import type { Usage } from "../../../core/usage.ts";
import type { CompletionResult } from "../../../engine/events.ts";
import type { AnswerFacts } from "../dialect.ts";

/** A whole answer as `chat.completion`. */
export function chatAnswer(result: CompletionResult, { id, arrivedMs }: AnswerFacts): JsonObject {
  const { text, toolCalls, refusal = null } = result;
  const isSilent = text === "" && (toolCalls.length > 0 || refusal !== null);
  const message = {
    role: "assistant",
    content: isSilent ? null : text,
    refusal,
    ...(toolCalls.length > 0 && { tool_calls: toolCalls.map(toolCall) }),
  };
  return {
    id,
    object: "chat.completion",
    created: createdAt(arrivedMs),
    model: result.model,
    choices: [{ index: 0, message, logprobs: null, finish_reason: FINISHES[result.finish] }],
    usage: usageOf(result.usage),
  };
}

/** The dialect counts in whole seconds. */
export const createdAt = (unixMs: number): number => Math.floor(unixMs / 1_000);

/** What ends an answer before its end has no word of its own here: it was cut. */
export const FINISHES = {
  stop: "stop",
  length: "length",
  tool_calls: "tool_calls",
  content_filter: "content_filter",
  budget: "length",
  cancelled: "length",
  timeout: "length",
  interrupted: "length",
} as const satisfies Record<Finish, string>;

const toolCall = ({ id, name, arguments: text }: ToolCall): JsonObject => ({
  id,
  type: "function",
  function: { name, arguments: text },
});

/** Usage in the dialect's words; an estimate says so. */
export function usageOf(usage: Usage): JsonObject {
  return {
    prompt_tokens: usage.inputTokens,
    completion_tokens: usage.outputTokens,
    total_tokens: usage.inputTokens + usage.outputTokens,
    prompt_tokens_details: {
      cached_tokens: usage.cacheReadTokens,
      cache_write_tokens: usage.cacheWriteTokens,
    },
    completion_tokens_details: { reasoning_tokens: usage.reasoningTokens },
    ...(usage.source === "estimated" && { estimated: true }),
  };
}
