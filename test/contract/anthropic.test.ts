import { describe, expect, it } from "vitest";
import { Secret } from "../../src/core/secret.ts";
import { anthropic } from "../../src/providers/anthropic/plugin.ts";
import type { ProviderInstance } from "../../src/providers/plugin.ts";
import { anthropicDialect } from "../helpers/dialects/anthropic.ts";
import { contextFor } from "../helpers/drive.ts";
import { describeAdapter } from "./adapter-contract.ts";

const create = async (baseUrl: string, options: object = {}): Promise<ProviderInstance> => {
  const type = anthropic.types.anthropic;
  if (!type) throw new Error("no such type");
  return type.create({ apiKey: new Secret("sk-ant-test"), baseUrl, ...options }, contextFor());
};

describeAdapter("anthropic", {
  dialect: anthropicDialect,
  model: "claude-sonnet-4-5",
  create: (url) => create(`${url}/v1`),
  skips: { embeddings: "the vendor has no embeddings" },
});

describe("anthropic provider type", () => {
  it("uses the vendor's own address unless another is given", async () => {
    const type = anthropic.types.anthropic;
    const instance = await type?.create({ apiKey: new Secret("k") }, contextFor());
    expect(instance?.baseUrl).toBe("https://api.anthropic.com");
    expect((await create("http://gate.example/claude/")).baseUrl).toBe("http://gate.example/claude");
  });

  it("takes a key and refuses what is no version", async () => {
    const schema = await anthropic.types.anthropic?.options();
    expect(schema?.safeParse({ api_key: "k", version: "2026-10-21" }).success).toBe(true);
    expect(schema?.safeParse({ api_key: "k", version: "latest" }).success).toBe(false);
    expect(schema?.safeParse({}).success).toBe(false);
  });
});
