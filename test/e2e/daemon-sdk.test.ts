import { rmSync } from "node:fs";
import { join } from "node:path";
import Anthropic from "@anthropic-ai/sdk";
import OpenAI from "openai";
import { Agent, fetch as undiciFetch } from "undici";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Simulator, startSimulator } from "../helpers/simulator.ts";
import { type Running, startCli } from "./stage.ts";
import { CREDENTIALS, openWorkplace, VENDORS, type Vendor, type Workplace, yamlOf } from "./vendors.ts";

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

let place: Workplace;
let daemon: Running;
let openai: OpenAI;
let anthropic: Anthropic;
const simulators = new Map<string, Simulator>();

beforeAll(async () => {
  for (const vendor of VENDORS) simulators.set(vendor.name, await startSimulator(vendor.dialect));
  const entries = VENDORS.map((vendor) => [vendor, simulatorOf(vendor).url] as const);
  place = await openWorkplace(yamlOf(entries));
  const socket = join(place.folder, "run/riptide.sock");
  daemon = startCli(place, ["daemon", "run", "--socket", socket], CREDENTIALS);
  await Promise.race([daemon.waitFor("riptide.ready/1"), daemon.ended]);
  expect(daemon.stderr()).toBe("");
  const dispatcher = new Agent({ connect: { socketPath: socket } });
  // Undici's own fetch differs from Node's in nothing but its types.
  const fetch = ((url: string, init: object) =>
    undiciFetch(url, { ...init, dispatcher })) as unknown as typeof globalThis.fetch;
  const around = { fetch, maxRetries: 0, timeout: 10_000 };
  openai = new OpenAI({ ...around, baseURL: "http://riptide/v1", apiKey: "any" });
  anthropic = new Anthropic({ ...around, baseURL: "http://riptide", apiKey: "any" });
});
afterAll(async () => {
  daemon?.child.kill("SIGTERM");
  await daemon?.ended;
  for (const simulator of simulators.values()) await simulator.close();
  rmSync(place.folder, { recursive: true, force: true, maxRetries: 3 });
});

function simulatorOf({ name }: Pick<Vendor, "name">): Simulator {
  const simulator = simulators.get(name);
  if (!simulator) throw new Error(`no simulator of ${name}`);
  return simulator;
}

/** A hold that an error led to would be obeyed by the next test. */
async function forgive({ name }: Vendor): Promise<void> {
  await openai.post(`http://riptide/riptide/v1/circuits/${name}`, { body: { action: "reset" } });
}

const failureOf = (promise: PromiseLike<unknown>): Promise<unknown> =>
  Promise.resolve(promise).then(
    () => undefined,
    (error: unknown) => error,
  );

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
    expect(simulator.requests.at(-1)?.body.toString()).toContain(PIXEL.slice(0, 40));
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
    expect(simulator.requests.at(-1)?.body.toString()).toContain(PIXEL.slice(0, 40));
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

describe("words of the dialect's own", () => {
  const sentTo = (name: string) => JSON.stringify(simulatorOf({ name }).requests.at(-1)?.json);

  it("reach a provider of the same dialect as they are", async () => {
    simulatorOf({ name: "openai" }).play({ kind: "answer", tokens: ["a"], usage: USAGE });
    const body = { messages: hi, logit_bias: { "50256": -100 }, user: "u-1", metadata: { team: "search" } };
    await openai.chat.completions.create({ model: "openai/gpt-4.1-mini", ...body });
    expect(JSON.parse(sentTo("openai"))).toMatchObject({ ...body, messages: hi });
    simulatorOf({ name: "anthropic" }).play({ kind: "answer", tokens: ["a"], usage: USAGE });
    const cached = { type: "text" as const, text: "hi", cache_control: { type: "ephemeral" as const } };
    await anthropic.messages.create({
      ...{ model: "anthropic/claude-sonnet-4-5", max_tokens: 9, top_k: 4 },
      messages: [{ role: "user", content: [cached] }],
    });
    expect(JSON.parse(sentTo("anthropic"))).toMatchObject({ top_k: 4, messages: [{ content: [cached] }] });
  });

  it("turn on features of a provider of the same dialect, in a completion and in a count", async () => {
    const { requests, play } = simulatorOf({ name: "anthropic" });
    play({ kind: "answer", tokens: ["a"], usage: USAGE });
    const betas = ["context-1m-2025-08-07", "some-day-2027-01-01"];
    const asked = { model: "anthropic/claude-sonnet-4-5", messages: hi, betas };
    await anthropic.beta.messages.create({ ...asked, max_tokens: 9 });
    expect(requests.at(-1)?.headers["anthropic-beta"]).toBe(betas.join(","));
    expect((await anthropic.beta.messages.countTokens(asked)).input_tokens).toBe(40);
    // The SDK adds that of counting itself.
    expect(requests.at(-1)?.headers["anthropic-beta"]).toContain(betas.join(","));
    simulatorOf({ name: "openai" }).play({ kind: "answer", tokens: ["a"], usage: USAGE });
    const elsewhere = { ...asked, model: "openai/gpt-4.1-mini", max_tokens: 9 };
    const { response } = await anthropic.beta.messages.create(elsewhere).withResponse();
    expect(response.headers.get("x-riptide-warnings")).toContain("some-day-2027-01-01 is known to anthropic");
    const wrong = anthropic.beta.messages.create({ ...asked, betas: ["a b"], max_tokens: 9 });
    expect(await failureOf(wrong)).toBeInstanceOf(Anthropic.BadRequestError);
  });

  it("ask for any JSON, and tell of calls without a text as some programs do", async () => {
    const model = "openai/gpt-4.1-mini";
    simulatorOf({ name: "openai" }).play({ kind: "answer", tokens: ["{}"], usage: USAGE });
    await openai.chat.completions.create({
      model,
      messages: [{ role: "user", content: "as JSON, please" }],
      response_format: { type: "json_object" },
    });
    expect(JSON.parse(sentTo("openai"))).toMatchObject({ response_format: { type: "json_object" } });
    const called = { name: "add", arguments: '{"a":2}' };
    const messages = [
      ...hi,
      {
        ...{ role: "assistant" as const, content: "" },
        tool_calls: [{ id: "call_1", type: "function" as const, function: called }],
      },
      { role: "tool" as const, tool_call_id: "call_1", content: "4" },
    ];
    for (const { name, model: vendors } of VENDORS) {
      simulatorOf({ name }).play({ kind: "answer", tokens: TOKENS, usage: USAGE });
      const tools = [{ type: "function" as const, function: { name: "add", parameters: PARAMETERS } }];
      const answer = await openai.chat.completions.create({ model: `${name}/${vendors}`, messages, tools });
      expect(answer.choices[0]?.message.content).toBe(TEXT);
    }
  });

  it("are left out for another one, which a header says", async () => {
    simulatorOf({ name: "anthropic" }).play({ kind: "answer", tokens: ["a"], usage: USAGE });
    const body = { model: "anthropic/claude-sonnet-4-5", messages: hi, logit_bias: { "50256": -100 } };
    const { response } = await openai.chat.completions.create(body).withResponse();
    expect(response.headers.get("x-riptide-warnings")).toContain("logit_bias");
    expect(sentTo("anthropic")).not.toContain("logit_bias");
  });

  it("name models with a slash, as they are and encoded", async () => {
    const listed = await openai.models.list();
    expect(listed.data.map(({ id }) => id)).toContain("openai/gpt-4.1-mini");
    expect((await openai.models.retrieve("openai/gpt-4.1-mini")).id).toBe("openai/gpt-4.1-mini");
    const plain: { id: string } = await openai.get("/models/openai/gpt-4.1-mini");
    expect(plain.id).toBe("openai/gpt-4.1-mini");
  });

  it("that name an unknown model fail as the vendors' own do, and are not worth another try", async () => {
    const error = await failureOf(openai.chat.completions.create({ model: "nonsense", messages: hi }));
    expect(error).toBeInstanceOf(OpenAI.NotFoundError);
    expect(error instanceof OpenAI.APIError && error.headers?.get("x-should-retry")).toBe("false");
    const asked = { model: "nonsense", max_tokens: 9, messages: hi };
    expect(await failureOf(anthropic.messages.create(asked))).toBeInstanceOf(Anthropic.NotFoundError);
    expect(await failureOf(openai.get("/models/%E0%A4"))).toBeInstanceOf(OpenAI.BadRequestError);
  });

  it("of a stream end with what it cost and who answered", async () => {
    simulatorOf({ name: "openai" }).play({ kind: "answer", tokens: ["a"], usage: USAGE });
    const asked = { model: "openai/gpt-4.1-mini", max_tokens: 9, messages: hi };
    const told: unknown[] = [];
    for await (const event of await anthropic.messages.create({ ...asked, stream: true })) told.push(event);
    expect(told).toContainEqual(
      expect.objectContaining({
        type: "message_delta",
        riptide: expect.objectContaining({ provider: "openai", attempts: 1, cost_usd: expect.any(String) }),
      }),
    );
  });

  it("came to no provider in a form that it would refuse", () => {
    for (const simulator of simulators.values()) expect(simulator.problems).toEqual([]);
  });
});
