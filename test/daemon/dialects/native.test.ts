import { describe, expect, it } from "vitest";
import { RiptideError } from "../../../src/core/errors.ts";
import type { JsonObject } from "../../../src/core/json.ts";
import { nativeCompletion, nativeEmbedding, nativeSse } from "../../../src/daemon/dialects/native.ts";
import type { PipelineEvent } from "../../../src/engine/events.ts";
import { ask } from "../../helpers/ask.ts";
import { answers, delta, fails, fakeStage, type Step, streams } from "../../helpers/fake-provider.ts";
import { FACTS } from "./dialect-server.ts";

const BODY = { messages: [{ role: "user", content: "hi" }] };
const lines = (text: string) =>
  text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as JsonObject); // Each line is an object.

async function eventsOf(...script: readonly Step[]): Promise<readonly PipelineEvent[]> {
  const asked = ask(await fakeStage({ a: script }), { showReasoning: true });
  await asked.done;
  return asked.events;
}

const streamed = (events: readonly PipelineEvent[], dialect = nativeCompletion) =>
  events.map(dialect.stream(dialect.ask(BODY), FACTS)).join("");

const ALERT = {
  budget: { tenant: "acme", period: "day", limitNano: 1e9, thresholds: [0.8], degradeTo: null },
  ...{ threshold: 0.8, spentNano: 9e8, heldNano: 0, resetsAtMs: 1_795_000_000_000 },
} as const;

describe("the native dialect", () => {
  it("answers as complete --json does, by the daemon", async () => {
    const end = (await eventsOf(answers("Two words."))).at(-1);
    if (end?.type !== "end") throw new Error("it failed");
    const completion = { ...end.completion, alerts: [ALERT] };
    expect(nativeCompletion.answer(completion, nativeCompletion.ask(BODY), FACTS)).toMatchObject({
      ...{
        schema: "riptide.completion/1",
        ok: true,
        text: "Two words.",
        via: "daemon",
        config_revision: "r1",
      },
      ...{ tenant: "default", requested: { model: "default", strategy: "sequential" } },
      warnings: [expect.stringContaining("has reached 80 %")],
    });
  });

  it("streams one event a line; start comes first and commits", async () => {
    const events = await eventsOf(
      streams([{ type: "reasoning", text: "hm" }, delta("x\ny"), { type: "done" }]),
    );
    const documents = lines(streamed(events));
    expect(documents.map(({ type }) => type)).toEqual([
      ...["start", "reasoning", "delta", "attempt", "usage", "end"],
    ]);
    expect(documents.every(({ id }) => id === "rq_test")).toBe(true);
    expect(documents[0]).toMatchObject({ schema: "riptide.events/1", plan: [{ provider: "a", model: "m" }] });
    expect(documents[2]).toEqual({ type: "delta", id: "rq_test", text: "x\ny" });
    expect(documents.at(-1)).toMatchObject({
      completion: {
        ok: true,
        via: "daemon",
        finish: "stop",
        cost: {},
        usage: {},
        tool_calls: [],
        warnings: [],
      },
      ...{ alerts: [], skip_errors: [] },
    });
  });

  it("streams the same as named server-sent events", async () => {
    const events = await eventsOf(answers("x"));
    const frames = streamed(events, nativeSse).trimEnd().split("\n\n");
    expect(frames.map((frame) => frame.split("\n")[0])).toEqual(events.map(({ type }) => `event: ${type}`));
    const data = frames.map((frame) => frame.split("\n")[1]?.slice("data: ".length)).join("\n");
    expect(`${data}\n`).toBe(streamed(events));
    expect(nativeSse.streamType).toBe("text/event-stream");
  });

  it("ends a broken stream with an error that tells all a command line shows", async () => {
    const events = await eventsOf(streams([delta("Once "), { error: "provider_error" }]));
    expect(lines(streamed(events)).at(-1)).toMatchObject({
      ...{ type: "error", schema: "riptide.error/1", id: "rq_test", ok: false, partial_text: "Once " },
      error: { code: "stream_interrupted", exit: 5, retryable: true },
      attempts: [{ provider: "a", outcome: "error" }],
      ...{ skipped: [], reasons: expect.any(Array), warnings: [], alerts: [], skip_errors: [] },
    });
  });

  it("says why candidates were skipped", async () => {
    const error = (await eventsOf(fails(500))).at(-1);
    if (error?.type !== "error") throw new Error("it did not fail");
    const skip = {
      ...{ provider: "b", model: "m", reason: "misconfigured" as const },
      error: new RiptideError("secret_missing", "KEY is not set"),
    };
    expect(lines(streamed([{ ...error, skipped: [skip] }]))[0]).toMatchObject({
      skipped: [{ provider: "b", reason: "misconfigured", retry_at: null }],
      skip_errors: [{ code: "secret_missing", message: "KEY is not set" }],
    });
  });

  it("refuses with an error document", () => {
    const error = new RiptideError("no_provider_available", "no provider can be asked", {
      reasons: ["a/m: held"],
    });
    expect(nativeCompletion.errorBody(error, "rq_1")).toMatchObject({
      ...{ schema: "riptide.error/1", id: "rq_1", reasons: ["a/m: held"], attempts: [], skipped: [] },
      error: { code: "no_provider_available", message: "no provider can be asked" },
    });
  });

  it("shows reasoning in a stream unless told not to", () => {
    const shown = (body: JsonObject) => nativeCompletion.ask({ ...BODY, ...body }).showReasoning;
    expect(shown({ stream: true })).toBe(true);
    expect(shown({})).toBe(false);
    expect(shown({ stream: true, riptide: { show_reasoning: false } })).toBe(false);
  });

  it("lets the riptide member's schema go over response_format", () => {
    const json_schema = { name: "x", schema: { type: "array" } };
    const body = { ...BODY, response_format: { type: "json_schema", json_schema } };
    const { request } = nativeCompletion.ask({ ...body, riptide: { schema: { type: "object" } } });
    expect(request.schema).toEqual({ name: "answer", schema: { type: "object" } });
    expect(request.verbatim).toBeUndefined();
  });

  it("takes the body of OpenAI's embeddings and answers as embed --json does", () => {
    const asked = nativeEmbedding.ask({
      model: "e",
      input: "one",
      dimensions: 2,
      user: "u",
      riptide: { exclude: ["b"] },
    });
    expect(asked).toMatchObject({
      texts: ["one"],
      dimensions: 2,
      wishes: { route: { model: "e", exclude: ["b"] } },
    });
    expect(asked.warnings).toEqual(["user was left out: embeddings take no such parameter here"]);
    expect(() => nativeEmbedding.ask({ input: [[1, 2]] })).toThrow(
      "input[0]: expected text; lists of tokens mean something to one model only",
    );
    const usage = {
      inputTokens: 1,
      outputTokens: 0,
      cacheReadTokens: 0,
      cacheWriteTokens: 0,
      reasoningTokens: 0,
    };
    const result = {
      ...{
        id: "rq_1",
        provider: "a",
        model: "e",
        dimensions: 1,
        vectors: [[0.5]],
        attempts: [],
        skipped: [],
      },
      ...{ usage: { ...usage, source: "reported" as const }, alerts: [], warnings: [] },
      timing: { totalMs: 1, firstTokenMs: null, queueMs: 0 },
    };
    expect(nativeEmbedding.answer(result, asked, FACTS)).toMatchObject({
      ...{ schema: "riptide.embedding/1", embeddings: [[0.5]] },
    });
  });
});
