import { describe, expect, it } from "vitest";
import type { CompletionRequest, Effort } from "../../src/core/completion.ts";
import { Secret } from "../../src/core/secret.ts";
import type { ProviderRequest } from "../../src/providers/adapter.ts";
import { anthropicAdapter } from "../../src/providers/anthropic/adapter.ts";
import { overrideFacts } from "../../src/providers/capabilities.ts";
import { fitToModel } from "../../src/providers/fit.ts";
import type { WireReply } from "../../src/wire/http.ts";

const adapter = anthropicAdapter({
  baseUrl: "http://sim",
  apiKey: new Secret("k"),
  version: "2023-06-01",
});

const asked = (model: string, request: Partial<CompletionRequest> = {}): ProviderRequest => ({
  messages: [{ role: "user", content: "Hi" }],
  ...request,
  model,
  stream: false,
  facts: adapter.facts(model),
});
const bodyOf = (model: string, request: Partial<CompletionRequest>) =>
  JSON.parse(String(adapter.toWire(asked(model, request)).body));
const bytes = (value: unknown) =>
  new TextEncoder().encode(typeof value === "string" ? value : JSON.stringify(value));
const reply = (value: unknown): WireReply => ({ status: 200, headers: {}, body: bytes(value) });
const message = (more: object) => ({ type: "message", content: [], stop_reason: "end_turn", ...more });
const complete = (more: object) => adapter.fromWire(reply(message(more)), asked("claude-opus-5"));
const classify = (status: number, body: unknown, headers: Record<string, string> = {}) =>
  adapter.classify({ status, headers, body: bytes(body), wallMs: Date.UTC(2026, 10, 22) });
const error = (type: string, text: string, code?: string) => ({
  type: "error",
  error: { type, message: text, details: code ? { error_code: code } : null },
});

describe("what is known of Claude models", () => {
  it.each([
    ["claude-3-opus-20240229", 4_096, ["temperature", "prefill"], ["effort", "json_schema"]],
    ["claude-3-5-sonnet-20241022", 8_192, ["temperature", "prefill"], ["effort", "json_schema"]],
    ["claude-3-7-sonnet-latest", 64_000, ["effort", "prefill"], ["json_schema"]],
    ["claude-opus-4-20250514", 32_000, ["effort", "temperature"], ["json_schema"]],
    ["claude-haiku-4-5@20251001", 64_000, ["json_schema", "prefill", "temperature"], []],
    ["claude-opus-4-6", undefined, ["json_schema", "temperature"], ["prefill"]],
    ["claude-opus-4-7", undefined, ["json_schema", "effort"], ["prefill", "temperature", "top_p"]],
    ["claude-sonnet-5", undefined, ["json_schema", "effort"], ["prefill", "temperature"]],
    ["claude-next", undefined, ["json_schema", "vision", "tools"], ["prefill", "temperature", "seed"]],
  ] as const)("%s", (model, maxOutputTokens, has, lacks) => {
    const facts = adapter.facts(model);
    expect(facts.maxOutputTokens).toBe(maxOutputTokens);
    for (const word of has) expect(facts.supports.has(word), word).toBe(true);
    for (const word of lacks) expect(facts.supports.has(word), word).toBe(false);
  });

  it("has no sampling parameters under an API version that refuses them", () => {
    const newer = anthropicAdapter({ baseUrl: "", apiKey: new Secret("k"), version: "2026-10-21" });
    expect(newer.facts("claude-haiku-4-5").supports.has("temperature")).toBe(false);
  });
});

describe("effort on Claude models", () => {
  const adaptive = { type: "adaptive", display: "summarized" };
  const budget = (budget_tokens: number) => ({ type: "enabled", budget_tokens });
  it.each([
    ["claude-sonnet-4-5", "high", 64_000, budget(16_384), undefined],
    ["claude-sonnet-4-5", "max", 20_000, budget(18_976), undefined],
    ["claude-sonnet-4-5", "high", 2_000, undefined, undefined],
    ["claude-sonnet-4-5", "none", 64_000, undefined, undefined],
    ["claude-3-5-sonnet", "high", 8_000, undefined, undefined],
    ["claude-opus-4-6", "xhigh", 64_000, adaptive, "high"],
    ["claude-opus-4-7", "xhigh", 64_000, adaptive, "xhigh"],
    ["claude-opus-5", "minimal", 64_000, adaptive, "low"],
    ["claude-opus-5", "none", 64_000, { type: "disabled" }, undefined],
    ["claude-sonnet-5-5", "none", 64_000, { type: "between_tools" }, undefined],
    ["claude-opus-5-5", "none", 64_000, undefined, "low"],
  ] as const)("%s with effort %s and %i tokens", (model, effort, maxTokens, thinking, word) => {
    const body = bodyOf(model, { effort, maxTokens });
    expect(body.thinking).toEqual(thinking);
    expect(body.output_config?.effort).toBe(word);
  });

  const thinks = (request: Partial<CompletionRequest>) =>
    bodyOf("claude-sonnet-4-5", { effort: "low" as Effort, maxTokens: 9_000, ...request }).thinking !==
    undefined;
  const tools = [{ name: "sum", parameters: {} }];
  it("leaves a thinking budget out where the vendor refuses it", () => {
    expect(thinks({ tools })).toBe(true);
    expect(thinks({ tools, toolChoice: "required" })).toBe(false);
    expect(
      thinks({
        messages: [
          { role: "user", content: "a" },
          { role: "assistant", content: "b" },
        ],
      }),
    ).toBe(false);
    const called = {
      role: "assistant",
      content: "",
      toolCalls: [{ id: "a", name: "sum", arguments: "" }],
    } as const;
    const result = { role: "tool", toolCallId: "a", name: "sum", content: "4" } as const;
    const user = { role: "user", content: "a" } as const;
    expect(thinks({ tools, messages: [user, called, result] })).toBe(false);
    expect(thinks({ tools, messages: [user, called, result, user] })).toBe(false);
    expect(thinks({ tools, messages: [user, called, result, { ...called, toolCalls: [] }, user] })).toBe(
      true,
    );
  });

  const fitted = (model: string, request: Partial<CompletionRequest>) =>
    fitToModel({ messages: [{ role: "user", content: "Hi" }], ...request }, adapter.facts(model), false);
  const required = { tools, toolChoice: "required" } as const;
  it.each([
    ["claude-sonnet-4-5", { effort: "low", temperature: 0.5, topP: 0.5 }, ["temperature", "top_p"]],
    ["claude-opus-4-6", { effort: "low", temperature: 0.5 }, ["temperature"]],
    ["claude-opus-4-6", { effort: "none", temperature: 0.5 }, []],
    ["claude-sonnet-4-5", { temperature: 0.5, topP: 0.5 }, ["top_p"]],
    ["claude-sonnet-4-5", { topP: 0.5 }, []],
    ["claude-opus-4-20250514", { temperature: 0.5, topP: 0.5 }, []],
    ["claude-sonnet-4-5", { effort: "low", temperature: 0.5, ...required }, ["effort"]],
    ["claude-sonnet-4-5", { effort: "none", ...required }, []],
    ["claude-opus-4-6", { effort: "low", ...required }, []],
  ] as const)("warns of what %s cannot take together: %j", (model, request, left) => {
    const warned = fitted(model, request).warnings.map((warning) => warning.split(" ")[0]);
    expect(warned).toEqual(left);
  });

  it("keeps what cannot go together when a file says other sizes", () => {
    const facts = adapter.facts("claude-sonnet-4-5");
    expect(overrideFacts(facts, { contextWindow: 5 })).toEqual({ ...facts, contextTokens: 5 });
  });

  it("sends no temperature while the model thinks", () => {
    const body = bodyOf("claude-sonnet-4-5", {
      effort: "low",
      temperature: 0.5,
      topP: 0.5,
      maxTokens: 9_000,
    });
    expect(body).not.toHaveProperty("temperature");
    expect(body).not.toHaveProperty("top_p");
  });
});

describe("a request in Anthropic's words", () => {
  it("merges neighbours, hoists system messages and puts tool results first", () => {
    const body = bodyOf("claude-opus-5", {
      messages: [
        { role: "system", content: "One." },
        { role: "user", content: "a" },
        {
          role: "user",
          content: [
            { type: "text", text: " " },
            { type: "text", text: "b" },
          ],
        },
        { role: "assistant", content: "", toolCalls: [{ id: "x:1", name: "sum", arguments: "" }] },
        { role: "user", content: "c" },
        { role: "tool", toolCallId: "x:1", name: "sum", content: "" },
        { role: "system", content: "Two." },
      ],
    });
    expect(body.system).toBe("One.\n\nTwo.");
    expect(body.messages).toEqual([
      {
        role: "user",
        content: [
          { type: "text", text: "a" },
          { type: "text", text: "b" },
        ],
      },
      { role: "assistant", content: [{ type: "tool_use", id: "x_3a1", name: "sum", input: {} }] },
      {
        role: "user",
        content: [
          { type: "tool_result", tool_use_id: "x_3a1" },
          { type: "text", text: "c" },
        ],
      },
    ]);
  });

  it("takes the space off the end of a begun answer, which the vendor refuses", () => {
    const messages = [
      { role: "user", content: "a" },
      { role: "assistant", content: "Once \n" },
    ] as const;
    expect(bodyOf("claude-haiku-4-5", { messages }).messages[1].content[0].text).toBe("Once");
  });

  it("refuses earlier tool calls whose arguments are no object", () => {
    const messages = [
      { role: "assistant", content: "", toolCalls: [{ id: "a", name: "sum", arguments: '{"a":' }] },
    ] as const;
    expect(() => bodyOf("claude-opus-5", { messages })).toThrow(
      expect.objectContaining({ code: "bad_request", message: expect.stringContaining('"a"') }),
    );
  });

  it.each([
    ["claude-haiku-4-5", 64_000],
    ["claude-opus-5", 4_096],
  ])("sends %s a limit when the caller names none", (model, limit) => {
    expect(bodyOf(model, {}).max_tokens).toBe(limit);
  });

  it("keeps temperature within the vendor's range and lets options win", () => {
    const body = bodyOf("claude-haiku-4-5", {
      temperature: 1.6,
      stop: [" "],
      options: { max_tokens: 5, top_k: 3 },
    });
    expect(body).toMatchObject({ temperature: 1, max_tokens: 5, top_k: 3 });
    expect(body).not.toHaveProperty("stop_sequences");
  });

  it.each([
    ["none", undefined, { type: "none" }],
    ["required", false, { type: "any", disable_parallel_tool_use: true }],
    [undefined, false, { type: "auto", disable_parallel_tool_use: true }],
    [{ name: "sum" }, undefined, { type: "tool", name: "sum" }],
    [undefined, true, undefined],
  ] as const)("says tool choice %o with parallel calls %s", (toolChoice, parallelToolCalls, expected) => {
    const choice = {
      ...(toolChoice !== undefined && { toolChoice }),
      ...(parallelToolCalls !== undefined && { parallelToolCalls }),
    };
    expect(
      bodyOf("claude-opus-5", { tools: [{ name: "sum", parameters: {} }], ...choice }).tool_choice,
    ).toEqual(expected);
    expect(bodyOf("claude-opus-5", choice)).not.toHaveProperty("tool_choice");
  });
});

describe("an answer in Anthropic's words", () => {
  it.each([
    ["end_turn", "stop", undefined],
    ["stop_sequence", "stop", undefined],
    ["max_tokens", "length", undefined],
    ["model_context_window_exceeded", "length", undefined],
    ["tool_use", "tool_calls", undefined],
    ["refusal", "content_filter", undefined],
    ["pause_turn", "stop", "pause_turn"],
    ["a_new_reason", "stop", "a_new_reason"],
    ["constructor", "stop", "constructor"],
  ])("reads stop_reason %s as %s", (reason, finish, unknownFinish) => {
    const read = complete({ stop_reason: reason });
    expect(read.finish).toBe(finish);
    expect(read.unknownFinish).toBe(unknownFinish);
  });

  it("passes the words of a refusal on", () => {
    const details = { type: "refusal", category: "bio", explanation: null };
    expect(complete({ stop_reason: "refusal", stop_details: details }).refusal).toBe("bio");
    expect(complete({ stop_reason: "refusal", stop_details: null })).not.toHaveProperty("refusal");
  });

  it("counts the whole prompt, cached parts included", () => {
    const usage = {
      input_tokens: 10,
      cache_read_input_tokens: 20,
      cache_creation_input_tokens: 30,
      output_tokens: 9,
      output_tokens_details: { thinking_tokens: 4 },
    };
    expect(complete({ usage }).usage).toEqual({
      inputTokens: 60,
      outputTokens: 9,
      cacheReadTokens: 20,
      cacheWriteTokens: 30,
      reasoningTokens: 4,
      source: "reported",
    });
  });

  it.each([
    [{ input_tokens: -1, output_tokens: 3 }],
    [{ input_tokens: "12", output_tokens: 3 }],
    [{ input_tokens: 12 }],
    [{ input_tokens: 12, output_tokens: 1e308 }],
    [{ input_tokens: 12, output_tokens: 3, cache_read_input_tokens: "many" }],
    [null],
  ])("believes no usage such as %o", (usage) => {
    expect(complete({ usage }).usage).toBeUndefined();
  });

  it.each([
    [{ content: null }],
    [{ content: "Hi" }],
    [{ content: [{ type: "text", text: null }] }],
    [{ content: [{ type: "tool_use", name: "sum", input: {} }] }],
    [{ content: [{ type: "tool_use", id: "a", name: "sum", input: "x" }] }],
    [{ stop_reason: null }],
  ])("refuses an answer with %o", (more) => {
    expect(() => complete(more)).toThrow(expect.objectContaining({ code: "protocol_error" }));
  });

  it("leaves blocks of unknown kinds out", () => {
    const content = [{ type: "server_tool_use", id: "s" }, { type: "text", text: "Hi" }, 7];
    expect(complete({ content }).text).toBe("Hi");
  });

  it("reads an error inside a 200 by its own code", () => {
    const read = (body: unknown) => () => adapter.fromWire(reply(body), asked("claude-opus-5"));
    expect(read(error("overloaded_error", "Busy"))).toThrow(expect.objectContaining({ code: "overloaded" }));
    expect(read({ error: { message: "?" } })).toThrow(expect.objectContaining({ code: "provider_error" }));
    const busy = reply(error("overloaded_error", "Busy"));
    const thrown = expect.objectContaining({ code: "overloaded" });
    expect(() => adapter.count?.fromWire(busy)).toThrow(thrown);
    expect(() => adapter.models?.fromWire(busy)).toThrow(thrown);
  });
});

describe("Anthropic's errors", () => {
  it.each([
    [429, error("rate_limit_error", "Slow", "ramp_limit_exceeded"), "rate_limited", "repair"],
    [429, error("rate_limit_error", "No more", "contract_spend_limit_reached"), "quota_exhausted", "next"],
    [
      400,
      error("invalid_request_error", "Your credit balance is too low to access"),
      "quota_exhausted",
      "next",
    ],
    [
      400,
      error("invalid_request_error", "You have reached your specified API usage limits."),
      "quota_exhausted",
      "next",
    ],
    [400, error("invalid_request_error", "On hold", "organization_on_hold"), "auth_failed", "next"],
    [
      400,
      error("invalid_request_error", "input length and `max_tokens` exceed context limit"),
      "context_too_long",
      "next",
    ],
    [402, error("billing_error", "Pay"), "quota_exhausted", "next"],
    [403, error("permission_error", "No"), "auth_failed", "next"],
    [413, error("request_too_large", "Too big"), "bad_request", "stop"],
    [409, error("conflict_error", "Again"), "provider_error", "next"],
    [500, error("api_error", "Oops"), "provider_error", "repair"],
    [504, error("timeout_error", "Late"), "provider_error", "next"],
    [503, error("overloaded_error", "Busy"), "overloaded", "repair"],
    [418, "tea", "bad_request", "stop"],
  ] as const)("reads %i with %j as %s", (status, body, code, action) => {
    expect(classify(status, body)).toMatchObject({ code, action, facts: { status } });
  });

  it("keeps the request id, from the body or the header", () => {
    const body = { ...error("api_error", "Oops"), request_id: "req_body" };
    expect(classify(500, body).facts.providerRequestId).toBe("req_body");
    expect(classify(500, "", { "request-id": "req_head" }).facts.providerRequestId).toBe("req_head");
  });

  it("waits for the latest reset among exhausted buckets", () => {
    const headers = {
      date: "Sun, 22 Nov 2026 10:00:00 GMT",
      "anthropic-ratelimit-requests-remaining": "0",
      "anthropic-ratelimit-requests-reset": "2026-11-22T10:00:05Z",
      "anthropic-ratelimit-tokens-remaining": "12",
      "anthropic-ratelimit-tokens-reset": "2026-11-22T10:09:00Z",
    };
    expect(classify(429, error("rate_limit_error", "Slow"), headers).facts.retryAfterMs).toBe(5_000);
  });
});
