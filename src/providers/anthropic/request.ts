import type { JsonObject } from "../../core/json.ts";
import type { ProviderRequest } from "../adapter.ts";
import { systemOf, turnsOf } from "./messages.ts";
import { thinkingOf } from "./thinking.ts";

/** The vendor requires a limit; this one is sent where neither caller nor model names one. */
const DEFAULT_MAX_TOKENS = 4_096;

/**
 * A Messages API body. `head` is what differs between hosts, such as the model's name; the request's own options
 * come last and win.
 */
export function completionBody(request: ProviderRequest, head: JsonObject): JsonObject {
  const maxTokens = request.maxTokens ?? request.facts.maxOutputTokens ?? DEFAULT_MAX_TOKENS;
  const { thinking, output_config: ownOutput, ...settings } = settingsOf(request, maxTokens);
  const output = { ...formatOf(request), ...ownOutput };
  return {
    ...head,
    ...promptOf(request),
    max_tokens: maxTokens,
    ...samplingOf(request, thinking),
    ...(thinking && { thinking }),
    ...(Object.keys(output).length > 0 && { output_config: output }),
    ...settings,
    ...request.verbatim?.extras,
    ...(request.stream && { stream: true }),
    ...request.options,
  };
}

/** A token counting body: what of a request becomes prompt. */
export function countBody(request: ProviderRequest): JsonObject {
  const format = formatOf(request);
  return { model: request.model, ...promptOf(request), ...(format && { output_config: format }) };
}

/** How the model is to think, in the caller's own words where it spoke this dialect. */
function settingsOf({ verbatim, ...request }: ProviderRequest, maxTokens: number): Settings {
  // The dialect has read these as objects.
  if (verbatim?.settings) return verbatim.settings as Settings;
  const { thinking, effort } = thinkingOf(request, maxTokens);
  return { ...(thinking && { thinking }), ...(effort && { output_config: { effort } }) };
}

type Settings = JsonObject & { readonly thinking?: JsonObject; readonly output_config?: JsonObject };

function promptOf(request: ProviderRequest): JsonObject {
  if (request.verbatim?.conversation) return request.verbatim.conversation;
  const system = systemOf(request.messages);
  return {
    ...(system && { system }),
    messages: turnsOf(request.messages).map((turn) => ({ ...turn })),
    ...toolsOf(request),
  };
}

function samplingOf(
  { temperature, topP, stop }: ProviderRequest,
  thinking: JsonObject | undefined,
): JsonObject {
  const sequences = stop?.filter((text) => text.trim() !== "") ?? [];
  // While the model thinks, the vendor allows no other temperature than its own.
  const free = thinking === undefined || thinking.type === "disabled";
  return {
    ...(free && temperature !== undefined && { temperature: Math.min(temperature, 1) }),
    ...(free && topP !== undefined && { top_p: topP }),
    ...(sequences.length > 0 && { stop_sequences: sequences }),
  };
}

const formatOf = ({ schema }: ProviderRequest) =>
  schema && { format: { type: "json_schema", schema: schema.schema } };

function toolsOf({ tools = [], toolChoice, parallelToolCalls }: ProviderRequest): JsonObject {
  if (tools.length === 0) return {};
  const choice = choiceOf(toolChoice, parallelToolCalls);
  return {
    tools: tools.map((tool) => ({
      name: tool.name,
      ...(tool.description !== undefined && { description: tool.description }),
      input_schema: { type: "object", ...tool.parameters },
      ...(tool.strict && { strict: true }),
    })),
    ...(choice && { tool_choice: choice }),
  };
}

const CHOICES = { auto: "auto", required: "any", none: "none" } as const;

function choiceOf(
  choice: ProviderRequest["toolChoice"],
  parallel: boolean | undefined,
): JsonObject | undefined {
  if (choice === "none") return { type: "none" };
  if (choice === undefined && parallel !== false) return undefined;
  return {
    ...(typeof choice === "object"
      ? { type: "tool", name: choice.name }
      : { type: CHOICES[choice ?? "auto"] }),
    ...(parallel === false && { disable_parallel_tool_use: true }),
  };
}
