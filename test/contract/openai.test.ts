import { openAi } from "../../src/providers/openai/plugin.ts";
import { OPENAI, openAiDialect } from "../helpers/dialects/openai.ts";
import { createFrom } from "../helpers/drive.ts";
import { describeAdapter } from "./adapter-contract.ts";

describeAdapter("openai", {
  dialect: openAiDialect(OPENAI),
  model: "gpt-4.1-mini",
  embeddingModel: "text-embedding-3-small",
  create: (url) => createFrom(openAi, { type: "openai", api_key: "sk-simulated", base_url: `${url}/v1/` }),
  skips: {
    reasoning: "chat completions show no reasoning",
    count: "chat completions cannot count",
  },
});
