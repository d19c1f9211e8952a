import { request as httpRequest, type IncomingMessage } from "node:http";
import type { BedrockRuntimeClientConfig } from "@aws-sdk/client-bedrock-runtime";
import {
  BedrockRuntimeClient,
  ConverseCommand,
  ConverseStreamCommand,
} from "@aws-sdk/client-bedrock-runtime";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Secret } from "../../src/core/secret.ts";
import { bedrock } from "../../src/providers/bedrock/plugin.ts";
import { bedrockDialect, KEYS } from "../helpers/dialects/bedrock.ts";
import { contextFor, type Driver, drive } from "../helpers/drive.ts";
import { type Answer, type Simulator, startSimulator } from "../helpers/simulator.ts";

const model = "eu.anthropic.claude-sonnet-4-5-20250929-v1:0";
const usage = { input: 100, output: 40, cacheRead: 60, cacheWrite: 10 };
const answer: Answer = { kind: "answer", tokens: ["Tide ", "turns 🌊"], reasoning: "The moon.", usage };
const calling: Answer = {
  kind: "answer",
  toolCalls: [{ id: "tooluse_1", name: "sum", arguments: { a: 1, deep: [{ b: "ü" }] } }],
  usage,
};
const messages = [{ role: "user" as const, content: "When?" }];
const theirMessages = [{ role: "user" as const, content: [{ text: "When?" }] }];

interface Signed {
  readonly method: string;
  readonly headers: Record<string, string>;
  readonly body: Uint8Array;
  readonly hostname: string;
  readonly port: number;
  readonly path: string;
}

/** The SDK speaks HTTP/2 by itself; this sends what it has signed over HTTP/1.1, as RipTide does. */
const requestHandler = {
  async handle({ body, ...head }: Signed) {
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      httpRequest({ ...head, agent: false }, resolve)
        .on("error", reject)
        .end(body);
    });
    return { response: { statusCode: response.statusCode, headers: response.headers, body: response } };
  },
} as unknown as NonNullable<BedrockRuntimeClientConfig["requestHandler"]>;

describe("the AWS SDK", () => {
  let simulator: Simulator;
  let client: BedrockRuntimeClient;
  let driver: Driver;
  beforeEach(async () => {
    simulator = await startSimulator(bedrockDialect);
    const { accessKeyId, secretAccessKey, region } = KEYS;
    const credentials = { accessKeyId, secretAccessKey };
    client = new BedrockRuntimeClient({
      region,
      credentials,
      endpoint: simulator.url,
      requestHandler,
      maxAttempts: 1,
    });
    const given = { accessKeyId: new Secret(accessKeyId), secretAccessKey: new Secret(secretAccessKey) };
    const instance = await bedrock.types.bedrock?.create(
      { region, ...given, endpoint: simulator.url },
      contextFor(),
    );
    if (!instance) throw new Error("no such type");
    driver = drive(instance, { model });
  });
  afterEach(async () => {
    client.destroy();
    await simulator.close();
    expect(simulator.problems).toEqual([]);
  });

  it.each([
    ["text", answer],
    ["a tool call", calling],
  ])("reads the same from a whole answer with %s", async (_what, scenario) => {
    simulator.play(scenario);
    const theirs = await client.send(new ConverseCommand({ modelId: model, messages: theirMessages }));
    const content = theirs.output?.message?.content ?? [];
    const ours = await driver.complete({ messages });
    expect(ours.text).toBe(content.map((block) => block.text ?? "").join(""));
    expect(ours.reasoning).toBe(
      content.map((block) => block.reasoningContent?.reasoningText?.text ?? "").join(""),
    );
    expect(ours.toolCalls.map((call) => [call.id, call.name, JSON.parse(call.arguments)])).toEqual(
      content.flatMap(({ toolUse }) => (toolUse ? [[toolUse.toolUseId, toolUse.name, toolUse.input]] : [])),
    );
    const { inputTokens = 0, cacheReadInputTokens = 0, cacheWriteInputTokens = 0 } = theirs.usage ?? {};
    expect(ours.usage).toMatchObject({
      inputTokens: inputTokens + cacheReadInputTokens + cacheWriteInputTokens,
      outputTokens: theirs.usage?.outputTokens,
      cacheReadTokens: cacheReadInputTokens,
      cacheWriteTokens: cacheWriteInputTokens,
    });
  });

  it.each([
    ["text", answer, undefined],
    ["text", answer, 1],
    ["a tool call", calling, 7],
  ])("reads the same from a stream with %s (%#)", async (_what, scenario, slice) => {
    simulator.play({ ...scenario, ...(slice !== undefined && { delivery: { slice } }) });
    const command = new ConverseStreamCommand({ modelId: model, messages: theirMessages });
    const theirs = { text: "", reasoning: "", calls: "", outputTokens: 0 };
    for await (const part of (await client.send(command)).stream ?? []) {
      const { delta } = part.contentBlockDelta ?? {};
      theirs.text += delta?.text ?? "";
      theirs.reasoning += delta?.reasoningContent?.text ?? "";
      theirs.calls += part.contentBlockStart?.start?.toolUse?.name ?? "";
      theirs.calls += delta?.toolUse?.input ?? "";
      theirs.outputTokens += part.metadata?.usage?.outputTokens ?? 0;
    }
    const { completion } = await driver.stream({ messages });
    expect({
      text: completion.text,
      reasoning: completion.reasoning,
      calls: completion.toolCalls.map((call) => call.name + call.arguments).join(),
      outputTokens: completion.usage?.outputTokens,
    }).toEqual(theirs);
  });

  it("fails where RipTide fails when a stream reports an exception", async () => {
    simulator.play({ ...answer, delivery: { errorAfterEvents: 3 } });
    const command = new ConverseStreamCommand({ modelId: model, messages: theirMessages });
    const { stream = [] } = await client.send(command);
    const reading = (async () => {
      for await (const _part of stream);
    })();
    await expect(reading).rejects.toMatchObject({ name: "ServiceUnavailableException" });
    await expect(driver.stream({ messages })).rejects.toMatchObject({ code: "overloaded" });
  });

  it("sends the same request, signed over the same path", async () => {
    simulator.play(answer);
    const schema = { type: "object", properties: { a: { type: "number" } }, required: ["a"] };
    await client.send(
      new ConverseCommand({
        modelId: model,
        system: [{ text: "Brief." }],
        messages: [
          {
            role: "user",
            content: [{ text: "x" }, { image: { format: "png", source: { bytes: Buffer.from("hi") } } }],
          },
          { role: "assistant", content: [{ toolUse: { toolUseId: "t_1", name: "sum", input: { a: 1 } } }] },
          {
            role: "user",
            content: [
              { toolResult: { toolUseId: "t_1", content: [{ text: "no" }], status: "error" } },
              { text: "y" },
            ],
          },
        ],
        inferenceConfig: { maxTokens: 9, topP: 0.9, stopSequences: ["END"] },
        toolConfig: {
          tools: [
            { toolSpec: { name: "sum", description: "Adds.", inputSchema: { json: schema }, strict: true } },
          ],
          toolChoice: { tool: { name: "sum" } },
        },
        outputConfig: {
          textFormat: {
            type: "json_schema",
            structure: { jsonSchema: { name: "sum", schema: JSON.stringify(schema) } },
          },
        },
      }),
    );
    await driver.complete({
      messages: [
        { role: "system", content: "Brief." },
        {
          role: "user",
          content: [
            { type: "text", text: "x" },
            { type: "image", mime: "image/png", base64: "aGk=" },
          ],
        },
        { role: "assistant", content: "", toolCalls: [{ id: "t_1", name: "sum", arguments: '{"a":1}' }] },
        { role: "tool", toolCallId: "t_1", name: "sum", content: "no", isError: true },
        { role: "user", content: "y" },
      ],
      tools: [{ name: "sum", description: "Adds.", parameters: schema, strict: true }],
      toolChoice: { name: "sum" },
      schema: { name: "sum", schema },
      ...{ maxTokens: 9, topP: 0.9, stop: ["END"] },
    });
    const [theirs, ours] = simulator.requests;
    expect(ours?.json).toEqual(theirs?.json);
    expect(ours?.path).toBe(theirs?.path);
  });
});
