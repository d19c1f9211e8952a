import { Ollama } from "ollama";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ollama } from "../../src/providers/ollama/plugin.ts";
import { ollamaDialect } from "../helpers/dialects/ollama.ts";
import { contextFor, type Driver, drive } from "../helpers/drive.ts";
import { type Answer, type Simulator, startSimulator } from "../helpers/simulator.ts";

const answer: Answer = {
  kind: "answer",
  tokens: ["Tide ", "turns 🌊", " at noon"],
  reasoning: "The moon says so.",
  usage: { input: 12, output: 40 },
};
const calling: Answer = {
  kind: "answer",
  toolCalls: [{ id: "unsent", name: "sum", arguments: { a: 1, deep: [{ b: "ü" }] } }],
};
const messages = [{ role: "user" as const, content: "When?" }];

describe("Ollama's own client", () => {
  let simulator: Simulator;
  let client: Ollama;
  let driver: Driver;
  beforeEach(async () => {
    simulator = await startSimulator(ollamaDialect);
    client = new Ollama({ host: simulator.url });
    const instance = await ollama.types.ollama?.create({ baseUrl: simulator.url }, contextFor());
    if (!instance) throw new Error("no such type");
    driver = drive(instance, { model: "llama3.2" });
  });
  afterEach(async () => {
    await simulator.close();
    expect(simulator.problems).toEqual([]);
  });

  it("reads the same from a whole answer", async () => {
    simulator.play(answer);
    const theirs = await client.chat({ model: "llama3.2", messages, stream: false });
    const ours = await driver.complete({ messages });
    expect(ours).toMatchObject({
      text: theirs.message.content,
      reasoning: theirs.message.thinking,
      finish: theirs.done_reason,
      model: theirs.model,
      usage: { inputTokens: theirs.prompt_eval_count, outputTokens: theirs.eval_count },
    });
  });

  it.each([undefined, 1, 7])("reads the same from a stream in slices of %s bytes", async (slice) => {
    simulator.play({ ...answer, ...(slice !== undefined && { delivery: { slice } }) });
    const theirs = { text: "", reasoning: "", inputTokens: 0, outputTokens: 0 };
    for await (const part of await client.chat({ model: "llama3.2", messages, stream: true })) {
      theirs.text += part.message.content;
      theirs.reasoning += part.message.thinking ?? "";
      theirs.inputTokens = part.prompt_eval_count;
      theirs.outputTokens = part.eval_count;
    }
    const { completion } = await driver.stream({ messages });
    const { text, reasoning, usage } = completion;
    const { inputTokens, outputTokens } = usage ?? {};
    expect({ text, reasoning, inputTokens, outputTokens }).toEqual(theirs);
  });

  it("reads the same tool call", async () => {
    simulator.play(calling);
    const theirs = (await client.chat({ model: "llama3.2", messages })).message.tool_calls;
    const { completion } = await driver.stream({ messages });
    const ours = [completion, await driver.complete({ messages })];
    for (const { toolCalls } of ours) {
      expect(toolCalls.map((call) => [call.name, JSON.parse(call.arguments)])).toEqual(
        theirs?.map((call) => [call.function.name, call.function.arguments]),
      );
    }
  });

  it("sends the same request", async () => {
    simulator.play(answer);
    const parameters = { type: "object", properties: { a: { type: "number" } }, required: ["a"] };
    const tool = { name: "sum", description: "Adds.", parameters };
    await client.chat({
      model: "llama3.2",
      messages: [
        { role: "system", content: "Brief." },
        { role: "user", content: "x", images: ["aGk="] },
      ],
      stream: false,
      tools: [{ type: "function", function: tool }],
      format: parameters,
      think: "high",
      options: { temperature: 0.5, top_p: 0.9, stop: ["END"], seed: 3, num_predict: 9 },
    });
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
      ],
      tools: [tool],
      schema: { name: "sum", schema: parameters },
      effort: "high",
      ...{ temperature: 0.5, topP: 0.9, stop: ["END"], seed: 3, maxTokens: 9 },
    });
    const [theirs, ours] = simulator.requests;
    expect(ours?.json).toEqual(theirs?.json);
  });

  it("reads the same embeddings, models and version", async () => {
    simulator.play({ ...answer, vectors: [[0.5, -1]] });
    const embedded = await client.embed({ model: "nomic-embed-text", input: ["x"], truncate: false });
    expect((await driver.embed({ texts: ["x"] })).vectors).toEqual(embedded.embeddings);
    const { models } = await client.list();
    expect(models.map(({ model }) => model)).toEqual(["llama3.2:latest"]);
    expect(await client.version()).toEqual({ version: "0.40.1" });
  });
});
