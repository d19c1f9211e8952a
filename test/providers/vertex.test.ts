import { describe, expect, it } from "vitest";
import type { CompletionRequest } from "../../src/core/completion.ts";
import type { ProviderRequest } from "../../src/providers/adapter.ts";
import { fitToModel } from "../../src/providers/fit.ts";
import { withMessages } from "../../src/providers/verbatim.ts";
import { vertexAdapter } from "../../src/providers/vertex/adapter.ts";
import type { Frame } from "../../src/wire/frame.ts";
import type { WireReply } from "../../src/wire/http.ts";

const adapter = vertexAdapter({ baseUrl: "http://sim", project: "p 1", location: "eu" });
const MODEL = "gemini-2.5-pro";

const asked = (model: string, request: Partial<CompletionRequest> = {}): ProviderRequest => ({
  messages: [{ role: "user", content: "Hi" }],
  ...request,
  model,
  stream: false,
  facts: adapter.facts(model),
});
const bodyOf = (model: string, request: Partial<CompletionRequest>) =>
  JSON.parse(String(adapter.toWire(asked(model, request)).body));
const reply = (value: unknown): WireReply => ({
  status: 200,
  headers: {},
  body: new TextEncoder().encode(typeof value === "string" ? value : JSON.stringify(value)),
});
const complete = (value: unknown, request: Partial<CompletionRequest> = {}) =>
  adapter.fromWire(reply(value), asked(MODEL, request));
const candidate = (more: object) => ({ candidates: [{ content: { parts: [{ text: "Hi" }] }, ...more }] });
const classify = (status: number, body: unknown) => adapter.classify({ ...reply(body), status, wallMs: 0 });
const error = (code: number, status: string, message: string, details: readonly object[] = []) => ({
  error: { code, status, message, details },
});

describe("addresses on Vertex", () => {
  const urlOf = (model: string, stream = false) => adapter.toWire({ ...asked(model), stream }).url;
  const start = "http://sim/v1/projects/p%201/locations/eu/publishers";
  it.each([
    ["gemini-2.5-pro", false, `${start}/google/models/gemini-2.5-pro:generateContent`],
    ["google/gemini-3-pro", true, `${start}/google/models/gemini-3-pro:streamGenerateContent?alt=sse`],
    ["claude-opus-4-5@20251101", false, `${start}/anthropic/models/claude-opus-4-5@20251101:rawPredict`],
    ["anthropic/claude-opus-5", true, `${start}/anthropic/models/claude-opus-5:streamRawPredict`],
    ["../x?y#z", false, `${start}/google/models/..%2Fx%3Fy%23z:generateContent`],
  ])("%s, streamed: %s", (model, stream, url) => {
    expect(urlOf(model, stream)).toBe(url);
  });

  it.each(["..", ".", "", "google/..", "\ud800"])("has no place for %j", (model) => {
    expect(() => urlOf(model)).toThrow(expect.objectContaining({ code: "invalid_request" }));
  });

  it("names Claude in the body only where its tokens are counted", () => {
    expect(bodyOf("claude-opus-5", {})).not.toHaveProperty("model");
    const counted = adapter.count?.toWire(asked("anthropic/claude-opus-5"));
    expect(counted?.url).toBe(`${start}/anthropic/models/count-tokens:rawPredict`);
    expect(JSON.parse(String(counted?.body)).model).toBe("claude-opus-5");
  });

  it("turns on features of Claude in the body, also with a changed conversation", () => {
    const verbatim = { dialect: "anthropic", extras: {}, betas: ["a-1", "b-2"] } as const;
    const changed = withMessages(asked("claude-opus-5", { verbatim }), [{ role: "user", content: "Ho" }]);
    const wire = [adapter.toWire(changed), adapter.count?.toWire(changed)];
    for (const request of wire)
      expect(JSON.parse(String(request?.body)).anthropic_beta).toEqual(["a-1", "b-2"]);
    expect(bodyOf("claude-opus-5", {})).not.toHaveProperty("anthropic_beta");
  });
});

describe("what is known of Gemini models", () => {
  it.each([
    ["gemini-1.5-pro-002", undefined, false],
    ["gemini-2.0-flash-001", 8_192, false],
    ["gemini-2.5-flash-lite", 65_535, true],
    ["gemini-3.1-pro-preview", 65_535, true],
    ["gemini-flash-latest", undefined, true],
  ])("%s", (model, maxOutputTokens, effort) => {
    const facts = adapter.facts(model);
    expect(facts.maxOutputTokens).toBe(maxOutputTokens);
    expect(facts.supports.has("effort")).toBe(effort);
    expect(facts.supports.has("seed")).toBe(true);
    expect(facts.supports.has("prefill")).toBe(false);
  });

  it("sends the schema as an instruction beside tools to models before version 3", () => {
    const request = {
      messages: [{ role: "user", content: "Hi" }],
      tools: [{ name: "now", parameters: {} }],
      schema: { name: "s", schema: { type: "object" } },
    } as const;
    const fitted = (model: string) => fitToModel(request, adapter.facts(model), false);
    expect(fitted("gemini-2.5-pro").request).not.toHaveProperty("schema");
    expect(fitted("gemini-2.5-pro").warnings).toEqual([
      "json_schema is not taken by this model together with tools: the schema is sent as an instruction",
    ]);
    expect(fitted("gemini-3-pro")).toEqual({ request, warnings: [] });
    const { tools: _tools, ...alone } = request;
    expect(fitToModel(alone, adapter.facts("gemini-2.5-pro"), true).request).toEqual(alone);
  });

  it("knows Claude by its name", () => {
    expect(adapter.facts("claude-haiku-4-5@20251001").supports.has("prefill")).toBe(true);
    expect(adapter.facts("anthropic/claude-opus-5").supports.has("prefill")).toBe(false);
    expect(adapter.facts("claude-opus-5").supports.has("vision")).toBe(true);
    expect(adapter.facts("claude-opus-5").supports.has("image_url")).toBe(false);
  });

  it.each([
    ["gemini-2.5-pro", "none", { thinkingBudget: 128 }],
    ["gemini-2.5-flash", "none", { thinkingBudget: 0 }],
    ["gemini-2.5-flash", "max", { thinkingBudget: 24_576, includeThoughts: true }],
    ["gemini-2.5-pro", "max", { thinkingBudget: 32_768, includeThoughts: true }],
    ["gemini-3-flash", "none", { thinkingLevel: "MINIMAL" }],
    ["gemini-3-pro", "minimal", { thinkingLevel: "LOW", includeThoughts: true }],
    ["gemini-next", "xhigh", { thinkingLevel: "HIGH", includeThoughts: true }],
  ] as const)("says to %s effort %s", (model, effort, thinking) => {
    expect(bodyOf(model, { effort }).generationConfig.thinkingConfig).toEqual(thinking);
  });
});

describe("a request in Gemini's words", () => {
  const call = (id: string, name: string) => ({ id, name, arguments: "{}" });
  const messages = [
    { role: "user", content: "a" },
    { role: "user", content: [{ type: "image", url: "https://x.example/photo" }] },
    { role: "assistant", content: "Wait.", toolCalls: [call("1", "sum"), call("2", "now")] },
    { role: "tool", toolCallId: "2", name: "now", content: "noon" },
    { role: "tool", toolCallId: "1", name: "sum", content: "4" },
    { role: "user", content: "" },
  ] as const;

  it("merges neighbours and puts tool results in the order of their calls", () => {
    expect(bodyOf("gemini-2.5-pro", { messages }).contents).toEqual([
      {
        role: "user",
        parts: [{ text: "a" }, { fileData: { mimeType: "image/jpeg", fileUri: "https://x.example/photo" } }],
      },
      {
        role: "model",
        parts: [
          { text: "Wait." },
          { functionCall: { name: "sum", args: {} } },
          { functionCall: { name: "now", args: {} } },
        ],
      },
      {
        role: "user",
        parts: [
          { functionResponse: { name: "sum", response: { result: "4" } } },
          { functionResponse: { name: "now", response: { result: "noon" } } },
        ],
      },
    ]);
  });

  it("signs the first call of a turn for models that ask for it", () => {
    const parts = bodyOf("gemini-3-flash", { messages }).contents[1].parts;
    expect(parts[1].thoughtSignature).toBe("skip_thought_signature_validator");
    expect(parts[2]).not.toHaveProperty("thoughtSignature");
  });

  it("sends no empty configuration, and lets options win", () => {
    expect(Object.keys(bodyOf(MODEL, {}))).toEqual(["contents"]);
    const options = { generationConfig: { topK: 4 }, labels: { team: "a" } };
    expect(bodyOf(MODEL, { temperature: 1, options })).toMatchObject(options);
  });
});

describe("an answer in Gemini's words", () => {
  it.each([
    ["STOP", "stop", undefined],
    ["MAX_TOKENS", "length", undefined],
    ["RECITATION", "content_filter", undefined],
    ["IMAGE_SAFETY", "content_filter", undefined],
    ["CONTINUATION", "stop", "CONTINUATION"],
    ["constructor", "stop", "constructor"],
  ])("reads finishReason %s as %s", (finishReason, finish, unknownFinish) => {
    const read = complete(candidate({ finishReason }));
    expect(read.finish).toBe(finish);
    expect(read.unknownFinish).toBe(unknownFinish);
  });

  it.each([
    "MALFORMED_FUNCTION_CALL",
    "UNEXPECTED_TOOL_CALL",
    "TOO_MANY_TOOL_CALLS",
    "MALFORMED_RESPONSE",
    "OTHER",
  ])("takes %s for a failure of the model", (finishReason) => {
    const broken = candidate({ finishReason, finishMessage: "Malformed call: sum(the answer's words)" });
    const message = `the model ended with ${finishReason}`;
    expect(() => complete(broken)).toThrow(
      expect.objectContaining({ code: "provider_error", action: "repair", message }),
    );
  });

  it.each([
    [{ candidates: [], usageMetadata: {} }, "provider_error"],
    [{ modelVersion: "gemini-x", responseId: "r" }, "provider_error"],
    [{ candidates: [{ index: 0 }] }, "provider_error"],
    [{ candidates: [{ content: "Hi", finishReason: "STOP" }] }, "protocol_error"],
    [{ candidates: [{ content: { parts: {} }, finishReason: "STOP" }] }, "protocol_error"],
    [{ candidates: [{ content: { parts: [{ text: 7 }] }, finishReason: "STOP" }] }, "protocol_error"],
    [{ candidates: [{ content: { parts: [{ functionCall: { args: {} } }] } }] }, "protocol_error"],
    [{ promptFeedback: { blockReason: "PROHIBITED_CONTENT" } }, "content_filtered"],
    [error(429, "RESOURCE_EXHAUSTED", "Slow"), "rate_limited"],
    [[error(503, "UNAVAILABLE", "Busy")], "overloaded"],
    [{ error: { status: "UNAVAILABLE", message: "Busy" } }, "overloaded"],
    [{ error: { code: 0, message: "?" } }, "provider_error"],
  ])("refuses %j as %s", (value, code) => {
    expect(() => complete(value)).toThrow(expect.objectContaining({ code }));
  });

  it("accepts an answer that is all thinking", () => {
    const usageMetadata = { promptTokenCount: 7, thoughtsTokenCount: 31, toolUsePromptTokenCount: 3 };
    expect(complete({ candidates: [{ finishReason: "MAX_TOKENS" }], usageMetadata })).toMatchObject({
      text: "",
      finish: "length",
      usage: { inputTokens: 10, outputTokens: 31, reasoningTokens: 31 },
    });
  });

  it("numbers calls without an id after those already made, and keeps an id it is given", () => {
    const parts = [{ functionCall: { name: "sum" } }, { functionCall: { name: "now", id: "own" } }];
    const earlier = {
      role: "assistant",
      content: "",
      toolCalls: [{ id: "call_1", name: "sum", arguments: "" }],
    } as const;
    const { toolCalls, finish } = complete(
      { candidates: [{ content: { parts }, finishReason: "STOP" }] },
      { messages: [{ role: "user", content: "a" }, earlier] },
    );
    expect(toolCalls).toEqual([
      { id: "call_2", name: "sum", arguments: "{}" },
      { id: "own", name: "now", arguments: "{}" },
    ]);
    expect(finish).toBe("tool_calls");
  });

  it.each([
    { promptTokenCount: -1 },
    { promptTokenCount: "7" },
    { trafficType: "ON_DEMAND" },
    { promptTokenCount: 7, cachedContentTokenCount: 8 },
  ])("believes no usage such as %o", (usageMetadata) => {
    expect(complete({ ...candidate({ finishReason: "STOP" }), usageMetadata }).usage).toBeUndefined();
  });
});

describe("a Gemini stream", () => {
  const play = (...chunks: readonly (object | Frame)[]) => {
    const decode = adapter.decoder(asked(MODEL));
    return chunks.flatMap((chunk) =>
      decode("kind" in chunk ? chunk : { kind: "event", event: "", data: JSON.stringify(chunk) }),
    );
  };
  const last = {
    candidates: [{ finishReason: "STOP" }],
    usageMetadata: { promptTokenCount: 7, candidatesTokenCount: 2 },
  };

  it("takes no count before the end, and only counts after it", () => {
    const early = { ...candidate({}), usageMetadata: { promptTokenCount: 7 } };
    const late = {
      ...candidate({ finishReason: "STOP" }),
      usageMetadata: { promptTokenCount: 7, candidatesTokenCount: 9 },
    };
    expect(play(early, last, late).map(({ type }) => type)).toEqual([
      "delta",
      "usage",
      "finish",
      "terminal",
      "usage",
    ]);
  });

  it("throws bare JSON in the middle by what it says", () => {
    const bare: Frame = {
      kind: "unframed",
      event: "",
      data: JSON.stringify(error(503, "UNAVAILABLE", "Busy")),
    };
    expect(() => play(candidate({}), bare)).toThrow(expect.objectContaining({ code: "overloaded" }));
    expect(() => play({ ...bare, data: "<html>" })).toThrow(
      expect.objectContaining({ code: "protocol_error" }),
    );
  });

  it("throws an error inside an event, a blocked prompt and a failed model", () => {
    expect(() => play(error(429, "RESOURCE_EXHAUSTED", "Slow"))).toThrow(
      expect.objectContaining({ code: "rate_limited" }),
    );
    expect(() => play({ promptFeedback: { blockReason: "SAFETY" } })).toThrow(
      expect.objectContaining({ code: "content_filtered" }),
    );
    expect(() => play(candidate({ finishReason: "MALFORMED_FUNCTION_CALL" }))).toThrow(
      expect.objectContaining({ code: "provider_error" }),
    );
  });
});

describe("errors on Vertex", () => {
  const retryInfo = (retryDelay: string) => ({
    "@type": "type.googleapis.com/google.rpc.RetryInfo",
    retryDelay,
  });
  const quota = (quotaId: string) => ({ violations: [{ quotaId }] });
  it.each([
    [400, error(400, "INVALID_ARGUMENT", "No"), "bad_request", "stop"],
    [
      400,
      error(400, "FAILED_PRECONDITION", "Project is not allowlisted for this model"),
      "auth_failed",
      "next",
    ],
    [403, error(403, "PERMISSION_DENIED", "API disabled"), "auth_failed", "next"],
    [404, error(404, "NOT_FOUND", "No model"), "model_not_found", "next"],
    [403, error(403, "RESOURCE_EXHAUSTED", "Quota exceeded"), "rate_limited", "repair"],
    [429, error(429, "RESOURCE_EXHAUSTED", "Slow", [quota("RequestsPerMinute")]), "rate_limited", "repair"],
    [
      429,
      error(429, "RESOURCE_EXHAUSTED", "Slow", [quota("RequestsPerDayPerProject")]),
      "quota_exhausted",
      "next",
    ],
    [499, error(499, "CANCELLED", "Gone"), "provider_error", "next"],
    [500, error(500, "INTERNAL", "Oops"), "provider_error", "repair"],
    [504, error(504, "DEADLINE_EXCEEDED", "Late"), "provider_error", "next"],
    [529, { type: "error", error: { type: "overloaded_error", message: "Busy" } }, "overloaded", "repair"],
    [429, { type: "error", error: { type: "rate_limit_error", message: "Slow" } }, "rate_limited", "repair"],
  ] as const)("reads %i with %j as %s", (status, body, code, action) => {
    expect(classify(status, body)).toMatchObject({ code, action, facts: { status } });
  });

  it.each([
    ["38s", 38_000],
    ["45.837906927s", 45_838],
    ["-1s", undefined],
    ["soon", undefined],
  ])("reads a retryDelay of %s", (delay, waitMs) => {
    const body = [error(429, "RESOURCE_EXHAUSTED", "Slow", [quota("x"), retryInfo(delay)])];
    expect(classify(429, body).facts.retryAfterMs).toBe(waitMs);
  });
});

it("a count on Vertex that is an error after all is thrown by its own code", () => {
  const count = () => adapter.count?.fromWire(reply(error(503, "UNAVAILABLE", "Busy")));
  expect(count).toThrow(expect.objectContaining({ code: "overloaded" }));
});

describe("embeddings on Vertex", () => {
  const { embed } = adapter;
  const texts = (count: number, text = "t") => Array.from({ length: count }, () => text);
  const sizes = (model: string, all: readonly string[]) =>
    embed?.toWire({ model, texts: all }).map(({ body }) => JSON.parse(String(body)).instances?.length ?? 1);

  it.each([
    ["text-embedding-005", texts(501), [250, 250, 1]],
    ["text-embedding-005", texts(3, "x".repeat(30_000)), [2, 1]],
    ["text-embedding-005", texts(3, "潮".repeat(8_000)), [1, 1, 1]],
    ["gemini-embedding-001", texts(2), [1, 1]],
    ["gemini-embedding-2", texts(2), [1, 1]],
  ])("asks %s in calls as large as it takes", (model, all, expected) => {
    expect(sizes(model, all)).toEqual(expected);
  });

  it("are not asked of Claude", () => {
    expect(() => sizes("claude-opus-5", ["a"])).toThrow(expect.objectContaining({ code: "unsupported" }));
  });

  const read = (predictions: unknown, asked = ["a"]) =>
    embed?.fromWire([reply({ predictions })], { model: "text-embedding-005", texts: asked });

  it("adds up the tokens of all calls", () => {
    const one = { embeddings: { values: [1, 2], statistics: { token_count: 3 } } };
    expect(read([one, one], ["a", "b"])?.usage).toMatchObject({ inputTokens: 6, outputTokens: 0 });
    expect(read([{ embeddings: { values: [1] } }])).toEqual({ vectors: [[1]] });
  });

  it.each([[[]], [undefined], [[{ embeddings: { values: [] } }]], [[{ embeddings: { values: [1, "2"] } }]]])(
    "refuses %j as vectors",
    (predictions) => {
      expect(() => read(predictions)).toThrow(expect.objectContaining({ code: "protocol_error" }));
    },
  );
});
