import fc from "fast-check";
import OpenAI, { AzureOpenAI } from "openai";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { CompletionRequest } from "../../src/core/completion.ts";
import { azureOpenAi } from "../../src/providers/azure/plugin.ts";
import { openAi } from "../../src/providers/openai/plugin.ts";
import { azureDialect } from "../helpers/dialects/azure.ts";
import { OPENAI, openAiDialect } from "../helpers/dialects/openai.ts";
import { createFrom, type Driver, drive, failureOfPromise } from "../helpers/drive.ts";
import { type Simulator, startSimulator } from "../helpers/simulator.ts";

const model = "gpt-4o";
const messages = [{ role: "user" as const, content: "When does the tide turn?" }];

/** What both clients are compared by. */
interface Seen {
  text: string;
  calls: { id: string; name: string; arguments: string }[];
  finish: string;
  model: string;
  usage: readonly (number | undefined)[];
}

async function seenByVendor(client: OpenAI): Promise<Seen> {
  const seen: Seen = { text: "", calls: [], finish: "", model: "", usage: [] };
  const stream = await client.chat.completions.create({
    model,
    messages,
    stream: true,
    stream_options: { include_usage: true, include_obfuscation: false },
  });
  for await (const chunk of stream) {
    const [choice] = chunk.choices;
    seen.model = chunk.model;
    seen.text += choice?.delta.content ?? "";
    seen.finish = choice?.finish_reason ?? seen.finish;
    for (const piece of choice?.delta.tool_calls ?? []) addPiece(seen.calls, piece);
    if (chunk.usage) seen.usage = countsOf(chunk.usage);
  }
  return seen;
}

function addPiece(calls: Seen["calls"], { index, id = "", function: called = {} }: Piece): void {
  const call = calls[index] ?? { id: "", name: "", arguments: "" };
  call.id += id;
  call.name += called.name ?? "";
  call.arguments += called.arguments ?? "";
  calls[index] = call;
}
type Piece = OpenAI.ChatCompletionChunk.Choice.Delta.ToolCall;

const countsOf = (usage: OpenAI.CompletionUsage) => [
  usage.prompt_tokens,
  usage.completion_tokens,
  usage.prompt_tokens_details?.cached_tokens ?? 0,
  usage.completion_tokens_details?.reasoning_tokens ?? 0,
];

async function seenByRiptide(driver: Driver): Promise<Seen> {
  const { text, toolCalls, finish, usage, model = "" } = (await driver.stream({ messages })).completion;
  return {
    text,
    calls: [...toolCalls],
    finish,
    model,
    usage: usage ? [usage.inputTokens, usage.outputTokens, usage.cacheReadTokens, usage.reasoningTokens] : [],
  };
}

const call = fc.record({
  id: fc.stringMatching(/^call_[a-z0-9]{8}$/),
  name: fc.stringMatching(/^[a-z]{3,9}$/),
  arguments: fc.dictionary(fc.string({ unit: "grapheme" }), fc.jsonValue()) as fc.Arbitrary<object>,
});
const tokens = fc.nat(1_000_000);
const usage = fc
  .record({ input: tokens, output: tokens, cacheRead: tokens, reasoning: tokens })
  .map(({ input, output, cacheRead, reasoning }) => ({
    input: input + cacheRead,
    output: output + reasoning,
    cacheRead,
    reasoning,
  }));
const anyAnswer = fc.record({
  tokens: fc.array(fc.string({ unit: "grapheme" }), { maxLength: 6 }),
  toolCalls: fc.uniqueArray(call, { maxLength: 3, selector: ({ id }) => id }),
  usage: fc.option(usage),
  slice: fc.integer({ min: 16, max: 200 }),
});

describe("OpenAI's own client", () => {
  let simulator: Simulator;
  let client: OpenAI;
  let driver: Driver;
  beforeEach(async () => {
    simulator = await startSimulator(openAiDialect(OPENAI));
    const address = `${simulator.url}/v1`;
    client = new OpenAI({ apiKey: "sk-simulated", baseURL: address, maxRetries: 0 });
    const instance = await createFrom(openAi, { type: "openai", api_key: "sk-simulated", base_url: address });
    driver = drive(instance, { model });
  });
  afterEach(async () => {
    await simulator.close();
    expect(simulator.problems).toEqual([]);
  });

  it("reads the same from any stream", async () => {
    await fc.assert(
      fc.asyncProperty(anyAnswer, async ({ slice, ...answer }) => {
        simulator.play({ kind: "answer", ...answer, delivery: { slice } });
        expect(await seenByRiptide(driver)).toEqual(await seenByVendor(client));
      }),
      { numRuns: 30 },
    );
  });

  it("reads the same from a whole answer", async () => {
    simulator.play({ kind: "answer", tokens: ["Noon 🌊"], usage: { input: 9, output: 4, reasoning: 3 } });
    const theirs = await client.chat.completions.create({ model, messages });
    expect(await driver.complete({ messages })).toMatchObject({
      text: theirs.choices[0]?.message.content,
      finish: theirs.choices[0]?.finish_reason,
      model: theirs.model,
      usage: {
        inputTokens: theirs.usage?.prompt_tokens,
        outputTokens: theirs.usage?.completion_tokens,
        reasoningTokens: theirs.usage?.completion_tokens_details?.reasoning_tokens,
      },
    });
  });

  it("sends the same body for the same request", async () => {
    await driver.complete(request);
    await client.chat.completions.create(vendorBody);
    const [ours, theirs] = simulator.requests;
    expect(ours?.json).toEqual(theirs?.json);
    for (const name of ["authorization", "content-type"]) {
      expect(ours?.headers[name]).toBe(theirs?.headers[name]);
    }
  });

  it("unpacks the same embeddings", async () => {
    const input = ["first", "second"];
    simulator.play({
      kind: "answer",
      vectors: [
        [0.1, -2.5e-7, 3],
        [1 / 3, 0, -1],
      ],
      usage: { input: 4, output: 0 },
    });
    const theirs = await client.embeddings.create({ model, input });
    const { vectors, usage } = await driver.embed({ texts: input });
    const sorted = theirs.data.toSorted((a, b) => a.index - b.index).map(({ embedding }) => embedding);
    expect(vectors.map((vector) => [...vector])).toEqual(sorted.map((vector) => [...vector]));
    expect(usage?.inputTokens).toBe(theirs.usage.prompt_tokens);
  });

  it("sees the same status of a failure", async () => {
    simulator.play({ kind: "failure", failure: "quota" });
    const theirs = await client.chat.completions.create({ model, messages }).catch((error: unknown) => error);
    const ours = await failureOfPromise(driver.complete({ messages }));
    expect(theirs).toBeInstanceOf(OpenAI.RateLimitError);
    expect(theirs).toMatchObject({ status: ours.facts.status, requestID: ours.facts.providerRequestId });
  });
});

describe("Azure's own client", () => {
  it.each(["chat", "embeddings"])("calls the same address with the same credentials for %s", async (kind) => {
    const apiVersion = "2024-10-21";
    const simulator = await startSimulator(
      azureDialect({
        apiVersion,
        deployments: ["our gpt"],
        credential: ["api-key", "azure-key"],
        maxTokensField: "max_tokens",
      }),
    );
    const key = "azure-key";
    const deployment = "our gpt";
    const client = new AzureOpenAI({
      endpoint: simulator.url,
      apiKey: key,
      apiVersion,
      deployment,
      maxRetries: 0,
    });
    const entry = { type: "azure-openai", endpoint: simulator.url, api_key: key, api_version: apiVersion };
    const instance = await createFrom(azureOpenAi, { ...entry, deployments: { [model]: deployment } });
    const driver = drive(instance, { model });
    simulator.play({ kind: "answer", vectors: [[1]] });
    if (kind === "chat") {
      await driver.complete({ messages });
      await client.chat.completions.create({ model, messages });
    } else {
      await driver.embed({ texts: ["a"] });
      await client.embeddings.create({ model, input: ["a"] });
    }
    const [ours, theirs] = simulator.requests;
    await simulator.close();
    expect(simulator.problems).toEqual([]);
    expect(decodeURIComponent(ours?.path ?? "")).toBe(decodeURIComponent(theirs?.path ?? ""));
    expect(ours?.headers["api-key"]).toBe(theirs?.headers["api-key"]);
  });
});

const schema = {
  type: "object",
  properties: { hour: { type: "integer" } },
  required: ["hour"],
  additionalProperties: false,
} as const;
const parameters = { type: "object", properties: { place: { type: "string" } } } as const;
const pixel = "iVBORw0KGgo=";

const request: CompletionRequest = {
  messages: [
    { role: "system", content: "Be brief." },
    {
      role: "user",
      content: [
        { type: "text", text: "And here?" },
        { type: "image", mime: "image/png", base64: pixel },
        { type: "image", url: "https://images.example/a.png" },
      ],
    },
    {
      role: "assistant",
      content: "",
      toolCalls: [{ id: "c1", name: "tide", arguments: '{"place":"Brest"}' }],
    },
    { role: "tool", toolCallId: "c1", name: "tide", content: "noon" },
  ],
  maxTokens: 50,
  temperature: 0.5,
  topP: 0.9,
  stop: ["END"],
  seed: 7,
  tools: [{ name: "tide", description: "The tide.", parameters, strict: false }],
  toolChoice: { name: "tide" },
  parallelToolCalls: false,
  schema: { name: "hour", schema },
  options: { service_tier: "flex" },
};

const vendorBody: OpenAI.ChatCompletionCreateParamsNonStreaming = {
  model,
  messages: [
    { role: "system", content: "Be brief." },
    {
      role: "user",
      content: [
        { type: "text", text: "And here?" },
        { type: "image_url", image_url: { url: `data:image/png;base64,${pixel}` } },
        { type: "image_url", image_url: { url: "https://images.example/a.png" } },
      ],
    },
    {
      role: "assistant",
      content: null,
      tool_calls: [
        { id: "c1", type: "function", function: { name: "tide", arguments: '{"place":"Brest"}' } },
      ],
    },
    { role: "tool", tool_call_id: "c1", content: "noon" },
  ],
  max_completion_tokens: 50,
  temperature: 0.5,
  top_p: 0.9,
  stop: ["END"],
  seed: 7,
  tools: [
    { type: "function", function: { name: "tide", description: "The tide.", parameters, strict: false } },
  ],
  tool_choice: { type: "function", function: { name: "tide" } },
  parallel_tool_calls: false,
  response_format: { type: "json_schema", json_schema: { name: "hour", schema, strict: true } },
  service_tier: "flex",
};
