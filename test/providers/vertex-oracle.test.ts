import {
  ApiError,
  FunctionCallingConfigMode,
  type GenerateContentParameters,
  type GenerateContentResponse,
  GoogleGenAI,
  type GoogleGenAIOptions,
  ThinkingLevel,
} from "@google/genai";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Completion, CompletionRequest } from "../../src/core/completion.ts";
import { Secret } from "../../src/core/secret.ts";
import { vertex } from "../../src/providers/vertex/plugin.ts";
import { vertexDialect } from "../helpers/dialects/vertex.ts";
import { contextFor, type Driver, drive, failureOfPromise } from "../helpers/drive.ts";
import { type Answer, type Simulator, startSimulator } from "../helpers/simulator.ts";

const MODEL = "gemini-3-flash-preview";

/** Google's own SDK and RipTide's adapter against the same server: both have to read and send the same. */
describe("vertex adapter beside the vendor's SDK", () => {
  let simulator: Simulator;
  let sdk: GoogleGenAI;
  let driver: (model: string) => Driver;

  beforeEach(async () => {
    simulator = await startSimulator(vertexDialect);
    sdk = new GoogleGenAI({
      vertexai: true,
      project: "test-project",
      location: "global",
      apiVersion: "v1",
      httpOptions: { baseUrl: simulator.url },
      googleAuthOptions: fixedToken,
    });
    const type = vertex.types.vertex;
    if (!type) throw new Error("no such type");
    const instance = await type.create(
      { project: "test-project", accessToken: new Secret("ya29.test"), endpoint: simulator.url },
      contextFor(),
    );
    driver = (model) => drive(instance, { model });
  });
  afterEach(async () => {
    await simulator.close();
    expect(simulator.problems).toEqual([]);
  });

  const sent = () => {
    const { path, json } = simulator.requests.at(-1) ?? {};
    return { path, json };
  };

  it.each(Object.entries(ANSWERS))("reads %s alike, whole and streamed", async (_name, scenario) => {
    simulator.play(scenario);
    const theirs = inOurWords([await sdk.models.generateContent(PARAMS)]);
    expect(comparable(await driver(MODEL).complete(REQUEST))).toEqual(theirs);

    simulator.play({ ...scenario, delivery: { slice: 5 } });
    const chunks: GenerateContentResponse[] = [];
    for await (const chunk of await sdk.models.generateContentStream(PARAMS)) chunks.push(chunk);
    expect(comparable((await driver(MODEL).stream(REQUEST)).completion)).toEqual(inOurWords(chunks));
    expect(inOurWords(chunks)).toEqual(theirs);
  });

  it("sends to the same address the body the SDK sends for the same request", async () => {
    await sdk.models.generateContent(PARAMS);
    const whole = sent();
    await driver(MODEL).complete(REQUEST);
    expect(sent()).toEqual(whole);

    for await (const _chunk of await sdk.models.generateContentStream(PARAMS));
    const streamed = sent();
    await driver(MODEL).stream(REQUEST);
    expect(sent()).toEqual(streamed);
  });

  it("counts tokens as the SDK does", async () => {
    const { contents } = PARAMS;
    const { systemInstruction, tools } = PARAMS.config;
    const theirs = await sdk.models.countTokens({
      model: MODEL,
      contents,
      config: { systemInstruction, tools },
    });
    const body = sent();
    expect(await driver(MODEL).count(REQUEST)).toBe(theirs.totalTokens);
    expect(sent()).toEqual(body);
  });

  it.each(["text-embedding-005", "gemini-embedding-001", "gemini-embedding-2"])(
    "embeds with %s as the SDK does",
    async (model) => {
      simulator.play({ kind: "answer", vectors: [[0.5, -1, 2]] });
      const { embeddings } = await sdk.models.embedContent({
        model,
        contents: "first",
        config: { outputDimensionality: 3 },
      });
      const body = sent();
      const ours = await driver(model).embed({ texts: ["first"], dimensions: 3 });
      expect(ours.vectors[0]).toEqual(embeddings?.[0]?.values);
      expect(withoutRoles(sent())).toEqual(withoutRoles(body));
    },
  );

  it("fails where the SDK fails on bare JSON in the middle of a stream", async () => {
    simulator.play({ ...text, delivery: { errorAfterEvents: 2 } });
    const drained = (async () => {
      for await (const _chunk of await sdk.models.generateContentStream(PARAMS));
    })();
    await expect(drained).rejects.toThrow();
    expect((await failureOfPromise(driver(MODEL).stream(REQUEST))).code).toBe("overloaded");
  });

  it("fails where the SDK fails on a refused request", async () => {
    simulator.play({ kind: "failure", failure: "rate_limit" });
    const theirs = await sdk.models.generateContent(PARAMS).catch((error: unknown) => error);
    expect(theirs).toBeInstanceOf(ApiError);
    expect((await failureOfPromise(driver(MODEL).complete(REQUEST))).facts.status).toBe(429);
  });
});

/** What the SDK asks of Google's own library; it has no simpler way to be given a token. */
const fixedToken = {
  authClient: { getRequestHeaders: async () => new Headers({ authorization: "Bearer ya29.test" }) },
} as unknown as NonNullable<GoogleGenAIOptions["googleAuthOptions"]>;

/** The SDK says whose text is embedded, which the vendor does not ask for. */
const withoutRoles = (value: unknown) =>
  JSON.parse(JSON.stringify(value, (key, item: unknown) => (key === "role" ? undefined : item)));

const text: Answer = {
  kind: "answer",
  tokens: ["Tide ", "turns ", "– voilà 🌊"],
  usage: { input: 40, output: 9 },
};

const ANSWERS: Readonly<Record<string, Answer>> = {
  text,
  "tool calls": {
    kind: "answer",
    tokens: ["Let me look."],
    toolCalls: [
      { id: "", name: "weather_at", arguments: { place: "Brest – Porz Gwenn", deep: [1, { a: null }] } },
      { id: "", name: "weather_at", arguments: {} },
    ],
  },
  reasoning: {
    ...text,
    reasoning: "Noon, then.",
    usage: { input: 1_000, output: 90, cacheRead: 600, reasoning: 80 },
  },
  "an answer cut at its limit": { ...text, finish: "length" },
  "a filtered answer": { ...text, finish: "content_filter" },
};

const schema = { type: "object", properties: { hour: { type: "integer" } }, required: ["hour"] };

const REQUEST: CompletionRequest = {
  messages: [
    { role: "system", content: "Answer briefly." },
    {
      role: "user",
      content: [
        { type: "text", text: "When?" },
        { type: "image", url: "https://images.example/a.png" },
        { type: "image", mime: "image/webp", base64: "QUJD" },
      ],
    },
    {
      role: "assistant",
      content: "",
      toolCalls: [
        { id: "a", name: "weather_at", arguments: '{"place":"Vigo"}' },
        { id: "b", name: "tide_at", arguments: "{}" },
      ],
    },
    { role: "tool", toolCallId: "b", name: "tide_at", content: "high" },
    { role: "tool", toolCallId: "a", name: "weather_at", content: "no such place", isError: true },
    { role: "user", content: "And tomorrow?" },
  ],
  maxTokens: 2_000,
  temperature: 0.5,
  topP: 0.9,
  stop: ["HALT"],
  seed: 7,
  tools: [
    { name: "weather_at", description: "The weather.", parameters: { type: "object", properties: {} } },
    { name: "tide_at", parameters: { type: "object", properties: {} } },
  ],
  toolChoice: { name: "tide_at" },
  schema: { name: "hour", schema },
  effort: "minimal",
};

const PARAMS = {
  model: MODEL,
  contents: [
    {
      role: "user",
      parts: [
        { text: "When?" },
        { fileData: { mimeType: "image/png", fileUri: "https://images.example/a.png" } },
        { inlineData: { mimeType: "image/webp", data: "QUJD" } },
      ],
    },
    {
      role: "model",
      parts: [
        {
          functionCall: { name: "weather_at", args: { place: "Vigo" } },
          thoughtSignature: "skip_thought_signature_validator",
        },
        { functionCall: { name: "tide_at", args: {} } },
      ],
    },
    {
      role: "user",
      parts: [
        { functionResponse: { name: "weather_at", response: { error: "no such place" } } },
        { functionResponse: { name: "tide_at", response: { result: "high" } } },
        { text: "And tomorrow?" },
      ],
    },
  ],
  config: {
    systemInstruction: { parts: [{ text: "Answer briefly." }] },
    maxOutputTokens: 2_000,
    temperature: 0.5,
    topP: 0.9,
    stopSequences: ["HALT"],
    seed: 7,
    tools: [
      {
        functionDeclarations: [
          {
            name: "weather_at",
            description: "The weather.",
            parametersJsonSchema: { type: "object", properties: {} },
          },
          { name: "tide_at", parametersJsonSchema: { type: "object", properties: {} } },
        ],
      },
    ],
    toolConfig: {
      functionCallingConfig: { mode: FunctionCallingConfigMode.ANY, allowedFunctionNames: ["tide_at"] },
    },
    responseMimeType: "application/json",
    responseJsonSchema: schema,
    thinkingConfig: { thinkingLevel: ThinkingLevel.MINIMAL, includeThoughts: true },
  },
} satisfies GenerateContentParameters;

const FINISH: Readonly<Record<string, Completion["finish"]>> = {
  STOP: "stop",
  MAX_TOKENS: "length",
  SAFETY: "content_filter",
};

function inOurWords(chunks: readonly GenerateContentResponse[]) {
  const parts = chunks.flatMap(({ candidates }) => candidates?.[0]?.content?.parts ?? []);
  const joined = (thought: boolean) =>
    parts.map((part) => (Boolean(part.thought) === thought ? (part.text ?? "") : "")).join("");
  const calls = parts.flatMap(({ functionCall: call }) =>
    call ? [{ name: call.name, arguments: call.args }] : [],
  );
  const last = chunks.at(-1);
  const reason = FINISH[last?.candidates?.[0]?.finishReason ?? ""];
  const { candidatesTokenCount = 0, thoughtsTokenCount = 0 } = last?.usageMetadata ?? {};
  return {
    text: joined(false),
    reasoning: joined(true),
    calls,
    finish: reason === "stop" && calls.length > 0 ? "tool_calls" : reason,
    model: last?.modelVersion,
    inputTokens: last?.usageMetadata?.promptTokenCount,
    outputTokens: candidatesTokenCount + thoughtsTokenCount,
  };
}

function comparable({ text: words, reasoning, toolCalls, finish, model, usage }: Completion) {
  return {
    text: words,
    reasoning,
    calls: toolCalls.map((call) => ({ name: call.name, arguments: JSON.parse(call.arguments) })),
    finish,
    model,
    inputTokens: usage?.inputTokens,
    outputTokens: usage?.outputTokens,
  };
}
