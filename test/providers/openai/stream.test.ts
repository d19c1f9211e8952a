import { describe, expect, it } from "vitest";
import { collected, decodeAll, decodeUnframed, delta } from "./frames.ts";

const types = (...chunks: readonly unknown[]) => decodeAll(...chunks).map(({ type }) => type);
const piece = (fields: object) => delta({ tool_calls: [fields] });

describe("an OpenAI stream", () => {
  it("ends once, however often the end is said", () => {
    expect(types(delta({}, "stop"), delta({}, "stop"))).toEqual(["finish", "terminal"]);
    expect(types("[DONE]", " [DONE] ")).toEqual(["done", "done"]);
  });

  it("reads nothing but usage after its finish", () => {
    const late = {
      ...delta({ content: "more" }, "length"),
      usage: { prompt_tokens: 1, completion_tokens: 2 },
    };
    expect(types(delta({ content: "a" }, "stop"), late)).toEqual(["delta", "finish", "terminal", "usage"]);
  });

  it("is not ended by chunks that say nothing of an end", () => {
    expect(types(delta({ role: "assistant", content: "" }), { choices: [] }, { hello: 1 }, "")).toEqual([]);
  });

  it("ignores a choice with no delta and other choices than the first", () => {
    const filters = { choices: [{ index: 0, content_filter_results: {}, finish_reason: null }] };
    const second = { choices: [{ index: 1, delta: { content: "no" }, finish_reason: "stop" }] };
    expect(types(filters, second)).toEqual([]);
  });

  it("keeps a word it does not know beside the finish", () => {
    expect(collected(delta({}, "tired"))).toMatchObject({ finish: "stop", unknownFinish: "tired" });
    expect(collected(delta({}, "constructor"))).toMatchObject({
      finish: "stop",
      unknownFinish: "constructor",
    });
  });

  it("reports a refusal as filtered with its words", () => {
    const refused = collected(delta({ refusal: "I can" }), delta({ refusal: "not." }), delta({}, "stop"));
    expect(refused).toMatchObject({ text: "", finish: "content_filter", refusal: "I cannot." });
  });

  it("names the filters of Azure that spoke", () => {
    const content_filter_results = { hate: { filtered: false }, violence: { filtered: true } };
    const choice = { index: 0, delta: {}, finish_reason: "content_filter", content_filter_results };
    expect(collected({ choices: [choice] }).refusal).toBe("filtered: violence");
  });

  it("takes a forced tool's finish as tool_calls", () => {
    const call = piece({ index: 0, id: "a", function: { name: "sum", arguments: "{}" } });
    expect(collected(call, delta({}, "stop")).finish).toBe("tool_calls");
  });

  it("starts a new call where the same index brings another id", () => {
    const pieces = ["a", "b"].map((id) =>
      piece({ index: 0, id, function: { name: "f", arguments: `"${id}"` } }),
    );
    expect(collected(...pieces).toolCalls).toEqual([
      { id: "a", name: "f", arguments: '"a"' },
      { id: "b", name: "f", arguments: '"b"' },
    ]);
  });

  it("joins pieces without an index, or with id and name in each, to one call", () => {
    const whole = { id: "a", function: { name: "f", arguments: "1" } };
    expect(collected(piece(whole), piece({ function: { arguments: "2" } })).toolCalls).toEqual([
      { id: "a", name: "f", arguments: "12" },
    ]);
    expect(collected(piece({ index: 4, ...whole }), piece({ index: 4, ...whole })).toolCalls).toEqual([
      { id: "a", name: "f", arguments: "11" },
    ]);
  });

  it("numbers calls itself and makes ids that differ between answers", () => {
    const call = { index: 1e15, function: { name: "f", arguments: { a: 1 } } };
    expect(decodeAll(piece(call))).toEqual([
      { type: "tool_call", index: 0, id: "call_0_chatcmpl-abc123", name: "f", argumentsDelta: '{"a":1}' },
    ]);
  });

  it("reads content given as parts, and reasoning by either name", () => {
    const parts = delta({ content: [{ type: "text", text: "a" }, { type: "thinking" }, { text: "b" }] });
    expect(collected(parts).text).toBe("ab");
    expect(collected(delta({ reasoning: "hm" }), delta({ reasoning_content: "m" })).reasoning).toBe("hmm");
  });

  it.each([
    ["half a chunk", '{"choices":['],
    ["a chunk that is a list", "[]"],
    ["content that is a number", JSON.stringify(delta({ content: 12 }))],
    ["a tool call without a name", JSON.stringify(piece({ index: 0, id: "a", function: {} }))],
  ])("refuses %s", (_what, data) => {
    expect(() => decodeAll(data)).toThrow(expect.objectContaining({ code: "protocol_error" }));
  });

  it.each([
    ["a named code", { code: "server_is_overloaded", message: "busy" }, "overloaded"],
    ["a number that is a status", { code: 429, message: "slow down" }, "rate_limited"],
    ["a status as text", { code: "502", message: "bad gateway" }, "provider_error"],
    ["a type", { type: "invalid_request_error", message: "maximum context length" }, "context_too_long"],
    ["only words", { message: "something broke" }, "provider_error"],
    ["a spent quota", { type: "insufficient_quota", message: "pay" }, "quota_exhausted"],
    ["plain text", "no more workers", "provider_error"],
  ])("throws an error in band by %s", (_what, error, code) => {
    expect(() => decodeAll({ error, choices: [{ delta: {}, finish_reason: "error" }] })).toThrow(
      expect.objectContaining({ code }),
    );
  });

  it.each([
    ["server_error", "repair"],
    ["weather_error", "next"],
  ])("means by an error in band of type %s: %s", (type, action) => {
    expect(() => decodeAll({ error: { type, message: "broke" } })).toThrow(
      expect.objectContaining({ code: "provider_error", action }),
    );
  });

  it("does not take an absent error for one", () => {
    expect(types({ ...delta({ content: "a" }), error: null })).toEqual(["delta"]);
  });

  it("throws a bare error between events by its code, and other text as malformed", () => {
    const bare = '{"object":"error","message":"no room","code":503}';
    expect(() => decodeUnframed(bare)).toThrow(expect.objectContaining({ code: "overloaded" }));
    expect(() => decodeUnframed("upstream connect error")).toThrow(
      expect.objectContaining({ code: "protocol_error" }),
    );
  });
});
