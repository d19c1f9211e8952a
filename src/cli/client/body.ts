import type { CompletionRequest, ContentPart, Message, ToolChoice } from "../../core/completion.ts";
import type { JsonObject } from "../../core/json.ts";
import { usdText } from "../../core/money.ts";
import type { CompletionOperation, EmbeddingOperation } from "../../engine/operation.ts";

/** What a body says of the work; the rest goes into headers. */
export type CompletionWork = Pick<
  CompletionOperation,
  | ("request" | "route" | "stream" | "strictParams" | "showReasoning")
  | ("tags" | "maxCostNano" | "maxAttempts" | "streamRecovery" | "timeoutMs")
>;
export type EmbeddingWork = Pick<
  EmbeddingOperation,
  "texts" | "dimensions" | "route" | "tags" | "maxCostNano" | "maxAttempts" | "timeoutMs"
>;

/** A completion as the body of `POST /riptide/v1/complete`: OpenAI's chat with the member `riptide`. */
export function completionBody(work: CompletionWork): string {
  const { request, stream, route } = work;
  const { schema, options } = request;
  return JSON.stringify({
    model: route.model,
    messages: request.messages.map(chatMessage),
    stream,
    ...settings(request),
    riptide: {
      ...wishes(work),
      stream_recovery: work.streamRecovery,
      schema: schema?.schema,
      options,
      show_reasoning: work.showReasoning,
      ...(work.strictParams && { strict_params: true }),
    },
  });
}

/** Vectors as the body of `POST /riptide/v1/embed`: OpenAI's embeddings with the member `riptide`. */
export const embeddingBody = (work: EmbeddingWork): string =>
  JSON.stringify({
    model: work.route.model,
    input: work.texts,
    dimensions: work.dimensions,
    riptide: wishes(work),
  });

function wishes({ route, timeoutMs, maxAttempts, maxCostNano, tags }: EmbeddingWork | CompletionWork) {
  const { providers, exclude = [], fallback = [], strategy, noFallback } = route;
  return {
    providers,
    ...(exclude.length > 0 && { exclude }),
    strategy,
    ...(fallback.length > 0 && { fallback }),
    ...(noFallback && { fallback: false }),
    max_attempts: maxAttempts,
    // A duration, so that the clocks of the two need not agree.
    timeout_ms: timeoutMs === undefined ? undefined : Math.max(1, Math.round(timeoutMs)),
    max_cost_usd: maxCostNano === undefined ? undefined : usdText(maxCostNano),
    ...(Object.keys(tags).length > 0 && { tags }),
  };
}

function settings(request: CompletionRequest) {
  const { maxTokens, temperature, topP, stop, seed, effort, tools, toolChoice } = request;
  return {
    ...{ max_tokens: maxTokens, temperature, top_p: topP, stop, seed, reasoning_effort: effort },
    tools: tools?.map(({ name, description, parameters, strict }) => ({
      type: "function",
      function: { name, description, parameters, strict },
    })),
    tool_choice: toolChoice && choiceOf(toolChoice),
    parallel_tool_calls: request.parallelToolCalls,
  };
}

const choiceOf = (choice: ToolChoice) =>
  typeof choice === "string" ? choice : { type: "function", function: { name: choice.name } };

function chatMessage(message: Message): JsonObject {
  switch (message.role) {
    case "system":
      return { role: "system", content: message.content };
    case "user": {
      const { content } = message;
      return { role: "user", content: typeof content === "string" ? content : content.map(chatPart) };
    }
    case "assistant": {
      const { content, toolCalls = [] } = message;
      const calls = toolCalls.map(({ id, name, arguments: text }) => ({
        ...{ id, type: "function" },
        function: { name, arguments: text },
      }));
      return { role: "assistant", content, ...(calls.length > 0 && { tool_calls: calls }) };
    }
    case "tool":
      return { role: "tool", tool_call_id: message.toolCallId, content: message.content };
  }
}

function chatPart(part: ContentPart): JsonObject {
  if (part.type === "text") return { type: "text", text: part.text };
  const url = "url" in part ? part.url : `data:${part.mime};base64,${part.base64}`;
  return { type: "image_url", image_url: { url } };
}
