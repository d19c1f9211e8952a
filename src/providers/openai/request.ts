import type { OutputSchema, Tool, ToolChoice } from "../../core/completion.ts";
import type { WireRequest } from "../../wire/http.ts";
import type { ProviderRequest } from "../adapter.ts";
import type { OpenAiFlavour } from "./flavour.ts";
import { chatMessage } from "./messages.ts";
import { acceptedEffort } from "./models.ts";
import { isStrictSchema } from "./strict-schema.ts";

/** A completion as a chat completions call (OpenAI API reference, "Create chat completion"). */
export function chatRequest(request: ProviderRequest, flavour: OpenAiFlavour): WireRequest {
  const { model, messages, maxTokens, stop = [], schema, effort, stream } = request;
  const body = {
    model: flavour.wireModel(model),
    messages: messages.map(chatMessage),
    [flavour.maxTokensField(request.facts)]: maxTokens,
    temperature: request.temperature,
    top_p: request.topP,
    ...(stop.length > 0 && { stop }),
    seed: request.seed,
    ...toolFields(request),
    response_format: schema && responseFormat(schema),
    reasoning_effort: effort && acceptedEffort(model, effort),
    ...request.verbatim?.extras,
    ...request.verbatim?.conversation,
    ...(stream && { stream: true, stream_options: flavour.streamOptions }),
    ...request.options,
  };
  return {
    method: "POST",
    url: flavour.url("chat/completions", model),
    headers: { ...flavour.headers, "content-type": "application/json" },
    body: JSON.stringify(body),
  };
}

/** Servers refuse a choice of tools where there are none. */
function toolFields({ tools = [], toolChoice, parallelToolCalls }: ProviderRequest) {
  if (tools.length === 0) return {};
  return {
    tools: tools.map(functionTool),
    tool_choice: toolChoice && wireChoice(toolChoice),
    parallel_tool_calls: parallelToolCalls,
  };
}

const functionTool = ({ name, description, parameters, strict }: Tool) => ({
  type: "function",
  function: { name, description, parameters, strict },
});

const wireChoice = (choice: ToolChoice) =>
  typeof choice === "string" ? choice : { type: "function", function: { name: choice.name } };

function responseFormat({ name, schema }: OutputSchema) {
  const wireName = name.replace(/[^A-Za-z0-9_-]/g, "_").slice(0, 64) || "answer";
  return {
    type: "json_schema",
    json_schema: { name: wireName, schema, strict: isStrictSchema(schema) },
  };
}
