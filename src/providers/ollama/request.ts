import type { Effort, Message, Tool, ToolCall } from "../../core/completion.ts";
import type { Json, JsonObject } from "../../core/json.ts";
import type { ProviderEmbeddingRequest, ProviderRequest } from "../adapter.ts";
import { isObject } from "../read.ts";
import { argumentsOf } from "../tool-arguments.ts";

/** What the provider's entry adds to every request. */
export interface RunnerDefaults {
  readonly keepAlive?: string | number | undefined;
  readonly options?: JsonObject | undefined;
}

/** The body of `POST /api/chat`. */
export function chatBody(request: ProviderRequest, defaults: RunnerDefaults): object {
  const { model, stream, tools, toolChoice, schema, effort } = request;
  const body = {
    model,
    messages: request.messages.map(wireMessage),
    stream, // Always given: Ollama streams when it is not.
    // No choice can be expressed; "none" is said by leaving the tools out.
    ...(tools?.length && toolChoice !== "none" && { tools: tools.map(wireTool) }),
    ...(schema && { format: schema.schema }),
    ...(effort && { think: THINK[effort] }),
  };
  return finished(body, sampling(request), defaults, request.options);
}

/** The body of `POST /api/embed`. */
export function embedBody(request: ProviderEmbeddingRequest, defaults: RunnerDefaults): object {
  const body = {
    model: request.model,
    input: request.texts,
    // A vector of half a text is worse than an error.
    truncate: false,
    ...(request.dimensions !== undefined && { dimensions: request.dimensions }),
  };
  return finished(body, {}, defaults, request.options);
}

/** Runner settings join at their own level: the entry's, then the request's, then what the caller wrote out. */
function finished(
  body: object,
  settings: Record<string, unknown>,
  defaults: RunnerDefaults,
  given: ProviderRequest["options"],
): object {
  const written = isObject(given?.options) ? given.options : {};
  // The server takes this one beside the runner's settings; people write it among them too.
  const { keep_alive: keepAlive = defaults.keepAlive, ...runner } = {
    ...defaults.options,
    ...settings,
    ...written,
  };
  return {
    ...body,
    ...(keepAlive !== undefined && { keep_alive: keepAlive }),
    ...given,
    ...(Object.keys(runner).length > 0 && { options: runner }),
  };
}

const THINK: Readonly<Record<Effort, Json>> = {
  none: false,
  minimal: "low",
  low: "low",
  medium: "medium",
  high: "high",
  xhigh: "max",
  max: "max",
};

function sampling(request: ProviderRequest): Record<string, unknown> {
  const { maxTokens, temperature, topP, stop, seed } = request;
  const settings = { num_predict: maxTokens, temperature, top_p: topP, stop, seed };
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
}

function wireMessage(message: Message): object {
  switch (message.role) {
    case "tool": {
      const { name, toolCallId } = message;
      // There is no flag for a failed tool, so the failure is said in words.
      const content = message.isError ? `Error: ${message.content}` : message.content;
      return { role: "tool", content, tool_name: name, tool_call_id: toolCallId };
    }
    case "assistant": {
      const { role, content, toolCalls } = message;
      return { role, content, ...(toolCalls?.length && { tool_calls: toolCalls.map(wireCall) }) };
    }
    default:
      return typeof message.content === "string" ? message : mixedMessage(message.content);
  }
}

/** Text is one string and images stand beside it, so their order to each other is lost. */
function mixedMessage(parts: Exclude<Extract<Message, { role: "user" }>["content"], string>): object {
  const content = parts.flatMap((part) => (part.type === "text" ? [part.text] : [])).join("\n");
  const images = parts.flatMap((part) => (part.type === "image" && "base64" in part ? [part.base64] : []));
  return { role: "user", content, ...(images.length > 0 && { images }) };
}

const wireCall = (call: ToolCall) => ({
  id: call.id,
  function: { name: call.name, arguments: argumentsOf(call) },
});

const wireTool = ({ name, description, parameters }: Tool) => ({
  type: "function",
  function: { name, ...(description !== undefined && { description }), parameters },
});
