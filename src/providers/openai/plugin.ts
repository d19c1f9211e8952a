import { definePlugin, type ProviderType } from "../plugin.ts";
import type { OpenAiCompatibleOptions, OpenAiOptions } from "./options.ts";

const BASE_URL = "https://api.openai.com/v1";

const openAiType: ProviderType<OpenAiOptions> = {
  operations: ["complete", "stream", "embed", "list models"],
  authentication: "bearer key",
  options: async () => (await import("./options.ts")).openAiOptions,
  async create(options) {
    const [{ openAiAdapter }, { openAiFlavour }] = await Promise.all([
      import("./adapter.ts"),
      import("./flavours.ts"),
    ]);
    const baseUrl = options.baseUrl ?? BASE_URL;
    return { adapter: openAiAdapter(openAiFlavour(options, baseUrl)), baseUrl };
  },
};

const compatibleType: ProviderType<OpenAiCompatibleOptions> = {
  aliases: ["localai"],
  operations: ["complete", "stream", "embed", "list models"],
  authentication: "optional bearer key",
  options: async () => (await import("./options.ts")).openAiCompatibleOptions,
  async create(options) {
    const [{ openAiAdapter }, { compatibleFlavour }] = await Promise.all([
      import("./adapter.ts"),
      import("./flavours.ts"),
    ]);
    return { adapter: openAiAdapter(compatibleFlavour(options)), baseUrl: options.baseUrl };
  },
};

/** OpenAI's chat completions and embeddings. */
export const openAi = definePlugin({ apiVersion: 1, types: { openai: openAiType } });

/** Servers that speak OpenAI's dialect: vLLM, llama.cpp, LocalAI, LM Studio, OpenRouter and many others. */
export const openAiCompatible = definePlugin({
  apiVersion: 1,
  types: { "openai-compatible": compatibleType },
});
