import Anthropic from "@anthropic-ai/sdk";
import OpenAI from "openai";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { failureOf, openSdkStage, type SdkStage } from "./sdk-stage.ts";
import { VENDORS, type Vendor } from "./vendors.ts";

const TOKENS = ["Two ", "and ", "two ", "are ", "four", " 🦊."];
const TEXT = TOKENS.join("");
const USAGE = { input: 40, output: 9 };
const PARAMETERS = { type: "object" as const, properties: { a: { type: "number" } } };
const CALL = [{ id: "call_1", name: "add", arguments: { a: 2 } }];
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
const sentTo = (name: string) => JSON.stringify(stage.lastAsk({ name })?.json);

describe("words of the dialect's own", () => {
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
    const sentBetas = () => stage.lastAsk({ name: "anthropic" })?.headers["anthropic-beta"];
    simulatorOf({ name: "anthropic" }).play({ kind: "answer", tokens: ["a"], usage: USAGE });
    const betas = ["context-1m-2025-08-07", "some-day-2027-01-01"];
    const asked = { model: "anthropic/claude-sonnet-4-5", messages: hi, betas };
    await anthropic.beta.messages.create({ ...asked, max_tokens: 9 });
    expect(sentBetas()).toBe(betas.join(","));
    expect((await anthropic.beta.messages.countTokens(asked)).input_tokens).toBe(40);
    // The SDK adds that of counting itself.
    expect(sentBetas()).toContain(betas.join(","));
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
});

describe("thoughts of a model", () => {
  const tools = [{ name: "add", input_schema: { type: "object" as const } }];
  const asked = { max_tokens: 4_096, thinking: { type: "enabled" as const, budget_tokens: 1_024 }, tools };
  const claude = "anthropic/claude-sonnet-4-5";
  const sealed = { type: "thinking", thinking: "Hmm. 🤔", signature: "c2lnbmVk" };
  const thinks = { kind: "answer", reasoning: sealed.thinking, toolCalls: CALL, usage: USAGE } as const;
  const following = (content: Anthropic.ContentBlock[]) => [
    ...hi,
    { role: "assistant" as const, content },
    {
      role: "user" as const,
      content: [{ type: "tool_result" as const, tool_use_id: "call_1", content: "4" }],
    },
  ];

  it.each(["whole", "streamed"])("go on with the turn they began, %s", async (how) => {
    simulatorOf({ name: "anthropic" }).play(thinks, { kind: "answer", tokens: TOKENS, usage: USAGE });
    const ask = (messages: Anthropic.MessageParam[]) =>
      how === "whole"
        ? anthropic.messages.create({ ...asked, model: claude, messages })
        : anthropic.messages.stream({ ...asked, model: claude, messages }).finalMessage();
    const { content } = await ask(hi);
    expect(content).toEqual([sealed, expect.objectContaining({ type: "tool_use", id: "call_1" })]);
    expect((await ask(following(content))).content).toMatchObject([{ type: "text", text: TEXT }]);
    expect(JSON.parse(sentTo("anthropic")).messages[1].content[0]).toEqual(sealed);
  });

  it("of a provider that failed before its answer are not told", async () => {
    simulatorOf({ name: "anthropic" }).play({ ...thinks, delivery: { cutAfterEvents: 6 } });
    const before = stage.lastAsk({ name: "anthropic" });
    simulatorOf({ name: "vertex" }).play({ kind: "answer", tokens: TOKENS, usage: USAGE });
    const riptide = { providers: ["anthropic", "vertex"] };
    const ask = { ...asked, ...{ model: "default", messages: hi, riptide } };
    const { content } = await anthropic.messages.stream(ask).finalMessage();
    expect(content).toMatchObject([{ type: "text", text: TEXT }]);
    expect(stage.lastAsk({ name: "anthropic" })).not.toBe(before);
  });

  it("are told to nobody who cannot give them back", async () => {
    simulatorOf({ name: "anthropic" }).play(thinks);
    const stream = await openai.chat.completions.create({ model: claude, messages: hi, stream: true });
    let told = "";
    for await (const chunk of stream) told += JSON.stringify(chunk);
    expect(told).toContain('"add"');
    expect(told).not.toContain("c2lnbmVk");
    simulatorOf({ name: "openai" }).play(thinks);
    const { content } = await anthropic.messages.create({
      ...asked,
      ...{ model: "openai/gpt-4.1-mini", messages: hi },
    });
    expect(content).toMatchObject([{ type: "tool_use" }]);
  });

  it("are not asked for in a turn that another model began, which a header says", async () => {
    simulatorOf({ name: "openai" }).play(thinks);
    const began = await anthropic.messages.create({
      ...asked,
      ...{ model: "openai/gpt-4.1-mini", messages: hi },
    });
    simulatorOf({ name: "anthropic" }).play({ kind: "answer", tokens: TOKENS, usage: USAGE });
    const messages = following(began.content);
    const goesOn = anthropic.messages.create({ ...asked, model: claude, messages });
    const { data, response } = await goesOn.withResponse();
    expect(data.content).toMatchObject([{ type: "text", text: TEXT }]);
    expect(response.headers.get("x-riptide-warnings")).toContain("thinking was left out");
  });
});

it("came to no provider in a form that it would refuse", () => {
  for (const simulator of stage.simulators.values()) expect(simulator.problems).toEqual([]);
});
