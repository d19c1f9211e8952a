import { describe, expect, it } from "vitest";
import type { JsonObject } from "../../../../src/core/json.ts";
import { Secret } from "../../../../src/core/secret.ts";
import { anthropicMessages } from "../../../../src/daemon/dialects/anthropic/messages.ts";
import { anthropicAdapter } from "../../../../src/providers/anthropic/adapter.ts";
import { fitToModel } from "../../../../src/providers/fit.ts";

const hi = { role: "user", content: "hi" };
const base = { model: "claude-sonnet-4-5", max_tokens: 100, messages: [hi] };
const askOf = (more: JsonObject = {}) => anthropicMessages.ask({ ...base, ...more });
const requestOf = (more: JsonObject = {}) => askOf(more).request;

const adapter = anthropicAdapter({
  baseUrl: "http://vendor.invalid",
  apiKey: new Secret("k"),
  version: "2023-06-01",
});

/** What arrives at the vendor when this is asked for. */
function arrived(more: JsonObject): JsonObject {
  const { request, wishes, stream } = askOf(more);
  const model = wishes.route.model ?? "";
  const facts = adapter.facts(model);
  const fitted = fitToModel(request, facts, false).request;
  return JSON.parse(String(adapter.toWire({ ...fitted, model, facts, stream }).body));
}

const call = { type: "tool_use", id: "toolu_1", name: "sum", input: { a: 1 } };
const result = { type: "tool_result", tool_use_id: "toolu_1", content: "1" };
const image = { type: "image", source: { type: "base64", media_type: "image/png", data: "AAAA" } };
const cached = { type: "text", text: "hi", cache_control: { type: "ephemeral" } };
const thinking = { type: "thinking", thinking: "hm", signature: "s" };
const pdf = { type: "document", source: { type: "base64", media_type: "application/pdf", data: "AAAA" } };
const tool = { name: "sum", description: "adds", input_schema: { type: "object", properties: {} } };
const search = { type: "web_search_20250305", name: "web_search" };
const user = (...content: readonly JsonObject[]) => ({ role: "user", content });
const assistant = (...content: readonly JsonObject[]) => ({ role: "assistant", content });
/** A turn of one call that goes on with its result, after these blocks. */
const ongoing = (...before: readonly JsonObject[]) => ({
  max_tokens: 20_000,
  thinking: { type: "enabled", budget_tokens: 10_000 },
  messages: [hi, assistant(...before, call), user(result)],
  tools: [tool],
});

describe("a Messages body as a request", () => {
  it("takes model, limit, sampling, stop sequences and stream", () => {
    const more = { temperature: 0.5, top_p: 0.9, stop_sequences: ["END"], stream: true };
    expect(askOf(more)).toEqual({
      request: {
        messages: [hi],
        maxTokens: 100,
        temperature: 0.5,
        topP: 0.9,
        stop: ["END"],
      },
      wishes: expect.objectContaining({
        route: expect.objectContaining({ model: "claude-sonnet-4-5" }),
        tags: {},
      }),
      stream: true,
      showReasoning: false,
      strictParams: false,
      warnings: [],
    });
  });

  it("takes null for nothing", () => {
    const more = { system: null, temperature: null, stop_sequences: null, tools: null, tool_choice: null };
    expect(requestOf({ ...more, thinking: null, output_config: null, metadata: null })).toEqual({
      messages: [hi],
      maxTokens: 100,
    });
  });

  it("reads the riptide member and keeps it from the vendor", () => {
    const ask = askOf({ riptide: { tenant: "team-a", tags: { job: "x" } } });
    expect(ask.wishes).toMatchObject({ tenant: "team-a", tags: { job: "x" } });
    expect(ask.request.verbatim).toBeUndefined();
  });

  it("takes a system prompt as text or as blocks", () => {
    const expected = { role: "system", content: "be short" };
    expect(requestOf({ system: "be short" }).messages).toEqual([expected, hi]);
    expect(requestOf({ system: [{ type: "text", text: "be short" }] }).messages).toEqual([expected, hi]);
  });

  it("takes tool calls, their results and images as messages of ours, and loses nothing of them", () => {
    const more = {
      messages: [hi, assistant({ type: "text", text: "so" }, call), user(result, image)],
      tools: [tool],
    };
    expect(requestOf(more)).toEqual({
      maxTokens: 100,
      messages: [
        hi,
        {
          role: "assistant",
          content: "so",
          toolCalls: [{ id: "toolu_1", name: "sum", arguments: '{"a":1}' }],
        },
        { role: "tool", toolCallId: "toolu_1", name: "sum", content: "1" },
        { role: "user", content: [{ type: "image", mime: "image/png", base64: "AAAA" }] },
      ],
      tools: [{ name: "sum", description: "adds", parameters: tool.input_schema }],
    });
  });

  it("hands images of a tool's result to other vendors after it, and keeps its failure", () => {
    const shown = { ...result, is_error: true, content: [{ type: "text", text: "seen" }, image] };
    const { messages, verbatim } = requestOf({ messages: [hi, assistant(call), user(shown)] });
    expect(messages.slice(2)).toEqual([
      { role: "tool", toolCallId: "toolu_1", name: "sum", content: "seen", isError: true },
      { role: "user", content: [{ type: "image", mime: "image/png", base64: "AAAA" }] },
    ]);
    expect(verbatim?.conversation).toHaveProperty("messages");
    expect(verbatim?.untranslatable).toBeUndefined();
  });

  it.each([
    [{ type: "auto" }, { toolChoice: "auto" }],
    [
      { type: "any", disable_parallel_tool_use: true },
      { toolChoice: "required", parallelToolCalls: false },
    ],
    [{ type: "tool", name: "sum" }, { toolChoice: { name: "sum" } }],
    [{ type: "none" }, { toolChoice: "none" }],
  ] as const)("takes the choice of tools %j", (choice, expected) => {
    expect(requestOf({ tools: [tool], tool_choice: choice })).toMatchObject(expected);
  });

  it.each([
    [{ thinking: { type: "enabled", budget_tokens: 1_024 } }, "low"],
    [{ thinking: { type: "enabled", budget_tokens: 8_192 } }, "medium"],
    [{ thinking: { type: "enabled", budget_tokens: 16_384 } }, "high"],
    [{ thinking: { type: "enabled", budget_tokens: 32_000 } }, "xhigh"],
    [{ thinking: { type: "adaptive" } }, "high"],
    [{ thinking: { type: "disabled" } }, "none"],
    [{ output_config: { effort: "max" } }, "max"],
    [{ thinking: { type: "adaptive" }, output_config: { effort: "low" } }, "low"],
    [{}, undefined],
  ] as const)("takes %j as the effort %s", (more, effort) => {
    expect(requestOf(more).effort).toBe(effort);
  });

  it("takes a format as a schema", () => {
    const schema = { type: "object" };
    const { request } = askOf({ output_config: { format: { type: "json_schema", schema } } });
    expect(request.schema).toEqual({ name: "answer", schema });
    expect(request.verbatim).toBeUndefined();
  });

  it("begins the answer where the last message is the assistant's", () => {
    const { messages, verbatim } = requestOf({ messages: [hi, { role: "assistant", content: "So" }] });
    expect(messages.at(-1)).toEqual({ role: "assistant", content: "So" });
    expect(verbatim).toBeUndefined();
  });

  it("drops thoughts and cache marks for other vendors", () => {
    const { messages, verbatim } = requestOf({
      messages: [user(cached), assistant(thinking, { type: "text", text: "yo" }), hi],
    });
    expect(messages).toEqual([hi, { role: "assistant", content: "yo" }, hi]);
    expect(verbatim?.untranslatable).toBeUndefined();
  });

  it.each([
    ["a content block of type document", { messages: [user(pdf)] }],
    ["an image from a file", { messages: [user({ type: "image", source: { type: "file", file_id: "f" } })] }],
    ["the tool web_search_20250305", { tools: [tool, search] }],
    [
      "a content block of type document",
      { messages: [hi, assistant(call), user({ ...result, content: [pdf] })] },
    ],
  ] as const)("names %s as what cannot be said to other vendors", (what, more) => {
    const { verbatim } = requestOf(more);
    expect(verbatim?.untranslatable).toBe(what);
    expect(verbatim?.conversation).toMatchObject(more);
  });
});

describe("an Anthropic model asked in its own words", () => {
  it.each([
    ["cache marks", { messages: [user(cached)], system: [cached] }],
    [
      "a system prompt of several blocks",
      {
        system: [
          { type: "text", text: "a" },
          { type: "text", text: "b" },
        ],
      },
    ],
    ["a budget for a turn that thoughts began", ongoing(thinking)],
    ["thoughts in their place", { messages: [hi, assistant(thinking, call), user(result)], tools: [tool] }],
    ["documents", { messages: [user(pdf)] }],
    ["tools of the vendor's", { tools: [search] }],
    ["cache marks of tools", { tools: [{ ...tool, cache_control: { type: "ephemeral" } }] }],
    ["text after a call", { messages: [hi, assistant(call, { type: "text", text: "x" }), user(result)] }],
    ["members RipTide does not know", { top_k: 5, metadata: { user_id: "u" }, service_tier: "auto" }],
    [
      "how an image is to be seen",
      { messages: [user({ ...image, source: { ...image.source, detail: "x" } })] },
    ],
    ["members of output_config RipTide does not know", { output_config: { task_budget: { total: 5 } } }],
    ["a budget for thinking", { max_tokens: 20_000, thinking: { type: "enabled", budget_tokens: 10_000 } }],
    ["an effort, without a word on thinking", { output_config: { effort: "low" } }],
    ["thinking that is off", { thinking: { type: "disabled" } }],
    ["sampling", { temperature: 0.3, stop_sequences: ["END"] }],
    ["a choice", { tools: [tool], tool_choice: { type: "any", disable_parallel_tool_use: true } }],
    ["a schema", { output_config: { format: { type: "json_schema", schema: { type: "object" } } } }],
  ] as const)("is told %s as they came", (_name, more) => {
    const { messages, ...expected } = { ...base, ...more };
    const { messages: sent, ...body } = arrived(more);
    expect(body).toEqual(expected);
    expect(JSON.stringify(blocksOf(sent))).toBe(JSON.stringify(blocksOf(messages)));
  });

  it("is not asked to think on in a turn that began without thoughts", () => {
    const began = ongoing();
    expect(arrived(began)).not.toHaveProperty("thinking");
    expect(askOf(began).warnings).toEqual([expect.stringContaining("thinking was left out")]);
    const again = [assistant({ ...call, id: "toolu_2" }), user({ ...result, tool_use_id: "toolu_2" })];
    const { messages } = ongoing(thinking);
    for (const others of [
      { messages: [...messages, ...again] },
      { messages: [...began.messages, assistant({ type: "text", text: "2" }), hi] },
      { thinking: { type: "adaptive" } },
    ]) {
      const ask = { ...began, ...others };
      expect(arrived(ask).thinking).toEqual(ask.thinking);
      expect(askOf(ask).warnings).toEqual([]);
    }
  });

  it("is told a system message in the middle there and nowhere else", () => {
    const messages = [hi, { role: "system", content: "now" }, hi];
    expect(arrived({ messages })).toEqual({ ...base, messages });
  });

  it("sends a plain conversation as blocks of the same meaning", () => {
    const messages = [hi, assistant({ type: "text", text: "so" }, call), user(result, image)];
    const expected = [{ role: "user", content: [{ type: "text", text: "hi" }] }, ...messages.slice(1)];
    expect(arrived({ messages, tools: [tool] }).messages).toEqual(expected);
  });
});

/** Text and one block of text mean the same. */
function blocksOf(messages: unknown) {
  const turns = messages as readonly { readonly role: string; readonly content: unknown }[]; // As `arrived` sent them.
  return turns.map(({ role, content }) => ({
    role,
    content: typeof content === "string" ? [{ type: "text", text: content }] : content,
  }));
}

describe("a wrong body", () => {
  it.each([
    ["max_tokens: field required", { max_tokens: undefined }],
    ["max_tokens: expected int, received number", { max_tokens: 1.5 }],
    ["model: field required", { model: undefined }],
    ["messages: field required", { messages: undefined }],
    ["messages: at least one message is required", { messages: [] }],
    [
      "messages.1.content: expected a string or a list of content blocks",
      { messages: [hi, { role: "user", content: 1 }] },
    ],
    ["messages.0.content.1.text: field required", { messages: [user(cached, { type: "text" })] }],
    [
      "messages.0.content.0.source.data: field required",
      { messages: [user({ ...image, source: { type: "base64", media_type: "image/png" } })] },
    ],
    [
      "messages.0.content.0.tool_use_id: no tool_use block before it has this id",
      { messages: [user(result)] },
    ],
    ["temperature: too big: expected number to be <=1", { temperature: 1.5 }],
    ["tools.0.input_schema: expected an object", { tools: [{ name: "x" }] }],
    ["tool_choice.name: field required", { tools: [tool], tool_choice: { type: "tool" } }],
    [
      "thinking.budget_tokens: too small: expected number to be >=1024",
      { thinking: { type: "enabled", budget_tokens: 5 } },
    ],
    ["output_config.effort:", { output_config: { effort: "secret" } }],
  ] as const)("is refused with %s", (message, more) => {
    const { model, ...rest } = { ...base, ...more } as JsonObject;
    const body = model === undefined ? rest : { model, ...rest };
    expect(() => anthropicMessages.ask(body)).toThrow(
      expect.objectContaining({ code: "invalid_request", message: expect.stringContaining(message) }),
    );
    expect(() => anthropicMessages.ask(body)).not.toThrow(/secret/);
  });
});
