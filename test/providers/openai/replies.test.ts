import { describe, expect, it } from "vitest";
import { openAiCompatible } from "../../../src/providers/openai/plugin.ts";
import { readChat, readUsage } from "../../../src/providers/openai/reply.ts";
import type { WireReply } from "../../../src/wire/http.ts";
import { createFrom } from "../../helpers/drive.ts";

const reply = (value: unknown): WireReply => ({
  status: 200,
  headers: {},
  body: new TextEncoder().encode(JSON.stringify(value)),
});
const answer = (message: unknown, more: object = {}) =>
  readChat(reply({ id: "chatcmpl-9", choices: [{ message, finish_reason: "stop", ...more }] }));
const { adapter } = await createFrom(openAiCompatible, {
  type: "openai-compatible",
  base_url: "http://127.0.0.1:1/v1",
});
const embed = (data: readonly unknown[], texts = ["a", "b"]) =>
  adapter.embed?.fromWire([reply({ data })], { model: "m", texts });
const malformed = expect.objectContaining({ code: "protocol_error" });

describe("a whole answer", () => {
  it("may hold no content", () => {
    expect(answer({ content: null }, { finish_reason: "length" })).toMatchObject({
      text: "",
      finish: "length",
    });
  });

  it("gives a refusal as filtered, with its words", () => {
    expect(answer({ content: null, refusal: "I cannot." })).toMatchObject({
      finish: "content_filter",
      refusal: "I cannot.",
    });
  });

  it("makes ids where the server gives none, and leaves out calls that are no functions", () => {
    const tool_calls = [{ type: "custom", custom: {} }, { function: { name: "f", arguments: { a: 1 } } }];
    expect(answer({ tool_calls })).toMatchObject({
      finish: "tool_calls",
      toolCalls: [{ id: "call_0_chatcmpl-9", name: "f", arguments: '{"a":1}' }],
    });
  });

  it.each([
    ["no choices", { choices: [] }],
    ["a message that is text", { choices: [{ message: "hi" }] }],
    ["content that is a number", { choices: [{ message: { content: 12 } }] }],
    ["a call without a name", { choices: [{ message: { tool_calls: [{ function: {} }] } }] }],
  ])("is refused with %s", (_what, value) => {
    expect(() => readChat(reply(value))).toThrow(malformed);
  });

  it("is an error by its own code when it holds one", () => {
    const error = { type: "invalid_request_error", code: "context_length_exceeded", message: "too long" };
    expect(() => readChat(reply({ error }))).toThrow(expect.objectContaining({ code: "context_too_long" }));
  });
});

describe("usage", () => {
  it.each([
    ["nothing", undefined],
    ["null", null],
    ["no input", { completion_tokens: 1 }],
    ["a negative count", { prompt_tokens: -1, completion_tokens: 1 }],
    ["text", { prompt_tokens: "12", completion_tokens: 1 }],
    ["a fraction", { prompt_tokens: 1.5, completion_tokens: 1 }],
    ["an absurd count", { prompt_tokens: 1e308, completion_tokens: 1 }],
    ["a bad part", { prompt_tokens: 5, completion_tokens: 1, prompt_tokens_details: { cached_tokens: -1 } }],
    [
      "a part above its whole",
      { prompt_tokens: 5, completion_tokens: 1, prompt_tokens_details: { cached_tokens: 6 } },
    ],
  ])("is unknown with %s", (_what, usage) => expect(readUsage(usage)).toBeUndefined());

  it("counts absent and null details as none", () => {
    const usage = { prompt_tokens: 5, completion_tokens: 1, prompt_tokens_details: null };
    expect(readUsage(usage)).toEqual({
      inputTokens: 5,
      outputTokens: 1,
      cacheReadTokens: 0,
      cacheWriteTokens: 0,
      reasoningTokens: 0,
      source: "reported",
    });
  });
});

describe("embeddings", () => {
  it("are asked for in batches that a call may hold, and joined in order", () => {
    const texts = Array.from({ length: 2_049 }, (_, index) => `text ${index}`);
    const wires = adapter.embed?.toWire({ model: "m", texts }) ?? [];
    const inputs = wires.map((wire) => JSON.parse(String(wire.body)).input as string[]);
    expect(inputs.map((input) => input.length)).toEqual([2_048, 1]);
    const replies = inputs.map((input) => {
      const data = input.map((text, index) => ({ index, embedding: [Number(text.slice(5))] }));
      return reply({ data, usage: { prompt_tokens: 3 } });
    });
    const embedding = adapter.embed?.fromWire(replies, { model: "m", texts });
    expect(embedding?.vectors.flat()).toEqual(texts.map((_, index) => index));
    expect(embedding?.usage?.inputTokens).toBe(6);
  });

  it("never puts more bytes into a call than it may hold tokens", () => {
    const texts = ["é".repeat(100_000), "b".repeat(100_000), "c".repeat(400_000), "d"];
    const wires = adapter.embed?.toWire({ model: "m", texts, dimensions: 8 }) ?? [];
    const bodies = wires.map((wire) => JSON.parse(String(wire.body)));
    expect(bodies.map(({ input }) => input.length)).toEqual([2, 1, 1]);
    expect(bodies[0].dimensions).toBe(8);
  });

  it.each([
    ["too few", [{ index: 0, embedding: [1] }]],
    ["an index twice", [0, 0].map((index) => ({ index, embedding: [1] }))],
    ["an index out of range", [0, 2].map((index) => ({ index, embedding: [1] }))],
    ["an index between two", [0, 0.5].map((index) => ({ index, embedding: [1] }))],
    ["different lengths", [[1], [1, 2]].map((embedding, index) => ({ index, embedding }))],
    ["an empty vector", [[], []].map((embedding, index) => ({ index, embedding }))],
    ["words in a vector", [["x"], ["y"]].map((embedding, index) => ({ index, embedding }))],
    ["base64 of half a number", ["AAAA", "AAAA"].map((embedding, index) => ({ index, embedding }))],
    ["NaN in base64", ["AADAfw==", "AADAfw=="].map((embedding, index) => ({ index, embedding }))],
  ])("are refused with %s", (_what, data) => expect(() => embed(data)).toThrow(malformed));
});

describe("a list of models", () => {
  it("tells sizes by any server's name and leaves out what has no name", () => {
    const data = [{ id: "a", max_model_len: 4_096 }, { id: "b", context_length: "9" }, { name: "c" }];
    expect(adapter.models?.fromWire(reply({ data })).models).toEqual([
      { model: "a", contextTokens: 4_096 },
      { model: "b" },
    ]);
  });
});
