import { originOf } from "../origin.ts";
import { definePlugin, type ProviderType } from "../plugin.ts";
import type { OllamaOptions } from "./options.ts";

const ollamaType: ProviderType<OllamaOptions> = {
  operations: ["complete", "stream", "embed", "list models"],
  free: true,
  authentication: "none or bearer",
  options: async () => (await import("./options.ts")).ollamaOptions,
  async create(options) {
    const { ollamaAdapter } = await import("./adapter.ts");
    const baseUrl = serverOf(options.baseUrl ?? "http://127.0.0.1:11434");
    return { adapter: ollamaAdapter(baseUrl, options), baseUrl };
  },
};

/** People give the address of one of the server's dialects; all of them start at the same place. */
const serverOf = (address: string) => originOf(address).replace(/\/api$/, "");

/** Ollama's own chat interface, local or in its cloud. */
export const ollama = definePlugin({ apiVersion: 1, types: { ollama: ollamaType } });
