import { describe, expect, it } from "vitest";
import type { Completion } from "../../src/core/completion.ts";
import type { Usage } from "../../src/core/usage.ts";
import type { Adapter, ProviderRequest } from "../../src/providers/adapter.ts";
import { failureOf } from "../../src/providers/failure.ts";
import { guarded } from "../../src/providers/outside.ts";

const REPLY = { status: 200, headers: {}, body: new Uint8Array() };
const USAGE: Usage = {
  ...{ inputTokens: 3, outputTokens: 4, cacheReadTokens: 0, cacheWriteTokens: 0, reasoningTokens: 0 },
  source: "reported",
};
const WHOLE: Completion = { text: "hi", reasoning: "", toolCalls: [], finish: "stop", usage: USAGE };
const request: ProviderRequest = {
  ...{ model: "m", messages: [], stream: false },
  facts: { supports: new Set() },
};
const frame = { kind: "event", event: "", data: "" } as const;

/** An adapter that does its work, but for what a test has it do amiss. */
function adapterWith(fault: object): Adapter {
  const adapter: Adapter = {
    framing: "sse",
    facts: () => request.facts,
    toWire: () => ({ method: "POST", url: "http://x", headers: {} }),
    fromWire: () => WHOLE,
    decoder: () => () => [{ type: "delta", text: "hi" }],
    classify: (failure) => failureOf(failure, { message: "no" }),
    probe: {
      toWire: () => ({ method: "GET", url: "http://x", headers: {} }),
      fromWire: () => ({ detail: "" }),
    },
    ...fault,
  };
  return guarded({ adapter, baseUrl: "http://x" }, "acme").adapter;
}

const thrown = (work: () => unknown): unknown => {
  try {
    return work();
  } catch (error) {
    return error;
  }
};
const PROTOCOL = { code: "protocol_error", action: "next" };

describe("an adapter of a plugin", () => {
  const secret = () => JSON.parse("a secret answer");

  it.each<[string, object, (adapter: Adapter) => unknown]>([
    ["toWire", { toWire: secret }, (adapter) => adapter.toWire(request)],
    ["fromWire", { fromWire: secret }, (adapter) => adapter.fromWire(REPLY, request)],
    ["decoder", { decoder: secret }, (adapter) => adapter.decoder(request)],
    ["what decodes", { decoder: () => secret }, (adapter) => adapter.decoder(request)(frame)],
    [
      "the probe",
      { probe: { toWire: secret, fromWire: secret } },
      (adapter) => adapter.probe.fromWire(REPLY),
    ],
  ])("whose %s throws is passed over, and nothing it read is told", (_what, fault, work) => {
    const error = thrown(() => work(adapterWith(fault)));
    expect(error).toMatchObject(PROTOCOL);
    expect(String(error)).toMatch(
      /the adapter of type acme has thrown SyntaxError at outside\.test\.ts:\d+:\d+$/,
    );
    expect(String(error)).not.toContain("secret");
  });

  it.each<[string, unknown, string]>([
    ["nothing", undefined, "no object, or a promise of one"],
    ["a promise", Promise.resolve(WHOLE), "no object, or a promise of one"],
    ["no text", { finish: "stop" }, "an answer without a text"],
    ["an end there is not", { ...WHOLE, finish: "weird" }, "an answer without a finish"],
    ["calls that are no list", { ...WHOLE, toolCalls: {} }, "tool calls that are no list"],
  ])("that gives %s for an answer is passed over", (_what, answer, words) => {
    const error = thrown(() => adapterWith({ fromWire: () => answer }).fromWire(REPLY, request));
    expect(error).toMatchObject({ ...PROTOCOL, message: `the adapter of type acme gives ${words}` });
  });

  it.each<[string, unknown, string]>([
    ["nothing", undefined, "no object, or a promise of one"],
    ["no address", { method: "POST" }, "no method or no url"],
    [
      "an object for a body",
      { method: "POST", url: "x", body: {} },
      "a body that is neither a text nor bytes",
    ],
  ])("that gives %s to send is passed over", (_what, wire, words) => {
    const error = thrown(() => adapterWith({ toWire: () => wire }).toWire(request));
    expect(error).toMatchObject({ ...PROTOCOL, message: `the adapter of type acme gives ${words}` });
  });

  it("may leave reasoning and calls out", () => {
    const adapter = adapterWith({ fromWire: () => ({ text: "hi", finish: "stop" }) });
    expect(adapter.fromWire(REPLY, request)).toEqual({
      text: "hi",
      reasoning: "",
      toolCalls: [],
      finish: "stop",
    });
  });

  it.each([
    ["no number", { ...USAGE, inputTokens: Number.NaN }],
    ["a fraction", { ...USAGE, outputTokens: 1.5 }],
    ["below zero", { ...USAGE, outputTokens: -1 }],
    ["left out", { inputTokens: 3, outputTokens: 4 }],
  ])("with a count that is %s has reported none", (_what, usage) => {
    const adapter = adapterWith({
      fromWire: () => ({ ...WHOLE, usage }),
      decoder: () => () => [{ type: "usage", usage }, { type: "done" }],
    });
    expect(adapter.fromWire(REPLY, request)).not.toHaveProperty("usage");
    expect(adapter.decoder(request)(frame)).toEqual([{ type: "done" }]);
  });

  it("with sound counts has reported them", () => {
    const events = [{ type: "usage", usage: USAGE }];
    const adapter = adapterWith({ decoder: () => () => events });
    expect(adapter.fromWire(REPLY, request)).toEqual(WHOLE);
    expect(adapter.decoder(request)(frame)).toEqual(events);
  });

  it.each([
    ["no list", undefined, "makes of a frame no list of events"],
    ["a text that is a number", [{ type: "delta", text: 5 }], "gives a text that is none"],
  ])("that makes %s of a frame is passed over", (_what, events, words) => {
    const error = thrown(() => adapterWith({ decoder: () => () => events }).decoder(request)(frame));
    expect(error).toMatchObject({ ...PROTOCOL, message: `the adapter of type acme ${words}` });
  });

  it("that gives another number of vectors than there are texts is passed over", () => {
    const embed = { toWire: () => [], fromWire: () => ({ vectors: [[1]] }) };
    const give = (...texts: string[]) =>
      thrown(() => adapterWith({ embed }).embed?.fromWire([REPLY], { model: "m", texts }));
    expect(give("a")).toEqual({ vectors: [[1]] });
    expect(give("a", "b")).toMatchObject(PROTOCOL);
  });

  it("that classifies as nothing is judged by the status", () => {
    const adapter = adapterWith({ classify: () => undefined });
    expect(adapter.classify({ ...REPLY, status: 429, wallMs: 0 })).toMatchObject({ code: "rate_limited" });
  });
});
