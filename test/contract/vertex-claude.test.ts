import { Secret } from "../../src/core/secret.ts";
import { vertex } from "../../src/providers/vertex/plugin.ts";
import { vertexClaudeDialect } from "../helpers/dialects/vertex-claude.ts";
import { contextFor } from "../helpers/drive.ts";
import { describeAdapter } from "./adapter-contract.ts";

describeAdapter("vertex (Claude)", {
  dialect: vertexClaudeDialect,
  model: "claude-haiku-4-5@20251001",
  create: async (endpoint) => {
    const type = vertex.types.vertex;
    if (!type) throw new Error("no such type");
    const accessToken = new Secret("ya29.test");
    return type.create({ project: "test-project", accessToken, endpoint }, contextFor());
  },
  skips: {
    "image url": "the vendor fetches no images for Claude",
    embeddings: "Claude has no embeddings",
    models: "the vendor's list is not offered",
  },
});
