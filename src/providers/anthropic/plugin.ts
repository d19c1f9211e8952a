import { originOf } from "../origin.ts";
import { definePlugin, type ProviderType } from "../plugin.ts";
import type { AnthropicOptions } from "./options.ts";

const anthropicType: ProviderType<AnthropicOptions> = {
  operations: ["complete", "stream", "count tokens", "list models"],
  authentication: "key",
  options: async () => (await import("./options.ts")).anthropicOptions,
  async create({ apiKey, baseUrl: address, version = "2023-06-01" }) {
    const { anthropicAdapter } = await import("./adapter.ts");
    const baseUrl = originOf(address ?? "https://api.anthropic.com");
    return { adapter: anthropicAdapter({ baseUrl, apiKey, version }), baseUrl };
  },
};

/** Claude at Anthropic's own address. */
export const anthropic = definePlugin({ apiVersion: 1, types: { anthropic: anthropicType } });
