import type { JsonObject } from "../../core/json.ts";
import type { ProviderRequest } from "../adapter.ts";
import { promptOf } from "./contents.ts";
import { thinkingOf } from "./thinking.ts";

/** A generateContent body; the request's own options come last and win. */
export function generateBody(request: ProviderRequest): JsonObject {
  const config = generationConfig(request);
  return {
    ...promptOf(request),
    ...toolsOf(request),
    ...choiceOf(request),
    ...(Object.keys(config).length > 0 && { generationConfig: config }),
    ...request.options,
  };
}

/** A countTokens body: what of a request becomes prompt. */
export const countBody = (request: ProviderRequest): JsonObject => ({
  ...promptOf(request),
  ...toolsOf(request),
});

function generationConfig(request: ProviderRequest): JsonObject {
  const { maxTokens, temperature, topP, stop = [], seed, schema } = request;
  const thinking = thinkingOf(request);
  return {
    ...(maxTokens !== undefined && { maxOutputTokens: maxTokens }),
    ...(temperature !== undefined && { temperature }),
    ...(topP !== undefined && { topP }),
    ...(stop.length > 0 && { stopSequences: stop }),
    ...(seed !== undefined && { seed }),
    ...(schema && { responseMimeType: "application/json", responseJsonSchema: schema.schema }),
    ...(thinking && { thinkingConfig: thinking }),
  };
}

function toolsOf({ tools = [] }: ProviderRequest): JsonObject {
  if (tools.length === 0) return {};
  const declarations = tools.map((tool) => ({
    name: tool.name,
    ...(tool.description !== undefined && { description: tool.description }),
    parametersJsonSchema: tool.parameters,
  }));
  return { tools: [{ functionDeclarations: declarations }] };
}

const MODES = { auto: "AUTO", none: "NONE", required: "ANY" } as const;

function choiceOf({ tools = [], toolChoice }: ProviderRequest): JsonObject {
  if (tools.length === 0 || toolChoice === undefined) return {};
  const config =
    typeof toolChoice === "object"
      ? { mode: "ANY", allowedFunctionNames: [toolChoice.name] }
      : { mode: MODES[toolChoice] };
  return { toolConfig: { functionCallingConfig: config } };
}
