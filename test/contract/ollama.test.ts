import { ollama } from "../../src/providers/ollama/plugin.ts";
import { ollamaDialect } from "../helpers/dialects/ollama.ts";
import { contextFor } from "../helpers/drive.ts";
import { describeAdapter } from "./adapter-contract.ts";

describeAdapter("ollama", {
  dialect: ollamaDialect,
  model: "llama3.2",
  create: async (url) => {
    const type = ollama.types.ollama;
    if (!type) throw new Error("no such type");
    return type.create({ baseUrl: `${url}/v1` }, contextFor());
  },
  skips: {
    "forced tool": "the vendor has no tool choice",
    "image url": "the vendor fetches no images",
    "cached usage": "the vendor reports no cached tokens",
    "quota failure": "the vendor tells no quota from a rate limit",
    filter: "the vendor filters nothing",
    "filter failure": "the vendor filters nothing",
    count: "the vendor counts no prompts",
  },
  noRetryAfter: true,
  noImageType: true,
  inBandCode: "provider_error",
});
