import { definePlugin, type ProviderType } from "../plugin.ts";
import type { AzureOptions } from "./options.ts";

const azureType: ProviderType<AzureOptions> = {
  aliases: ["azure", "azure_openai"],
  operations: ["complete", "stream", "embed"],
  authentication: "key or Entra token",
  options: async () => (await import("./options.ts")).azureOptions,
  async create(options, { clock }) {
    const [{ openAiAdapter }, { azureFlavour, azureResource, entraScope }] = await Promise.all([
      import("../openai/adapter.ts"),
      import("./flavour.ts"),
    ]);
    const baseUrl = azureResource(options.endpoint);
    const instance = { adapter: openAiAdapter(azureFlavour(options)), baseUrl };
    if (options.auth !== "entra") return instance;
    const { entraTokenSource } = await import("../../wire/entra.ts");
    return { ...instance, authoriser: entraTokenSource({ clock, scope: entraScope(baseUrl) }) };
  },
};

/** OpenAI's models on Azure: the OpenAI adapter behind other addresses and credentials. */
export const azureOpenAi = definePlugin({ apiVersion: 1, types: { "azure-openai": azureType } });
