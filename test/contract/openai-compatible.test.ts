import { openAiCompatible } from "../../src/providers/openai/plugin.ts";
import { COMPATIBLE, openAiDialect } from "../helpers/dialects/openai.ts";
import { createFrom } from "../helpers/drive.ts";
import { describeAdapter } from "./adapter-contract.ts";

describeAdapter("openai-compatible", {
  dialect: openAiDialect(COMPATIBLE),
  model: "qwen3-8b",
  create: (url) => createFrom(openAiCompatible, { type: "openai-compatible", base_url: `${url}/v1` }),
  skips: { count: "chat completions cannot count" },
});
