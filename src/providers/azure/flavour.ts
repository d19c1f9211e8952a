import type { Resolved } from "../../core/secret.ts";
import type { ModelFacts } from "../capabilities.ts";
import { type OpenAiFlavour, operationUrl } from "../openai/flavour.ts";
import { openAiFacts } from "../openai/models.ts";
import { originOf } from "../origin.ts";
import { pathSegment } from "../path-segment.ts";
import type { AzureOptions } from "./options.ts";

/** First dated version that reports usage in a stream (Azure OpenAI, API version lifecycle). */
const STREAM_USAGE_SINCE = "2024-09-01";

/**
 * Azure's two styles of address: the v1 endpoint, where the body names the deployment, and dated ones, where the
 * path does (Azure OpenAI, API version lifecycle).
 */
export function azureFlavour(options: Resolved<AzureOptions>): OpenAiFlavour {
  const { apiKey, apiVersion, deployments = {} } = options;
  const resource = azureResource(options.endpoint);
  const dated = apiVersion !== undefined && /^\d/.test(apiVersion);
  const query = apiVersion === undefined ? "" : `?api-version=${apiVersion}`;
  const deploymentOf = (model: string) => (Object.hasOwn(deployments, model) && deployments[model]) || model;
  const pathOf = (operation: string, model: string | undefined) => {
    if (!dated) return `openai/v1/${operation}`;
    // The list of models belongs to the resource, not to a deployment.
    if (model === undefined) return `openai/${operation}`;
    return `openai/deployments/${pathSegment(deploymentOf(model))}/${operation}`;
  };
  return {
    url: (operation, model) => operationUrl(resource, pathOf(operation, model)) + query,
    headers: apiKey ? { "api-key": apiKey } : {},
    wireModel: deploymentOf,
    facts: azureFacts,
    // Dated versions may be older than the new name, which only reasoning models insist on.
    maxTokensField: ({ supports }) =>
      !dated || supports.has("effort") ? "max_completion_tokens" : "max_tokens",
    ...((!dated || apiVersion >= STREAM_USAGE_SINCE) && { streamOptions: { include_usage: true } }),
    packedVectors: true,
    listsModels: false,
  };
}

/** The resource's address, also when the address of one of its operations was pasted. */
export const azureResource = (endpoint: string): string =>
  originOf(endpoint.replace(/(?<!\/)\/openai([/?].*)?$/, ""));

/** What an Entra token has to be for; the clouds of governments and of China have their own. */
export function entraScope(resource: string): string {
  const cloud = /\.azure\.(us|cn)(?=[:/]|$)/.exec(resource)?.[1] ?? "com";
  return `https://cognitiveservices.azure.${cloud}/.default`;
}

/** Azure writes one family without its dot. */
const azureFacts = (model: string): ModelFacts => openAiFacts(model.replace(/^gpt-35-/, "gpt-3.5-"));
