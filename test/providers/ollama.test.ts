import { describe, expect, it } from "vitest";
import type { CompletionRequest } from "../../src/core/completion.ts";
import { Secret } from "../../src/core/secret.ts";
import type { ProviderRequest } from "../../src/providers/adapter.ts";
import { ollamaAdapter } from "../../src/providers/ollama/adapter.ts";
import { ollamaOptions } from "../../src/providers/ollama/options.ts";
import { ollama } from "../../src/providers/ollama/plugin.ts";
import { contextFor } from "../helpers/drive.ts";

const adapter = ollamaAdapter("http://127.0.0.1:11434", {
  keepAlive: "10m",
  options: { num_ctx: 8_192, seed: 1 },
});
const asked = (more: Partial<CompletionRequest> = {}): ProviderRequest => ({
  messages: [{ role: "user", content: "x" }],
  ...more,
  model: "llama3.2",
  stream: true,
  facts: adapter.facts("llama3.2"),
});
const sent = (more?: Partial<CompletionRequest>) => JSON.parse(String(adapter.toWire(asked(more)).body));
const decoded = (lines: readonly unknown[], request = asked()) => {
  const decode = adapter.decoder(request);
  return lines.flatMap((line) => decode({ kind: "event", event: "", data: JSON.stringify(line) }));
};
const said = (message: object, more: object = { done: false }) => ({ model: "llama3.2", message, ...more });

describe("an Ollama request", () => {
  it("carries the entry's runner settings under those of the request and those written out", () => {
    expect(sent({ seed: 2, options: { options: { top_k: 4 }, logprobs: true } })).toMatchObject({
      keep_alive: "10m",
      logprobs: true,
      options: { num_ctx: 8_192, seed: 2, top_k: 4 },
    });
  });

  it("lifts keep_alive out of the runner's settings", () => {
    const nested = ollamaAdapter("http://sim", { options: { keep_alive: "1h", num_ctx: 1 } });
    const body = JSON.parse(String(nested.toWire(asked()).body));
    expect(body).toMatchObject({ keep_alive: "1h", options: { num_ctx: 1 } });
    expect(body.options).not.toHaveProperty("keep_alive");
  });

  it("says in words that a tool failed", () => {
    const result = { role: "tool", toolCallId: "1", name: "sum", content: "no such file" } as const;
    const { messages } = sent({ messages: [{ ...result, isError: true }, result] });
    expect(messages.map(({ content }: { content: string }) => content)).toEqual([
      "Error: no such file",
      "no such file",
    ]);
  });

  it.each([
    ["none", false],
    ["minimal", "low"],
    ["medium", "medium"],
    ["xhigh", "max"],
  ] as const)("says effort %s as think %j", (effort, think) => expect(sent({ effort }).think).toBe(think));

  it("leaves tools out when none may be called", () => {
    const tools = [{ name: "sum", parameters: {} }];
    expect(sent({ tools }).tools).toHaveLength(1);
    expect(sent({ tools, toolChoice: "none" })).not.toHaveProperty("tools");
  });

  it("refuses to send back a tool call whose arguments were cut", () => {
    const toolCalls = [{ id: "1", name: "sum", arguments: '{"a":' }];
    const request = { messages: [{ role: "assistant" as const, content: "", toolCalls }] };
    expect(() => sent(request)).toThrow(expect.objectContaining({ code: "bad_request" }));
  });
});

describe("an Ollama answer", () => {
  const call = { function: { name: "sum", arguments: { a: 1 } } };

  it("gives tool calls ids that go on from those of the conversation", () => {
    const toolCalls = [{ id: "call_1", name: "sum", arguments: "{}" }];
    const request = asked({ messages: [{ role: "assistant", content: "", toolCalls }] });
    const events = decoded(
      [said({ tool_calls: [call] }), said({ tool_calls: [{ id: "own", ...call }, call] })],
      request,
    );
    expect(events.flatMap((event) => (event.type === "tool_call" ? [[event.index, event.id]] : []))).toEqual([
      [0, "call_2"],
      [1, "own"],
      [2, "call_4"],
    ]);
  });

  it.each([
    ["stop", { finish: "stop" }],
    ["length", { finish: "length" }],
    ["unload", { finish: "stop", unknownFinish: "unload" }],
    ["", { finish: "stop", unknownFinish: "" }],
    [undefined, { finish: "stop" }],
  ])("that is done for the reason %j ends so", (done_reason, ending) => {
    expect(decoded([said({ content: "" }, { done: true, done_reason })])).toContainEqual({
      type: "finish",
      ...ending,
    });
  });

  it.each([
    [{ prompt_eval_count: 3 }, { inputTokens: 3, outputTokens: 0 }],
    [
      { prompt_eval_count: 3, eval_count: 5 },
      { inputTokens: 3, outputTokens: 5 },
    ],
    [{ eval_count: 5 }, undefined],
    [{ prompt_eval_count: 0, eval_count: 5 }, undefined],
    [{ prompt_eval_count: -3, eval_count: 5 }, undefined],
    [{ prompt_eval_count: 3, eval_count: "5" }, undefined],
  ])("that counts %j has usage %j", (counts, usage) => {
    const found = decoded([said({}, { done: true, ...counts })]).find(({ type }) => type === "usage");
    if (usage) expect(found).toMatchObject({ usage });
    else expect(found).toBeUndefined();
  });

  it.each([
    [{ error: "server busy, please try again.  maximum pending requests exceeded" }, "overloaded"],
    [{ error: "CUDA error" }, "provider_error"],
    [{ error: { message: "x" } }, "provider_error"],
    [said({ content: 5 }), "protocol_error"],
    [said({ tool_calls: [{ function: { arguments: {} } }] }), "protocol_error"],
    [[], "protocol_error"],
  ])("with the line %j fails with %s", (line, code) => {
    expect(() => decoded([said({ content: "a" }), line])).toThrow(expect.objectContaining({ code }));
  });
});

it.each([
  [400, '"x" does not support tools', "unsupported", "next"],
  [400, "the input length exceeds the context length", "context_too_long", "next"],
  [400, "invalid model name", "bad_request", "stop"],
  [401, "unauthorized", "auth_failed", "next"],
  [404, "model 'x' not found", "model_not_found", "next"],
  [429, "too many", "rate_limited", "repair"],
  [500, "llama runner process has terminated", "provider_error", "repair"],
  [502, "cloud model unreachable", "provider_error", "repair"],
  [503, "server busy", "overloaded", "repair"],
])("an Ollama failure of %i (%s) is %s: %s", (status, error, code, action) => {
  const body = Buffer.from(JSON.stringify({ error }));
  expect(adapter.classify({ status, headers: {}, body, wallMs: 0 })).toMatchObject({
    code,
    action,
    message: error,
  });
});

describe("an Ollama entry", () => {
  const create = (options: object) => ollama.types.ollama?.create(options, contextFor());

  it.each([
    [undefined, "http://127.0.0.1:11434"],
    ["http://gpu.example:11434/", "http://gpu.example:11434"],
    ["http://gpu.example:11434/v1/", "http://gpu.example:11434"],
    ["https://ollama.com/api", "https://ollama.com"],
  ])("at %s is called at %s", async (baseUrl, expected) => {
    const instance = await create(baseUrl === undefined ? {} : { baseUrl });
    expect(instance?.baseUrl).toBe(expected);
    expect(instance?.adapter.probe.toWire().url).toBe(`${expected}/api/version`);
  });

  it("sends its key only when it has one, and keeps it from being printed", async () => {
    const instance = await create({ apiKey: new Secret("k-1") });
    const { headers } = instance?.adapter.toWire(asked()) ?? {};
    expect(headers?.authorization).toBeInstanceOf(Secret);
    expect(JSON.stringify(headers)).not.toContain("k-1");
    expect(adapter.toWire(asked()).headers).not.toHaveProperty("authorization");
  });

  it("takes keep_alive and a block of runner settings", () => {
    expect(ollamaOptions.parse({ keep_alive: -1, options: { num_ctx: 16_384 } })).toEqual({
      keepAlive: -1,
      options: { num_ctx: 16_384 },
    });
    expect(ollamaOptions.safeParse({ num_ctx: 5 }).success).toBe(false);
  });
});
