import { azureOpenAi } from "../../src/providers/azure/plugin.ts";
import { azureDialect } from "../helpers/dialects/azure.ts";
import { createFrom } from "../helpers/drive.ts";
import { describeAdapter } from "./adapter-contract.ts";

const entry = {
  type: "azure-openai",
  api_key: "azure-simulated",
  deployments: { "gpt-4.1": "our-gpt", "text-embedding-3-small": "our-vectors" },
};
const rules = {
  deployments: ["our-gpt", "our-vectors"],
  credential: ["api-key", "azure-simulated"],
} as const;
const shared = {
  model: "gpt-4.1",
  wireModel: "our-gpt",
  embeddingModel: "text-embedding-3-small",
  skips: {
    reasoning: "chat completions show no reasoning",
    models: "the list names the region's models, not the resource's deployments",
    count: "chat completions cannot count",
  },
};

describeAdapter("azure v1", {
  ...shared,
  dialect: azureDialect(rules),
  create: (url) => createFrom(azureOpenAi, { ...entry, endpoint: `${url}/` }),
});

describeAdapter("azure with a dated version", {
  ...shared,
  dialect: azureDialect({ ...rules, apiVersion: "2024-10-21", maxTokensField: "max_tokens" }),
  create: (url) => createFrom(azureOpenAi, { ...entry, endpoint: url, api_version: "2024-10-21" }),
});
