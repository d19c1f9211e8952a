import Anthropic, {
  AuthenticationError,
  BadRequestError,
  InternalServerError,
  NotFoundError,
  RateLimitError,
} from "@anthropic-ai/sdk";
import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import type { ErrorCode } from "../../../../src/core/errors.ts";
import type { StreamEvent } from "../../../../src/core/events.ts";
import type { Usage } from "../../../../src/core/usage.ts";
import { anthropicMessages } from "../../../../src/daemon/dialects/anthropic/messages.ts";
import type { CompletionResult, PipelineEvent } from "../../../../src/engine/events.ts";
import {
  answers,
  delta,
  fails,
  fakeStage,
  type Stage,
  type Step,
  streams,
} from "../../../helpers/fake-provider.ts";
import { facts, serve } from "./server.ts";

const usage: Usage = {
  inputTokens: 30,
  outputTokens: 7,
  cacheReadTokens: 10,
  cacheWriteTokens: 5,
  reasoningTokens: 0,
  source: "reported",
};
const told = {
  input_tokens: 15,
  cache_read_input_tokens: 10,
  cache_creation_input_tokens: 5,
  output_tokens: 7,
};
const finish = (word: "stop" | "length" | "tool_calls" | "content_filter"): readonly StreamEvent[] => [
  { type: "finish", finish: word },
  { type: "usage", usage },
  { type: "done" },
];
const piece = (index: number, argumentsDelta: string, name?: string): StreamEvent => ({
  ...{ type: "tool_call", index, argumentsDelta },
  ...(name !== undefined && { id: `call_${index}`, name }),
});

const ended: (() => void)[] = [];
afterEach(() => {
  for (const end of ended.splice(0)) end();
});

async function clientOf(stage: Stage): Promise<Anthropic> {
  const { client, stop } = await serve(stage);
  ended.push(stop);
  return client;
}

const stageOf = (...script: readonly Step[]) => fakeStage({ one: script });
const body = { model: "default", max_tokens: 100, messages: [{ role: "user" as const, content: "hi" }] };
const tool = { name: "sum", input_schema: { type: "object" as const } };
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

describe("Anthropic's SDK", () => {
  it("reads a whole answer with its usage", async () => {
    const client = await clientOf(await stageOf(answers("hello", { usage })));
    expect(plain(await client.messages.create(body))).toEqual({
      id: "msg_1",
      type: "message",
      role: "assistant",
      model: "m",
      content: [{ type: "text", text: "hello" }],
      stop_reason: "end_turn",
      stop_sequence: null,
      stop_details: null,
      usage: told,
    });
  });

  it("reads a stream as the same message", async () => {
    const script = streams([
      delta("hel"),
      { type: "reasoning", text: "hm" },
      delta("lo"),
      ...finish("length"),
    ]);
    const client = await clientOf(await stageOf(script));
    const stream = client.messages.stream(body);
    const texts: string[] = [];
    stream.on("text", (text) => texts.push(text));
    expect(await stream.finalMessage()).toMatchObject({
      id: "msg_1",
      model: "m",
      content: [{ type: "text", text: "hello" }],
      stop_reason: "max_tokens",
      usage: told,
    });
    expect(texts).toEqual(["hel", "lo"]);
  });

  it("gets the events of the vendor in the vendor's order", async () => {
    const script = [delta("so"), piece(0, "", "sum"), piece(0, '{"a":1}'), piece(1, "{}", "add")];
    const client = await clientOf(await stageOf(streams([...script, ...finish("tool_calls")])));
    const seen: string[] = [];
    for await (const event of await client.messages.create({ ...body, tools: [tool], stream: true })) {
      seen.push("index" in event ? `${event.type} ${event.index}` : event.type);
    }
    expect(seen).toEqual([
      "message_start",
      ...["content_block_start 0", "content_block_delta 0", "content_block_stop 0"],
      ...["content_block_start 1", "content_block_delta 1", "content_block_stop 1"],
      ...["content_block_start 2", "content_block_delta 2", "content_block_stop 2"],
      "message_delta",
      "message_stop",
    ]);
  });

  it("reads tool calls, whole and streamed", async () => {
    const call = { id: "call_0", name: "sum", arguments: '{"a":1}' };
    const whole = answers("", { toolCalls: [call], finish: "tool_calls" });
    const streamed = streams([piece(0, '{"a"', "sum"), piece(0, ":1}"), ...finish("tool_calls")]);
    const client = await clientOf(await stageOf(whole, streamed));
    const expected = {
      content: [{ type: "tool_use", id: "call_0", name: "sum", input: { a: 1 } }],
      stop_reason: "tool_use",
    };
    expect(await client.messages.create({ ...body, tools: [tool] })).toMatchObject(expected);
    expect(await client.messages.stream({ ...body, tools: [tool] }).finalMessage()).toMatchObject(expected);
  });

  it("reads an answer that fits its schema", async () => {
    const client = await clientOf(await stageOf(answers('{"a":1}')));
    const format = {
      type: "json_schema",
      schema: { type: "object", properties: { a: { type: "integer" } }, required: ["a"] },
    } as const;
    const { content } = await client.messages.create({ ...body, output_config: { format } });
    expect(content).toEqual([{ type: "text", text: '{"a":1}' }]);
  });

  it("reads a refusal with its words, and an answer of nothing", async () => {
    const refused = streams([{ type: "finish", finish: "content_filter", refusal: "no" }, { type: "done" }]);
    const client = await clientOf(await stageOf(refused));
    expect(await client.messages.stream(body).finalMessage()).toMatchObject({
      content: [],
      stop_reason: "refusal",
      stop_details: { type: "refusal", category: null, explanation: "no" },
    });
  });

  it.each([
    [400, BadRequestError, "invalid_request_error"],
    [401, AuthenticationError, "authentication_error"],
    [404, NotFoundError, "not_found_error"],
    [429, RateLimitError, "rate_limit_error"],
    [500, InternalServerError, "api_error"],
    [503, InternalServerError, "overloaded_error"],
  ] as const)("throws its own class for a provider's %i", async (status, exception, type) => {
    const client = await clientOf(await stageOf(fails(status, "no such thing")));
    const error = await client.messages.create(body).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(exception);
    expect(error).toMatchObject({ type, error: { error: { code: expect.any(String) }, request_id: "rq_1" } });
    expect(String(error)).toContain("no such thing");
  });

  it("throws the error of a stream before its first text by its status", async () => {
    const client = await clientOf(await stageOf(fails(429, "slow down")));
    await expect(client.messages.stream(body).finalMessage()).rejects.toBeInstanceOf(RateLimitError);
  });

  it("throws the error of a stream that breaks off, and takes no part for the whole", async () => {
    const client = await clientOf(await stageOf(streams([delta("hel"), { error: "overloaded" }])));
    const stream = client.messages.stream(body);
    await expect(stream.finalMessage()).rejects.toMatchObject({
      error: { type: "error", error: { code: "stream_interrupted" } },
    });
  });
});

describe("a whole message", () => {
  const answer = (finish: string, args: string) => {
    const result = { ...resultOf("", [args]), finish } as CompletionResult; // One of the words of a finish.
    return anthropicMessages.answer(result, asked, facts);
  };

  it("holds no input for a call that was cut off by a limit", () => {
    for (const cut of ["length", "budget"]) {
      expect(answer(cut, '{"a":')).toMatchObject({ content: [{ input: {} }], stop_reason: "max_tokens" });
    }
  });

  it("is an error where a tool would be called with what is no object", () => {
    for (const args of ['{"a":', "[1]"]) {
      expect(() => answer("tool_calls", args)).toThrow(expect.objectContaining({ code: "protocol_error" }));
    }
  });
});

describe("an error's type", () => {
  const types = (code: ErrorCode) => {
    const error = Object.assign(new Error("x"), { code, facts: {} }) as never; // Of an error, only these are read.
    return anthropicMessages.errorBody(error, undefined).error;
  };
  it.each([
    ["tenant_denied", "permission_error"],
    ["budget_exceeded", "billing_error"],
    ["deadline_exceeded", "timeout_error"],
    ["internal", "api_error"],
  ] as const)("of %s is %s", (code, type) => {
    expect(types(code)).toMatchObject({ type, code });
  });

  it("goes with the providers' reasons on one line", () => {
    const error = Object.assign(new Error("all failed"), {
      code: "all_providers_failed",
      facts: { reasons: ["a: 1", "b:\n2"] },
    });
    expect(anthropicMessages.errorBody(error as never, "rq_1")).toEqual({
      type: "error",
      error: { type: "api_error", message: "all failed; a: 1; b: 2", code: "all_providers_failed" },
      request_id: "rq_1",
    });
  });
});

describe("a streamed message", () => {
  /** The SDK's own reader of half an object gives `__proto__` away. */
  const toolInput = fc
    .dictionary(fc.string(), fc.jsonValue())
    .filter((input) => !JSON.stringify(input).includes("__proto__"));
  /** Where texts are cut, and which piece of which call comes next. */
  const pieces = fc.record({
    texts: fc.array(fc.string({ unit: "binary", minLength: 1 }), { maxLength: 5 }),
    calls: fc.array(toolInput, { maxLength: 3 }),
    cuts: fc.array(fc.nat(60), { maxLength: 6 }),
  });

  it("is, put together by the SDK, the answer, however it was cut", async () => {
    await fc.assert(
      fc.asyncProperty(pieces, async ({ texts, calls, cuts }) => {
        const args = calls.map((input) => JSON.stringify(input));
        const result = resultOf(texts.join(""), args);
        const write = anthropicMessages.stream(asked, facts);
        const events: readonly PipelineEvent[] = [
          { type: "start", id: facts.id, plan: [{ provider: "one", model: "m" }] },
          ...texts.map((text) => ({ type: "delta", text }) as const),
          ...args.flatMap((text, index) => callPieces(text, index, cuts)),
          { type: "end", completion: result },
        ];
        const written = events.map(write).join("");
        const { parsed_output: _, ...message } = await accumulated(written);
        expect(plain(message)).toEqual(plain(anthropicMessages.answer(result, asked, facts)));
      }),
      { numRuns: 60 },
    );
  });

  it("keeps pieces of calls that come by turns with their calls", async () => {
    const write = anthropicMessages.stream(asked, facts);
    const parts = [...callPieces('{"a":1}', 0, [3]), ...callPieces('{"b":2}', 1, [3])];
    const turns = [parts[0], parts[2], parts[1], parts[3]].filter((part) => part !== undefined);
    const result = resultOf("", ['{"a":1}', '{"b":2}']);
    const written = [...turns, { type: "end", completion: result } as const].map(write).join("");
    expect(await accumulated(written)).toMatchObject({ content: [{ input: { a: 1 } }, { input: { b: 2 } }] });
  });

  it("names the model that is asked when its first text comes", () => {
    const write = anthropicMessages.stream(asked, facts);
    const [from, to] = [
      { provider: "one", model: "m1" },
      { provider: "two", model: "m2" },
    ];
    expect(write({ type: "start", id: facts.id, plan: [from, to] })).toBe("");
    expect(write({ type: "failover", from, to, code: "overloaded", mode: "before_output" })).toBe("");
    expect(write({ type: "reasoning", text: "hm" })).toBe("");
    expect(write({ type: "delta", text: "a" })).toContain('"model":"m2"');
  });

  it("costs a piece of text no more than its own quoting", () => {
    const write = anthropicMessages.stream(asked, facts);
    write({ type: "delta", text: "a" });
    expect(write({ type: "delta", text: 'b"\n' })).toBe(
      'event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"b\\"\\n"}}\n\n',
    );
  });
});

const asked = anthropicMessages.ask(body);

function callPieces(text: string, index: number, cuts: readonly number[]): readonly PipelineEvent[] {
  const places = [...new Set(cuts.filter((cut) => cut > 0 && cut < text.length))].toSorted((a, b) => a - b);
  return [0, ...places].map((from, n) => ({
    ...{ type: "tool_call", index, argumentsDelta: text.slice(from, places[n]) },
    callId: n === 0 ? `call_${index}` : null,
    name: n === 0 ? "sum" : null,
  }));
}

const resultOf = (text: string, args: readonly string[]) =>
  ({
    id: facts.id,
    text,
    ...{ provider: "one", model: "m", attempts: [] },
    finish: args.length > 0 ? "tool_calls" : "stop",
    toolCalls: args.map((words, index) => ({ id: `call_${index}`, name: "sum", arguments: words })),
    usage,
  }) as unknown as CompletionResult; // What an answer says of its way is not told in this dialect.

/** What the SDK makes of a stream's text. */
async function accumulated(written: string) {
  const fetch = async () =>
    new Response(written, { headers: { "content-type": "text/event-stream; charset=utf-8" } });
  const client = new Anthropic({ apiKey: "any", baseURL: "http://vendor.invalid", fetch });
  return client.messages.stream(body).finalMessage();
}
