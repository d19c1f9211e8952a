import Anthropic from "@anthropic-ai/sdk";
import OpenAI from "openai";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Simulator } from "../helpers/simulator.ts";
import { failureOf, openSdkStage, type SdkStage } from "./sdk-stage.ts";
import { VENDORS, type Vendor } from "./vendors.ts";

const PIXEL =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==";
const TOKENS = ["Two ", "and ", "two ", "are ", "four", " 🦊."];
const TEXT = TOKENS.join("");
const USAGE = { input: 40, output: 9 };
const SUM = {
  type: "object" as const,
  properties: { sum: { type: "integer" } },
  required: ["sum"],
  additionalProperties: false,
};
const PARAMETERS = { type: "object" as const, properties: { a: { type: "number" } } };
const CALL = [{ id: "call_1", name: "add", arguments: { a: 2 } }];
/** A failure is the caller's to see: nobody carries on, nobody is asked instead. */
const alone = { riptide: { stream_recovery: "off", fallback: false, max_attempts: 1 } };
const hi = [{ role: "user" as const, content: "hi" }];

let stage: SdkStage;
let openai: OpenAI;
let anthropic: Anthropic;

beforeAll(async () => {
  stage = await openSdkStage();
  ({ openai, anthropic } = stage);
});
afterAll(() => stage?.close());

const simulatorOf = (vendor: Pick<Vendor, "name">) => stage.simulatorOf(vendor);

/** A hold that an error led to would be obeyed by the next test. */
async function forgive({ name }: Vendor): Promise<void> {
  await openai.post(`http://riptide/riptide/v1/circuits/${name}`, { body: { action: "reset" } });
}

describe.each(VENDORS)("$name behind the SDK of OpenAI", (vendor) => {
  const model = `${vendor.name}/${vendor.model}`;
  let simulator: Simulator;
  beforeEach(async () => {
    simulator = simulatorOf(vendor);
    await forgive(vendor);
  });

  it("answers, with usage and the id of the request", async () => {
    simulator.play({ kind: "answer", tokens: TOKENS, usage: USAGE });
    const answer = await openai.chat.completions.create({ model, messages: hi });
    expect(answer.choices[0]?.message.content).toBe(TEXT);
    expect(answer.usage).toMatchObject({ prompt_tokens: 40, completion_tokens: 9, total_tokens: 49 });
    expect(answer._request_id).toMatch(/^rq_/);
  });

  it("streams each piece in its order, and usage where it is asked for", async () => {
    simulator.play({ kind: "answer", tokens: TOKENS, usage: USAGE, delivery: { slice: 11 } });
    const stream = await openai.chat.completions.create({
      ...{ model, messages: hi, stream: true },
      stream_options: { include_usage: true },
    });
    const pieces: string[] = [];
    let tokens = 0;
    for await (const chunk of stream) {
      pieces.push(chunk.choices[0]?.delta.content ?? "");
      tokens += chunk.usage?.completion_tokens ?? 0;
    }
    expect([pieces.join(""), tokens]).toEqual([TEXT, 9]);
  });

  it("calls a tool, whole and streamed", async () => {
    simulator.play({ kind: "answer", toolCalls: CALL, usage: USAGE });
    const tools = [{ type: "function" as const, function: { name: "add", parameters: PARAMETERS } }];
    const whole = await openai.chat.completions.create({ model, messages: hi, tools });
    const [call] = whole.choices[0]?.message.tool_calls ?? [];
    const streamed = await openai.chat.completions
      .stream({ model, messages: hi, tools })
      .finalChatCompletion();
    const [again] = streamed.choices[0]?.message.tool_calls ?? [];
    for (const each of [call, again]) {
      const asked = each?.type === "function" ? each.function : undefined;
      expect([asked?.name, JSON.parse(asked?.arguments ?? "")]).toEqual(["add", { a: 2 }]);
    }
    expect(whole.choices[0]?.finish_reason).toBe("tool_calls");
  });

  it("answers by a schema", async () => {
    simulator.play({ kind: "answer", tokens: ['{"sum"', ":4}"], usage: USAGE });
    const answer = await openai.chat.completions.create({
      ...{ model, messages: hi },
      response_format: { type: "json_schema", json_schema: { name: "sum", strict: true, schema: SUM } },
    });
    expect(JSON.parse(answer.choices[0]?.message.content ?? "")).toEqual({ sum: 4 });
  });

  it("takes an image", async () => {
    simulator.play({ kind: "answer", tokens: ["a dot"], usage: USAGE });
    const content = [
      { type: "text" as const, text: "What is this?" },
      { type: "image_url" as const, image_url: { url: `data:image/png;base64,${PIXEL}` } },
    ];
    await openai.chat.completions.create({ model, messages: [{ role: "user", content }] });
    expect(stage.lastAsk(vendor)?.body.toString()).toContain(PIXEL.slice(0, 40));
  });

  it.skipIf(vendor.embeddingModel === undefined)(
    `embeds${vendor.embeddingModel ? "" : " (skipped: the vendor has no embeddings)"}`,
    async () => {
      simulator.play({ kind: "answer", vectors: [[0.6, 0.8, 0]], usage: { input: 3, output: 0 } });
      const { data } = await openai.embeddings.create({
        model: `${vendor.name}/${vendor.embeddingModel}`,
        input: "a fox",
      });
      expect(data[0]?.embedding.map((value) => Math.round(value * 10) / 10)).toEqual([0.6, 0.8, 0]);
    },
  );

  it("fails as the SDK's own exceptions", async () => {
    const failures = [
      ["auth", OpenAI.AuthenticationError],
      ["rate_limit", OpenAI.RateLimitError],
      ["bad_request", OpenAI.BadRequestError],
      ["server", OpenAI.InternalServerError],
    ] as const;
    for (const [failure, exception] of failures) {
      await forgive(vendor);
      simulator.play({ kind: "failure", failure });
      const body = { model, messages: hi, ...alone };
      expect(await failureOf(openai.chat.completions.create(body))).toBeInstanceOf(exception);
    }
  });

  it("never ends a cut stream as if it were whole", async () => {
    simulator.play({ kind: "answer", tokens: TOKENS, usage: USAGE, delivery: { cutAfterEvents: 5 } });
    const body = { model, messages: hi, ...alone };
    expect(await failureOf(openai.chat.completions.stream(body).finalChatCompletion())).toBeInstanceOf(Error);
  });

  it("is given up by the provider when the caller gives up", async () => {
    simulator.play({ kind: "answer", tokens: TOKENS, delivery: { stallAfterEvents: 5 } });
    const before = simulator.aborted;
    const stream = await openai.chat.completions.create({ model, messages: hi, stream: true });
    for await (const _ of stream) break;
    stream.controller.abort();
    await expect.poll(() => simulator.aborted, { interval: 5 }).toBe(before + 1);
  });
});

describe.each(VENDORS)("$name behind the SDK of Anthropic", (vendor) => {
  const model = `${vendor.name}/${vendor.model}`;
  const asked = { model, max_tokens: 50, messages: hi };
  const tools = [{ name: "add", input_schema: PARAMETERS }];
  let simulator: Simulator;
  beforeEach(async () => {
    simulator = simulatorOf(vendor);
    await forgive(vendor);
  });

  it("answers, with usage and the id of the request", async () => {
    simulator.play({ kind: "answer", tokens: TOKENS, usage: USAGE });
    const answer = await anthropic.messages.create(asked);
    expect(answer.content).toMatchObject([{ type: "text", text: TEXT }]);
    expect(answer.usage).toMatchObject({ input_tokens: 40, output_tokens: 9 });
    expect([answer.stop_reason, answer._request_id]).toEqual(["end_turn", expect.stringMatching(/^rq_/)]);
  });

  it("streams each piece in its order", async () => {
    simulator.play({ kind: "answer", tokens: TOKENS, usage: USAGE, delivery: { slice: 11 } });
    const pieces: string[] = [];
    const stream = anthropic.messages.stream(asked).on("text", (piece) => pieces.push(piece));
    const whole = await stream.finalMessage();
    expect([pieces.join(""), whole.usage.output_tokens]).toEqual([TEXT, 9]);
  });

  it("calls a tool, whole and streamed", async () => {
    simulator.play({ kind: "answer", toolCalls: CALL, usage: USAGE });
    const whole = await anthropic.messages.create({ ...asked, tools });
    const streamed = await anthropic.messages.stream({ ...asked, tools }).finalMessage();
    for (const { content, stop_reason } of [whole, streamed]) {
      expect(content.filter(({ type }) => type === "tool_use")).toMatchObject([
        { name: "add", input: { a: 2 } },
      ]);
      expect(stop_reason).toBe("tool_use");
    }
  });

  it("takes an image", async () => {
    simulator.play({ kind: "answer", tokens: ["a dot"], usage: USAGE });
    const source = { type: "base64" as const, media_type: "image/png" as const, data: PIXEL };
    const content = [{ type: "image" as const, source }];
    await anthropic.messages.create({ ...asked, messages: [{ role: "user", content }] });
    expect(stage.lastAsk(vendor)?.body.toString()).toContain(PIXEL.slice(0, 40));
  });

  it("counts the tokens of a prompt", async () => {
    simulator.play({ kind: "answer", usage: { input: 17, output: 0 } });
    const { input_tokens: tokens } = await anthropic.messages.countTokens({ model, messages: hi });
    expect(tokens).toBeGreaterThan(0);
  });

  it("fails as the SDK's own exceptions", async () => {
    const failures = [
      ["auth", Anthropic.AuthenticationError],
      ["rate_limit", Anthropic.RateLimitError],
      ["bad_request", Anthropic.BadRequestError],
      ["server", Anthropic.InternalServerError],
    ] as const;
    for (const [failure, exception] of failures) {
      await forgive(vendor);
      simulator.play({ kind: "failure", failure });
      const error = await failureOf(anthropic.messages.create({ ...asked, ...alone }));
      expect(error).toBeInstanceOf(exception);
      expect(error).toMatchObject({ requestID: expect.stringMatching(/^rq_/) });
    }
  });

  it("never ends a cut stream as if it were whole", async () => {
    simulator.play({ kind: "answer", tokens: TOKENS, usage: USAGE, delivery: { cutAfterEvents: 5 } });
    const stream = anthropic.messages.stream({ ...asked, ...alone });
    expect(await failureOf(stream.finalMessage())).toBeInstanceOf(Error);
  });
});

it("came to no provider in a form that it would refuse", () => {
  for (const simulator of stage.simulators.values()) expect(simulator.problems).toEqual([]);
});
