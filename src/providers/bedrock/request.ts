import type { Tool } from "../../core/completion.ts";
import type { JsonObject } from "../../core/json.ts";
import type { ProviderRequest } from "../adapter.ts";
import { type Thinking, thinkingOf } from "../anthropic/thinking.ts";
import { isClaude } from "./facts.ts";
import { systemOf, turnsOf } from "./messages.ts";

/** Room for thinking with a budget where neither caller nor model names a limit. */
const DEFAULT_MAX_TOKENS = 4_096;

/** The body of Converse and ConverseStream; the request's own options come last and win. */
export function converseBody(request: ProviderRequest): JsonObject {
  const maxTokens = request.maxTokens ?? request.facts.maxOutputTokens ?? DEFAULT_MAX_TOKENS;
  const said = isClaude(request.model) ? thinkingOf(request, maxTokens) : {};
  const inference = inferenceOf(request, said, maxTokens);
  const output = outputOf(request, said);
  return {
    ...promptOf(request),
    ...(inference && { inferenceConfig: inference }),
    ...(output && { outputConfig: output }),
    ...(said.thinking && { additionalModelRequestFields: { thinking: said.thinking } }),
    ...request.options,
  };
}

/** The body of CountTokens: what of a request becomes prompt. */
export const countBody = (request: ProviderRequest): JsonObject => ({
  input: { converse: promptOf(request) },
});

function promptOf(request: ProviderRequest): JsonObject {
  const system = systemOf(request.messages);
  const tools = toolsOf(request);
  return {
    ...(system.length > 0 && { system }),
    messages: turnsOf(request.messages, request.model).map((turn) => ({ ...turn })),
    ...(tools && { toolConfig: tools }),
  };
}

function inferenceOf(
  request: ProviderRequest,
  { thinking }: Thinking,
  limit: number,
): JsonObject | undefined {
  const { temperature, topP, stop } = request;
  // While Claude thinks it allows no other temperature than its own, and a budget needs a limit above it.
  const free = thinking === undefined || thinking.type === "disabled";
  const maxTokens = request.maxTokens ?? (thinking?.budget_tokens === undefined ? undefined : limit);
  const stops = stop?.filter((text) => text.trim() !== "") ?? [];
  const config = {
    ...(maxTokens !== undefined && { maxTokens }),
    ...(free && temperature !== undefined && { temperature: Math.min(temperature, 1) }),
    ...(free && topP !== undefined && { topP }),
    ...(stops.length > 0 && { stopSequences: stops }),
  };
  return Object.keys(config).length > 0 ? config : undefined;
}

function outputOf({ schema }: ProviderRequest, { effort }: Thinking): JsonObject | undefined {
  if (!schema && !effort) return undefined;
  const jsonSchema = schema && { name: schema.name, schema: JSON.stringify(schema.schema) };
  return {
    ...(jsonSchema && { textFormat: { type: "json_schema", structure: { jsonSchema } } }),
    ...(effort && { effort }),
  };
}

/**
 * Tools have to be declared as soon as the conversation holds a call, even where none is offered any more;
 * "none" can only be said by leaving them out.
 */
function toolsOf(request: ProviderRequest): JsonObject | undefined {
  const { tools = [], toolChoice } = request;
  const called = calledNames(request);
  const offered = toolChoice === "none" && called.length === 0 ? [] : tools;
  const declared = offered.length > 0 ? offered : called.map(bareTool);
  if (declared.length === 0) return undefined;
  const choice = choiceOf(toolChoice);
  const strict = request.facts.supports.has("json_schema");
  return {
    tools: declared.map((tool) => toolSpec(tool, strict)),
    ...(offered.length > 0 && choice && { toolChoice: choice }),
  };
}

function choiceOf(choice: ProviderRequest["toolChoice"]): JsonObject | undefined {
  if (choice === undefined || choice === "none") return undefined;
  if (typeof choice === "object") return { tool: { name: choice.name } };
  return choice === "required" ? { any: {} } : { auto: {} };
}

const toolSpec = ({ name, description, parameters, strict }: Tool, knowsStrict: boolean): JsonObject => ({
  toolSpec: {
    name,
    ...(description && { description }),
    inputSchema: { json: { type: "object", ...parameters } },
    ...(strict && knowsStrict && { strict }),
  },
});

const bareTool = (name: string): Tool => ({ name, parameters: { type: "object" } });

function calledNames({ messages }: ProviderRequest): readonly string[] {
  const calls = messages.flatMap((message) =>
    message.role === "assistant" ? (message.toolCalls ?? []) : [],
  );
  return [...new Set(calls.map(({ name }) => name))];
}
