import OpenAI from "openai";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Usage } from "../../../../src/core/usage.ts";
import { openAiChat } from "../../../../src/daemon/dialects/openai/chat.ts";
import { openAiEmbeddings } from "../../../../src/daemon/dialects/openai/embeddings.ts";
import {
  answers,
  delta,
  fails,
  fakeStage,
  respond,
  type Step,
  streams,
} from "../../../helpers/fake-provider.ts";
import { type DialectServer, serveDialect } from "../dialect-server.ts";

const USAGE: Usage = {
  ...{ inputTokens: 12, outputTokens: 9, cacheReadTokens: 3, cacheWriteTokens: 0, reasoningTokens: 2 },
  source: "reported",
};
const hi = [{ role: "user" as const, content: "hi" }];
const SUM = { id: "call_a", name: "sum", arguments: '{"a":1}' };

/** What came, as an answer: the fake's vectors are lengths of texts. */
const echoes: Step = ({ wire }) => respond([String(wire.body)]);

let server: DialectServer | undefined;
afterEach(() => server?.close());

async function clientOf(...script: readonly Step[]): Promise<OpenAI> {
  const stage = await fakeStage({ a: script });
  server = await serveDialect(stage, { chat: openAiChat, embeddings: openAiEmbeddings });
  return new OpenAI({ baseURL: server.url, apiKey: "anything", maxRetries: 0 });
}

const asked = () => server?.stage.provider.a?.calls[0]?.request;

describe("the OpenAI SDK on the OpenAI dialect", () => {
  let client: OpenAI;

  describe("with a whole answer", () => {
    beforeEach(async () => {
      client = await clientOf(answers("Two words.", { usage: USAGE, model: "m-2026" }));
    });

    it("reads text, model, finish and usage", async () => {
      const answer = await client.chat.completions.create({ model: "default", messages: hi });
      expect(answer).toMatchObject({
        ...{ id: "rq_test", object: "chat.completion", created: 1_795_000_000, model: "m-2026" },
        choices: [
          {
            index: 0,
            message: { role: "assistant", content: "Two words.", refusal: null },
            finish_reason: "stop",
          },
        ],
        usage: {
          ...{ prompt_tokens: 12, completion_tokens: 9, total_tokens: 21 },
          prompt_tokens_details: { cached_tokens: 3 },
          completion_tokens_details: { reasoning_tokens: 2 },
        },
      });
      expect(answer.usage).not.toHaveProperty("estimated");
    });

    it("asks for what was asked", async () => {
      await client.chat.completions.create({
        ...{ model: "a/m-9", messages: hi, temperature: 0.5, top_p: 0.9, max_completion_tokens: 7, seed: 3 },
        ...{ stop: "END", reasoning_effort: "low", n: 1 },
      });
      expect(asked()).toMatchObject({
        ...{ model: "m-9", temperature: 0.5, topP: 0.9, maxTokens: 7, seed: 3, stop: ["END"], effort: "low" },
      });
    });
  });

  it("reads tool calls", async () => {
    client = await clientOf(answers("", { toolCalls: [SUM], finish: "tool_calls" }));
    const { choices } = await client.chat.completions.create({ model: "default", messages: hi });
    expect(choices[0]).toMatchObject({ finish_reason: "tool_calls", message: { content: null } });
    expect(choices[0]?.message.tool_calls).toEqual([
      { id: "call_a", type: "function", function: { name: "sum", arguments: '{"a":1}' } },
    ]);
  });

  it("reads a stream with its usage", async () => {
    const events = [delta("Two "), delta('wo"rds\n'), { type: "finish", finish: "stop" }] as const;
    client = await clientOf(streams([...events, { type: "usage", usage: USAGE }, { type: "done" }]));
    const stream = client.chat.completions.stream({
      ...{ model: "default", messages: hi, stream_options: { include_usage: true } },
    });
    const pieces: string[] = [];
    stream.on("content", (piece) => pieces.push(piece));
    const answer = await stream.finalChatCompletion();
    expect(pieces).toEqual(["Two ", 'wo"rds\n']);
    expect(answer).toMatchObject({ id: "rq_test", model: "m", usage: { total_tokens: 21 } });
    expect(answer.choices[0]).toMatchObject({ finish_reason: "stop", message: { content: 'Two wo"rds\n' } });
  });

  it("reads streamed tool calls", async () => {
    const piece = (text: string, first = false) => ({
      ...{ type: "tool_call" as const, index: 0, argumentsDelta: text },
      ...(first && { id: "call_a", name: "sum" }),
    });
    const end = [{ type: "finish", finish: "tool_calls" }, { type: "done" }] as const;
    client = await clientOf(streams([piece("", true), piece('{"a"'), piece(":1}"), ...end]));
    const parameters = { type: "object", properties: {} };
    const { choices } = await client.chat.completions
      .stream({
        ...{ model: "default", messages: hi },
        tools: [{ type: "function", function: { name: "sum", parameters } }],
      })
      .finalChatCompletion();
    expect(choices[0]?.message.tool_calls).toMatchObject([
      { id: "call_a", type: "function", function: { name: "sum", arguments: '{"a":1}' } },
    ]);
  });

  it("parses an answer to a schema, whole and streamed", async () => {
    client = await clientOf(answers('{"a":1}'));
    const schema = { type: "object", properties: { a: { type: "number" } } };
    const body = {
      ...{ model: "default", messages: hi },
      response_format: { type: "json_schema" as const, json_schema: { name: "sum", schema } },
    };
    const { choices } = await client.chat.completions.parse(body);
    expect(choices[0]?.message.parsed).toEqual({ a: 1 });
    const streamed = await client.chat.completions.stream(body).finalChatCompletion();
    expect(streamed.choices[0]?.message.content).toBe('{"a":1}');
    expect(asked()?.schema).toEqual({ name: "sum", schema });
  });

  it("raises the SDK's exception for a wrong answer to a schema", async () => {
    client = await clientOf(answers("no JSON"));
    const response_format = { type: "json_schema" as const, json_schema: { name: "sum", schema: {} } };
    await expect(
      client.chat.completions.create({ model: "default", messages: hi, response_format }),
    ).rejects.toThrow(OpenAI.UnprocessableEntityError);
  });

  it.each([
    ["a refused key", 401, OpenAI.AuthenticationError, "authentication_error", "auth_failed"],
    ["a rate limit", 429, OpenAI.RateLimitError, "rate_limit_error", "rate_limited"],
    ["a bad request", 400, OpenAI.BadRequestError, "invalid_request_error", "bad_request"],
    ["a broken provider", 500, OpenAI.InternalServerError, "server_error", "provider_error"],
  ])(
    "raises the SDK's exception for %s, whole and before a stream",
    async (_name, status, Exception, type, code) => {
      client = await clientOf(fails(status));
      for (const stream of [false, true]) {
        const failure = await client.chat.completions
          .create({ model: "default", messages: hi, stream })
          .then(null, (error: unknown) => error);
        expect(failure).toBeInstanceOf(Exception);
        expect(failure).toMatchObject({ type, code, param: null });
      }
    },
  );

  it("names the member that is wrong", async () => {
    client = await clientOf(answers("x"));
    const wrong = client.chat.completions.create({ model: "default", messages: hi, temperature: 9 });
    await expect(wrong).rejects.toMatchObject({ status: 400, param: "temperature", code: "invalid_request" });
  });

  it("raises an exception in a stream that breaks off, and never ends it normally", async () => {
    client = await clientOf(streams([delta("Once "), { error: "provider_error" }]));
    const stream = await client.chat.completions.create({ model: "default", messages: hi, stream: true });
    let text = "";
    const reading = (async () => {
      for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? "";
    })();
    await expect(reading).rejects.toMatchObject({ code: "stream_interrupted" });
    expect(text).toBe("Once ");
  });

  it("reads embeddings packed, which it asks for by itself, and plain", async () => {
    client = await clientOf(echoes);
    const body = { model: "default", input: ["four", "seven.."] };
    const packed = await client.embeddings.create(body);
    expect(packed.data.map(({ embedding }) => [...embedding])).toEqual([[4], [7]]);
    expect(packed).toMatchObject({ object: "list", model: "m" });
    expect((await client.embeddings.create({ ...body, encoding_format: "float" })).data).toEqual([
      { object: "embedding", index: 0, embedding: [4] },
      { object: "embedding", index: 1, embedding: [7] },
    ]);
  });
});
