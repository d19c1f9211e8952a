import { describe, expect, it } from "vitest";
import { messagesDecoder } from "../../src/providers/anthropic/stream.ts";
import type { Frame } from "../../src/wire/frame.ts";

const error = (type: string) => ({ type: "error", error: { type, message: "No" } });

describe("an Anthropic stream", () => {
  const frame = (data: object, kind: Frame["kind"] = "event"): Frame => ({
    kind,
    event: kind === "event" && "type" in data ? String(data.type) : "",
    data: JSON.stringify(data),
  });
  const play = (...frames: readonly Frame[]) => {
    const decode = messagesDecoder();
    return frames.flatMap((each) => decode(each));
  };
  const start = frame({
    type: "message_start",
    message: { model: "claude-x", usage: { input_tokens: 7, output_tokens: 1 } },
  });
  const delta = (usage: object | null, reason = "end_turn") =>
    frame({ type: "message_delta", delta: { stop_reason: reason }, usage });
  const stop = frame({ type: "message_stop" });
  const opened = (index: number, content_block: object) =>
    frame({ type: "content_block_start", index, content_block });
  const piece = (index: number, more: object) => frame({ type: "content_block_delta", index, delta: more });

  it("reports usage once it is final, earlier counts kept where later ones are null", () => {
    expect(play(start)).toEqual([{ type: "model", model: "claude-x" }]);
    const events = play(
      start,
      delta({ input_tokens: null, output_tokens: 5 }),
      delta({ output_tokens: 31 }),
      stop,
    );
    const counts = events.flatMap((event) => (event.type === "usage" ? [event.usage] : []));
    expect(counts.at(-1)).toMatchObject({ inputTokens: 7, outputTokens: 31 });
  });

  it("gives each block of thoughts as a whole, once it is signed", () => {
    const closed = (index: number) => frame({ type: "content_block_stop", index });
    const redacted = { type: "redacted_thinking", data: "c2Vj" };
    const events = play(
      ...[opened(0, { type: "thinking", thinking: "", signature: "" }), opened(1, redacted), closed(1)],
      piece(0, { type: "thinking_delta", thinking: "Hm" }),
      piece(0, { type: "thinking_delta", thinking: "m." }),
      piece(0, { type: "signature_delta", signature: "c2ln" }),
      ...[closed(0), opened(2, { type: "thinking", thinking: "unsigned" }), closed(2)],
    );
    const sealed = { type: "thinking", thinking: "Hmm.", signature: "c2ln" };
    expect(events).toEqual([
      { type: "thoughts", dialect: "anthropic", block: redacted },
      { type: "reasoning", text: "Hm" },
      { type: "reasoning", text: "m." },
      { type: "thoughts", dialect: "anthropic", block: sealed },
      { type: "reasoning", text: "unsigned" },
    ]);
  });

  it("ends once, and reads nothing after its end", () => {
    const events = play(
      start,
      delta(null),
      stop,
      stop,
      delta(null),
      piece(0, { type: "text_delta", text: "late" }),
    );
    expect(events.slice(1)).toEqual([{ type: "finish", finish: "stop" }, { type: "done" }]);
  });

  it("gives a call without arguments an empty object", () => {
    const events = play(
      opened(3, { type: "tool_use", id: "a", name: "now", input: {} }),
      piece(3, { type: "input_json_delta", partial_json: "" }),
      frame({ type: "content_block_stop", index: 3 }),
    );
    expect(events).toEqual([
      { type: "tool_call", index: 0, id: "a", name: "now", argumentsDelta: "" },
      { type: "tool_call", index: 0, argumentsDelta: "{}" },
    ]);
  });

  it("hands over none of the vendor's own tools", () => {
    const events = play(
      opened(0, { type: "server_tool_use", id: "s", name: "web_search", input: {} }),
      piece(0, { type: "input_json_delta", partial_json: '{"query":"tides"}' }),
      frame({ type: "content_block_stop", index: 0 }),
      piece(1, { type: "signature_delta", signature: "c2ln" }),
      frame({ type: "ping" }),
    );
    expect(events).toEqual([]);
  });

  it.each([
    ["rate_limit_error", "rate_limited"],
    ["overloaded_error", "overloaded"],
    ["api_error", "provider_error"],
    ["authentication_error", "auth_failed"],
    ["a_new_error", "provider_error"],
  ])("throws %s in the middle as %s", (type, code) => {
    expect(() => play(start, frame(error(type)))).toThrow(expect.objectContaining({ code }));
  });

  it("throws what is no event by what it says", () => {
    expect(() => play(start, frame(error("overloaded_error"), "unframed"))).toThrow(
      expect.objectContaining({ code: "overloaded" }),
    );
    expect(() => play({ kind: "unframed", event: "", data: "<html>" })).toThrow(
      expect.objectContaining({ code: "protocol_error" }),
    );
  });

  it.each([
    [piece(0, { type: "text_delta", text: 7 })],
    [frame({ type: "content_block_delta", delta: { type: "text_delta", text: "x" } })],
    [opened(0, { type: "tool_use", name: "sum" })],
    [{ kind: "event", event: "", data: "[]" } as const],
  ])("refuses an event of the wrong shape: %o", (wrong) => {
    expect(() => play(start, wrong)).toThrow(expect.objectContaining({ code: "protocol_error" }));
  });
});
