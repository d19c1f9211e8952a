import type { Resolved } from "../../core/secret.ts";
import { type OpenAiFlavour, operationUrl } from "./flavour.ts";
import { generalFacts, openAiFacts } from "./models.ts";
import type { OpenAiCompatibleOptions, OpenAiOptions } from "./options.ts";

/** OpenAI itself. */
export function openAiFlavour(options: Resolved<OpenAiOptions>, baseUrl: string): OpenAiFlavour {
  const { apiKey, organization, project } = options;
  return {
    url: (operation) => operationUrl(baseUrl, operation),
    headers: {
      authorization: apiKey.prefixed("Bearer "),
      ...(organization && { "openai-organization": organization }),
      ...(project && { "openai-project": project }),
    },
    wireModel: (model) => model,
    facts: openAiFacts,
    maxTokensField: () => "max_completion_tokens",
    // Obfuscation pads each chunk with random text against readers of packet lengths, at twice the bytes.
    streamOptions: { include_usage: true, include_obfuscation: false },
    packedVectors: true,
    listsModels: true,
  };
}

/** A server of anybody's that speaks the dialect: only its oldest and most common part is used. */
export function compatibleFlavour(options: Resolved<OpenAiCompatibleOptions>): OpenAiFlavour {
  const { baseUrl, apiKey, maxTokensField = "max_tokens" } = options;
  return {
    url: (operation) => operationUrl(baseUrl, operation),
    headers: apiKey ? { authorization: apiKey.prefixed("Bearer ") } : {},
    wireModel: (model) => model,
    facts: generalFacts,
    maxTokensField: () => maxTokensField,
    streamOptions: { include_usage: true },
    packedVectors: false,
    listsModels: true,
  };
}
