import { describe, expect, it } from "vitest";
import { RiptideError } from "../../../../src/core/errors.ts";
import type { JsonObject } from "../../../../src/core/json.ts";
import { openAiChat } from "../../../../src/daemon/dialects/openai/chat.ts";
import type { CompletionResult, PipelineEvent } from "../../../../src/engine/events.ts";
import { ask } from "../../../helpers/ask.ts";
import { answers, delta, fails, fakeStage, paced, streams } from "../../../helpers/fake-provider.ts";
import { FACTS } from "../dialect-server.ts";

const writerOf = (body: JsonObject = {}) =>
  openAiChat.stream(openAiChat.ask({ messages: [{ role: "user", content: "hi" }], ...body }), FACTS);

const target = (provider: string, model: string) => ({ provider, model });
const start: PipelineEvent = { type: "start", id: "rq_test", plan: [target("a", "m"), target("b", "n")] };
const chunk = (model: string, choices: object) =>
  `data: ${JSON.stringify({
    ...{ id: "rq_test", object: "chat.completion.chunk", created: 1_795_000_000, model },
    choices: [choices],
  })}\n\n`;
const choice = (part: object, finish: string | null = null) => ({
  ...{ index: 0, delta: part, logprobs: null, finish_reason: finish },
});
const HEAD = choice({ role: "assistant", content: "", refusal: null });

async function resultOf(more: Partial<CompletionResult>): Promise<PipelineEvent> {
  const asked = ask(await fakeStage({ a: [answers("x")] }));
  await asked.done;
  if (!asked.result) throw new Error("it failed");
  return { type: "end", completion: { ...asked.result, ...more } };
}

describe("a stream of chunks", () => {
  it("begins with the first content, under the model that gives it", () => {
    const write = writerOf();
    expect(write(start)).toBe("");
    const [from, to] = [target("a", "m"), target("b", "n")];
    expect(write({ type: "failover", from, to, code: "overloaded", mode: "before_output" })).toBe("");
    expect(write({ type: "reasoning", text: "hm" })).toBe("");
    expect(write({ type: "delta", text: 'a"\u2028\n' })).toBe(
      chunk("n", HEAD) + chunk("n", choice({ content: 'a"\u2028\n' })),
    );
    expect(write({ type: "delta", text: "b" })).toBe(chunk("n", choice({ content: "b" })));
  });

  it("names the model that carries an answer on", () => {
    const write = writerOf();
    write(start);
    write({ type: "delta", text: "a" });
    const [from, to] = [target("a", "m"), target("b", 'n"')];
    write({ type: "failover", from, to, code: "stream_interrupted", mode: "continue" });
    expect(write({ type: "delta", text: "b" })).toBe(chunk('n"', choice({ content: "b" })));
  });

  it("tells the usage only when asked, and never in a chunk with a choice", async () => {
    const end = await resultOf({});
    const whole = writerOf()(end);
    expect(whole).toBe(`${chunk("", HEAD)}${chunk("", choice({}, "stop"))}data: [DONE]\n\n`);
    const asking = writerOf({ stream_options: { include_usage: true } })(end);
    const [, , usage] = asking.split("\n\n");
    expect(JSON.parse(usage?.slice(6) ?? "")).toMatchObject({
      choices: [],
      usage: { prompt_tokens: expect.any(Number), estimated: true },
      riptide: { request_id: "rq_test", provider: "a", model: "m", attempts: 1, cost_usd: null },
    });
    expect(asking).toMatch(/data: \[DONE\]\n\n$/);
  });

  it.each([
    ["budget", "length"],
    ["content_filter", "content_filter"],
    ["tool_calls", "tool_calls"],
  ] as const)("ends with %s as %s", async (finish, word) => {
    expect(writerOf()(await resultOf({ finish }))).toContain(chunk("", choice({}, word)));
  });

  it("tells a refusal before the end", async () => {
    const text = writerOf()(await resultOf({ finish: "content_filter", refusal: "No." }));
    expect(text).toContain(chunk("", choice({ refusal: "No." })) + chunk("", choice({}, "content_filter")));
  });

  it("ends with the error and without an end marker when it breaks off (SR-7)", async () => {
    const asked = ask(await fakeStage({ a: [streams([delta("Once "), { error: "provider_error" }])] }));
    await asked.done;
    const write = writerOf();
    const text = asked.events.map(write).join("");
    const last = text.trimEnd().split("\n\n").at(-1) ?? "";
    expect(JSON.parse(last.slice(6))).toMatchObject({
      error: { code: "stream_interrupted", type: "server_error", message: expect.any(String) },
    });
    expect(text).not.toContain("[DONE]");
  });

  it("gives nothing away of an answer that fails over before its first content", async () => {
    const stage = await fakeStage({ a: [fails(500)], b: [paced(delta("x"), { type: "done" })] });
    const asked = ask(stage);
    await asked.done;
    const write = writerOf();
    const texts = asked.events.map((event) => (event.type === "error" ? "" : write(event)));
    expect(texts.findIndex((text) => text !== "")).toBe(
      asked.events.findIndex(({ type }) => type === "delta"),
    );
  });
});

describe("an error", () => {
  it.each([
    ["quota_exhausted", "insufficient_quota"],
    ["budget_exceeded", "insufficient_quota"],
    ["tenant_denied", "permission_error"],
    ["model_not_found", "not_found_error"],
    ["schema_invalid", "invalid_request_error"],
    ["deadline_exceeded", "server_error"],
  ] as const)("of %s has the type %s and its reasons", (code, type) => {
    const error = new RiptideError(code, "it failed", { reasons: ["a/m: no\u001b[1m"] });
    expect(openAiChat.errorBody(error, "rq_1")).toEqual({
      error: { message: "it failed; a/m: no", type, param: null, code },
    });
  });
});
