import { describe, expect, it } from "vitest";
import type { CompletionRequest } from "../../../src/core/completion.ts";
import { openAi, openAiCompatible } from "../../../src/providers/openai/plugin.ts";
import { createFrom, drive } from "../../helpers/drive.ts";

const ENTRY: Parameters<typeof createFrom>[1] = { type: "openai", api_key: "sk-x" };
const LAB = { type: "openai-compatible", base_url: "http://127.0.0.1:1/v1/" };
const messages = [{ role: "user" as const, content: "Hello" }];

async function wireOf(
  request: Partial<CompletionRequest>,
  { model = "gpt-4o", entry = ENTRY, plugin = openAi, stream = false } = {},
) {
  const instance = await createFrom(plugin, entry);
  const wire = instance.adapter.toWire(drive(instance, { model }).request({ messages, ...request }, stream));
  return { ...wire, fields: JSON.parse(String(wire.body)) };
}

describe("a chat completions request", () => {
  it("goes to OpenAI unless told otherwise, with the key kept secret", async () => {
    const wire = await wireOf({});
    expect(wire.url).toBe("https://api.openai.com/v1/chat/completions");
    expect(JSON.stringify(wire)).not.toContain("sk-x");
    expect(wire.fields).toEqual({ model: "gpt-4o", messages });
  });

  it("names no stop sequences where there are none", async () => {
    expect((await wireOf({ stop: [] })).fields).toEqual({ model: "gpt-4o", messages });
  });

  it("names organization and project", async () => {
    const entry = { ...ENTRY, organization: "org-1", project: "proj-1" };
    const { headers } = await wireOf({}, { entry });
    expect(headers).toMatchObject({ "openai-organization": "org-1", "openai-project": "proj-1" });
  });

  it("gives a compatible server the older words, or those its entry asks for", async () => {
    const lab = { plugin: openAiCompatible, entry: LAB, model: "qwen" };
    const old = await wireOf({ maxTokens: 5 }, { ...lab, stream: true });
    expect(old.url).toBe("http://127.0.0.1:1/v1/chat/completions");
    expect(old.headers).toEqual({ "content-type": "application/json" });
    expect(old.fields).toMatchObject({ max_tokens: 5, stream_options: { include_usage: true } });
    const entry = { ...LAB, max_tokens_field: "max_completion_tokens" };
    expect((await wireOf({ maxTokens: 5 }, { ...lab, entry })).fields.max_completion_tokens).toBe(5);
  });

  it("merges the caller's own fields last", async () => {
    const options = { temperature: 2, metadata: { a: [1] } };
    expect((await wireOf({ temperature: 0.1, options })).fields).toMatchObject(options);
  });

  it("leaves out what a reasoning model refuses, and lowers an effort it does not have", async () => {
    const request = { temperature: 0.1, topP: 0.5, stop: ["x"], effort: "max" as const };
    const { fields } = await wireOf(request, { model: "o3" });
    expect(fields).toEqual({ model: "o3", messages, reasoning_effort: "high" });
  });

  it.each([
    ["gpt-5", "none", "minimal"],
    ["gpt-5.1", "minimal", "none"],
    ["gpt-5.2-2025-12-11", "max", "xhigh"],
    ["gpt-7", "max", "max"],
  ] as const)("asks %s for effort %s as %s", async (model, effort, sent) => {
    expect((await wireOf({ effort }, { model })).fields.reasoning_effort).toBe(sent);
  });

  it("says in words that a tool failed, and keeps the random end of a long id", async () => {
    const id = "x".repeat(50) + "y".repeat(30);
    const { fields } = await wireOf({
      tools: [{ name: "f", parameters: { type: "object" } }],
      messages: [
        ...messages,
        { role: "assistant", content: "", toolCalls: [{ id, name: "f", arguments: "" }] },
        { role: "tool", toolCallId: id, name: "f", content: "no such file", isError: true },
      ],
    });
    const short = "x".repeat(10) + "y".repeat(30);
    expect(fields.messages.slice(1)).toEqual([
      {
        role: "assistant",
        content: null,
        tool_calls: [{ id: short, type: "function", function: { name: "f", arguments: "{}" } }],
      },
      { role: "tool", tool_call_id: short, content: "Error: no such file" },
    ]);
  });

  it("speaks of tool choice only where there are tools", async () => {
    const { fields } = await wireOf({ toolChoice: "none", parallelToolCalls: false, tools: [] });
    expect(fields).toEqual({ model: "gpt-4o", messages });
  });

  it("makes a schema's name one that is allowed", async () => {
    const schema = { name: "my schema.json", schema: { type: "object" } };
    expect((await wireOf({ schema })).fields.response_format.json_schema).toEqual({
      name: "my_schema_json",
      schema: { type: "object" },
      strict: false,
    });
  });
});

describe("OpenAI's keys in providers.yaml", () => {
  it.each([
    ["no key", openAi, { type: "openai" }],
    ["an unknown key", openAi, { ...ENTRY, api_kee: "x" }],
    ["no address", openAiCompatible, { type: "openai-compatible" }],
    ["another field for the limit", openAiCompatible, { ...LAB, max_tokens_field: "limit" }],
  ])("are refused with %s", async (_what, plugin, entry) => {
    await expect(createFrom(plugin, entry)).rejects.toThrow();
  });
});
