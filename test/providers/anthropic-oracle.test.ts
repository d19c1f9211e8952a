import Anthropic from "@anthropic-ai/sdk";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Completion, CompletionRequest } from "../../src/core/completion.ts";
import { Secret } from "../../src/core/secret.ts";
import { anthropic } from "../../src/providers/anthropic/plugin.ts";
import { anthropicDialect } from "../helpers/dialects/anthropic.ts";
import { contextFor, type Driver, drive, failureOfPromise } from "../helpers/drive.ts";
import { type Answer, type Simulator, startSimulator } from "../helpers/simulator.ts";

/** The vendor's own SDK and RipTide's adapter against the same server: both have to read and send the same. */
describe("anthropic adapter beside the vendor's SDK", () => {
  let simulator: Simulator;
  let sdk: Anthropic;
  let driver: Driver;
  let list: () => Promise<string[]>;

  beforeEach(async () => {
    simulator = await startSimulator(anthropicDialect);
    sdk = new Anthropic({ apiKey: "sk-ant-test", baseURL: simulator.url, maxRetries: 0 });
    const type = anthropic.types.anthropic;
    if (!type) throw new Error("no such type");
    const { adapter, baseUrl } = await type.create(
      { apiKey: new Secret("sk-ant-test"), baseUrl: simulator.url, version: "2026-10-21" },
      contextFor(),
    );
    driver = drive({ adapter, baseUrl }, { model: "claude-opus-4-7" });
    list = async () => {
      const found: string[] = [];
      for (let cursor: string | undefined, page = 0; page === 0 || cursor; page += 1) {
        const read = adapter.models?.fromWire(await driver.send(adapter.models.toWire(cursor)));
        found.push(...(read?.models.map(({ model }) => model) ?? []));
        cursor = read?.cursor;
      }
      return found;
    };
  });
  afterEach(async () => {
    await simulator.close();
    expect(simulator.problems).toEqual([]);
  });

  const sentBody = () => simulator.requests.at(-1)?.json;

  it.each(Object.entries(ANSWERS))("reads %s alike, whole and streamed", async (_name, scenario) => {
    simulator.play(scenario);
    const theirs = inOurWords(await sdk.messages.create(PARAMS));
    expect(comparable(await driver.complete(REQUEST))).toEqual(theirs);

    simulator.play({ ...scenario, delivery: { slice: 5 } });
    const streamed = inOurWords(await sdk.messages.stream(PARAMS).finalMessage());
    expect(comparable((await driver.stream(REQUEST)).completion)).toEqual(streamed);
    expect(streamed).toEqual(theirs);
  });

  it("sends the body the SDK sends for the same request", async () => {
    await sdk.messages.create(PARAMS);
    const theirs = sentBody();
    await driver.complete(REQUEST);
    expect(sentBody()).toEqual(theirs);
  });

  it("sends the count the SDK sends for the same request", async () => {
    const { max_tokens: _limit, stop_sequences: _stop, thinking: _thinking, ...counted } = PARAMS;
    const { effort: _effort, ...output } = PARAMS.output_config;
    const theirs = await sdk.messages.countTokens({ ...counted, output_config: output });
    const body = sentBody();
    expect(await driver.count(REQUEST)).toBe(theirs.input_tokens);
    expect(sentBody()).toEqual(body);
  });

  it("follows the list of models to its end, as the SDK does", async () => {
    const theirs: string[] = [];
    for await (const { id } of sdk.models.list()) theirs.push(id);
    expect(await list()).toEqual(theirs);
    expect(theirs).toHaveLength(3);
  });

  it("fails where the SDK fails on an error in the middle of a stream", async () => {
    simulator.play({ ...text, delivery: { errorAfterEvents: 4 } });
    const theirs = await sdk.messages
      .stream(PARAMS)
      .finalMessage()
      .catch((error: unknown) => error);
    expect(theirs).toBeInstanceOf(Anthropic.APIError);
    const ours = await failureOfPromise(driver.stream(REQUEST));
    expect(ours).toMatchObject({ code: "overloaded", facts: { providerRequestId: "req_sim" } });
  });
});

const text: Answer = {
  kind: "answer",
  tokens: ["Tide ", "turns ", "– voilà 🌊"],
  usage: { input: 40, output: 9 },
};

const ANSWERS: Readonly<Record<string, Answer>> = {
  text,
  "a tool call": {
    kind: "answer",
    tokens: ["Let me look."],
    toolCalls: [
      {
        id: "toolu_1",
        name: "weather_at",
        arguments: { place: "Brest – Porz Gwenn", deep: [1, { a: null }] },
      },
      { id: "toolu_2", name: "weather_at", arguments: {} },
    ],
  },
  reasoning: {
    ...text,
    reasoning: "Noon, then.",
    usage: { input: 1_000, output: 90, cacheRead: 600, cacheWrite: 100, reasoning: 80 },
  },
  "an answer cut at its limit": { ...text, finish: "length" },
  "a refusal": { ...text, finish: "content_filter" },
};

const schema = {
  type: "object",
  properties: { hour: { type: "integer" } },
  required: ["hour"],
  additionalProperties: false,
} as const;

const REQUEST: CompletionRequest = {
  messages: [
    { role: "system", content: "Answer briefly." },
    {
      role: "user",
      content: [
        { type: "text", text: "When?" },
        { type: "image", url: "https://images.example/a.png" },
      ],
    },
    {
      role: "assistant",
      content: "",
      toolCalls: [{ id: "toolu_0", name: "weather_at", arguments: '{"place":"Vigo"}' }],
    },
    { role: "tool", toolCallId: "toolu_0", name: "weather_at", content: "no such place", isError: true },
    { role: "user", content: "And tomorrow?" },
  ],
  maxTokens: 2_000,
  stop: ["HALT"],
  tools: [
    { name: "weather_at", description: "The weather.", parameters: { type: "object", properties: {} } },
  ],
  parallelToolCalls: false,
  schema: { name: "hour", schema },
  effort: "xhigh",
};

const PARAMS = {
  model: "claude-opus-4-7",
  max_tokens: 2_000,
  system: "Answer briefly.",
  messages: [
    {
      role: "user",
      content: [
        { type: "text", text: "When?" },
        { type: "image", source: { type: "url", url: "https://images.example/a.png" } },
      ],
    },
    {
      role: "assistant",
      content: [{ type: "tool_use", id: "toolu_0", name: "weather_at", input: { place: "Vigo" } }],
    },
    {
      role: "user",
      content: [
        { type: "tool_result", tool_use_id: "toolu_0", content: "no such place", is_error: true },
        { type: "text", text: "And tomorrow?" },
      ],
    },
  ],
  stop_sequences: ["HALT"],
  tools: [
    { name: "weather_at", description: "The weather.", input_schema: { type: "object", properties: {} } },
  ],
  tool_choice: { type: "auto", disable_parallel_tool_use: true },
  thinking: { type: "adaptive", display: "summarized" },
  output_config: {
    format: { type: "json_schema", schema: { ...schema, required: ["hour"] } },
    effort: "xhigh",
  },
} satisfies Anthropic.MessageCreateParamsNonStreaming;

const FINISH: Readonly<Record<string, Completion["finish"]>> = {
  end_turn: "stop",
  max_tokens: "length",
  tool_use: "tool_calls",
  refusal: "content_filter",
};

function inOurWords({ content, model, stop_reason: reason, usage }: Anthropic.Message) {
  const joined = (pick: (block: Anthropic.ContentBlock) => string) => content.map(pick).join("");
  const { cache_read_input_tokens: read, cache_creation_input_tokens: write } = usage;
  return {
    text: joined((block) => (block.type === "text" ? block.text : "")),
    reasoning: joined((block) => (block.type === "thinking" ? block.thinking : "")),
    toolCalls: content.flatMap((block) =>
      block.type === "tool_use" ? [{ id: block.id, name: block.name, arguments: block.input }] : [],
    ),
    finish: FINISH[reason ?? ""],
    model,
    inputTokens: usage.input_tokens + (read ?? 0) + (write ?? 0),
    outputTokens: usage.output_tokens,
  };
}

function comparable({ text, reasoning, toolCalls, finish, model, usage }: Completion) {
  return {
    text,
    reasoning,
    toolCalls: toolCalls.map((call) => ({ ...call, arguments: JSON.parse(call.arguments) })),
    finish,
    model,
    inputTokens: usage?.inputTokens,
    outputTokens: usage?.outputTokens,
  };
}
