import { describe, expect, it } from "vitest";
import type { Capability } from "../../src/providers/capabilities.ts";
import { ask } from "../helpers/ask.ts";
import {
  answers,
  delayed,
  delta,
  fails,
  fakeStage,
  refuses,
  type Step,
  silent,
  streams,
} from "../helpers/fake-provider.ts";

const good = answers("hello");
const schema = { name: "sum", schema: { type: "object", required: ["sum"] } };
const wrong = answers('{"total":4}');
const right = answers('{"sum":4}');

describe("an answer that has to be valid (AT-10)", () => {
  it("is handed over whole and parsed, even if a stream was asked for", async () => {
    const stage = await fakeStage({ a: [right] });
    const asked = ask(stage, { request: { schema } });
    await asked.done;
    expect([asked.text, asked.result?.data]).toEqual(['{"sum":4}', { sum: 4 }]);
    expect(stage.provider.a?.calls[0]?.request.stream).toBe(false);
  });

  it("goes back once to its target with what was wrong, and leaves no trace of the first answer", async () => {
    const stage = await fakeStage({ a: [wrong, right], b: [good] });
    const asked = ask(stage, { request: { schema }, stream: false });
    await asked.done;
    expect([asked.text, asked.tried]).toEqual(['{"sum":4}', ["a schema_invalid", "a ok"]]);
    expect(asked.result?.attempts.map(({ kind }) => kind)).toEqual(["try", "repair"]);
    expect(asked.result?.attempts[0]?.ambiguous).toBe(false);
    expect(asked.events.map(({ type }) => type)).not.toContain("failover");
    expect(stage.provider.a?.calls[1]?.request.messages.slice(1)).toEqual([
      { role: "assistant", content: '{"total":4}' },
      { role: "user", content: expect.stringContaining("/ must have required property 'sum'") },
    ]);
  });

  it("that is still wrong ends the operation with exit 13 and the violations", async () => {
    const stage = await fakeStage({ a: [wrong, wrong, right], b: [right] });
    const asked = ask(stage, { request: { schema } });
    await asked.done;
    expect(asked.failure?.error).toMatchObject({ code: "schema_invalid", exit: 13 });
    expect(asked.failure?.error.facts.reasons).toEqual([
      "a/m: schema_invalid after 0 ms",
      "a/m: schema_invalid after 0 ms",
      "/ must have required property 'sum'",
    ]);
    expect([asked.tried.length, asked.text, asked.failure?.partialText]).toEqual([2, "", ""]);
  });

  it("is not repaired with less than 800 ms left", async () => {
    for (const [tookMs, attempts] of [
      [4_200, 2],
      [4_201, 1],
    ] as const) {
      const stage = await fakeStage({ a: [delayed(tookMs, wrong), right] });
      const asked = ask(stage, { request: { schema } });
      await stage.clock.advance(5_000);
      expect((asked.result ?? asked.failure)?.attempts).toHaveLength(attempts);
    }
  });

  it("is not repaired where max_repair_attempts is 0", async () => {
    const stage = await fakeStage({ a: [wrong, right] }, { circuit_breaker: { max_repair_attempts: 0 } });
    const asked = ask(stage, { request: { schema } });
    await asked.done;
    expect([asked.failure?.error.exit, asked.tried]).toEqual([13, ["a schema_invalid"]]);
  });

  it("has the same share of the deadline for its repair, beside max_attempts (AT-5, AT-6)", async () => {
    const stage = await fakeStage({ a: [wrong, silent], b: [right], c: [right] });
    const asked = ask(stage, { request: { schema }, maxAttempts: 2 });
    await stage.clock.advance(3_000);
    expect(asked.tried).toEqual(["a schema_invalid", "a attempt_timeout", "b ok"]);
    expect(asked.result?.attempts.map(({ ms }) => ms)).toEqual([0, 3_000, 0]);
  });

  it("that was cut at its length is incomplete, and not asked for again", async () => {
    const stage = await fakeStage({ a: [answers('{"su', { finish: "length" }), right] });
    const asked = ask(stage, { request: { schema } });
    await asked.done;
    expect([asked.failure?.error.code, asked.failure?.error.exit, asked.tried.length]).toEqual([
      "incomplete",
      13,
      1,
    ]);
  });

  it("needs a schema that can be compiled, before anything is sent", async () => {
    const stage = await fakeStage({ a: [right] });
    const asked = ask(stage, { request: { schema: { name: "x", schema: { type: "nonsense" } } } });
    await asked.done;
    expect([asked.failure?.error.code, stage.provider.a?.calls.length ?? 0]).toEqual(["usage", 0]);
  });
});

describe("an answer that a filter stopped", () => {
  const filtered = (text: string): Step => answers(text, { finish: "content_filter" });
  const failover = { failover: { on: ["content_filter"] } };

  it("is the answer, unless the configuration says otherwise", async () => {
    const asked = ask(await fakeStage({ a: [filtered("")], b: [good] }));
    await asked.done;
    expect([asked.result?.finish, asked.tried]).toEqual(["content_filter", ["a ok"]]);
  });

  it("before its first token goes on under failover.on content_filter", async () => {
    const empty = streams([
      { type: "finish", finish: "content_filter", refusal: "not this" },
      { type: "done" },
    ]);
    for (const [first, stream] of [
      [empty, true],
      [filtered("half an ans"), false],
      [refuses("content_filtered"), true],
    ] as const) {
      const asked = ask(await fakeStage({ a: [first], b: [good] }, failover), { stream });
      await asked.done;
      expect([asked.text, asked.tried]).toEqual(["hello", ["a content_filtered", "b ok"]]);
      expect(asked.result?.attempts[0]?.ambiguous).toBe(false);
    }
  });

  it("after its first token stays with what was delivered", async () => {
    const begun = streams([delta("half"), { type: "finish", finish: "content_filter" }, { type: "done" }]);
    const asked = ask(await fakeStage({ a: [begun], b: [good] }, failover));
    await asked.done;
    expect([asked.text, asked.result?.finish]).toEqual(["half", "content_filter"]);
  });
});

describe("an answer with nothing in it (fault row 25)", () => {
  it.each([true, false])("is none, and the next provider answers (streamed: %s)", async (stream) => {
    const asked = ask(await fakeStage({ a: [answers("")], b: [good] }), { stream });
    await asked.done;
    expect([asked.text, asked.tried]).toEqual(["hello", ["a protocol_error", "b ok"]]);
    expect(asked.result?.attempts[0]?.message).toBe("the answer is empty");
  });

  it.each([true, false])(
    "ends the operation where nobody else can be asked (streamed: %s)",
    async (stream) => {
      const asked = ask(await fakeStage({ a: [answers("")] }), { stream });
      await asked.done;
      expect([asked.failure?.error.code, asked.tried]).toEqual(["protocol_error", ["a protocol_error"]]);
    },
  );

  it("is not mended by asking for valid JSON", async () => {
    const asked = ask(await fakeStage({ a: [answers("")], b: [right] }), { request: { schema } });
    await asked.done;
    expect(asked.tried).toEqual(["a protocol_error", "b ok"]);
  });

  it("is one all the same when it was cut, refused, only thought of, or is a tool call", async () => {
    const call = { id: "call_1", name: "tide", arguments: "" };
    for (const more of [
      { finish: "length" },
      { refusal: "not this" },
      { reasoning: "hm" },
      { toolCalls: [call] },
    ] as const) {
      const asked = ask(await fakeStage({ a: [answers("", more)], b: [good] }), { stream: false });
      await asked.done;
      expect([asked.text, asked.tried]).toEqual(["", ["a ok"]]);
    }
    const thought = streams([{ type: "reasoning", text: "hm" }, { type: "done" }]);
    const asked = ask(await fakeStage({ a: [thought], b: [good] }));
    await asked.done;
    expect(asked.tried).toEqual(["a ok"]);
  });
});

describe("a prompt that is too long for the model", () => {
  const window = (tokens: number) => ({ models: { m: { context_window: tokens } } });

  it("goes to a larger or unknown window, past the others, which are listed as skipped", async () => {
    const stage = await fakeStage(
      {
        a: [refuses("context_too_long")],
        same: [good],
        smaller: [good],
        unknown: [refuses("context_too_long")],
        larger: [good],
      },
      { entries: { a: window(8_000), same: window(8_000), smaller: window(4_000), larger: window(9_000) } },
    );
    const asked = ask(stage);
    await asked.done;
    expect(asked.tried).toEqual(["a context_too_long", "unknown context_too_long", "larger ok"]);
    expect(asked.result?.skipped).toMatchObject([
      { provider: "same", reason: "unsupported", error: { code: "context_too_long" } },
      { provider: "smaller", reason: "unsupported" },
    ]);
  });

  it("is an exit 9 when no window is larger", async () => {
    const entries = { a: window(8_000), b: window(8_000) };
    const asked = ask(await fakeStage({ a: [refuses("context_too_long")], b: [good] }, { entries }));
    await asked.done;
    expect([asked.failure?.error.exit, asked.tried]).toEqual([9, ["a context_too_long"]]);
  });
});

describe("the result", () => {
  it("puts the answer together from its events", async () => {
    const call = (argumentsDelta: string, id?: string) =>
      ({ type: "tool_call", index: 0, argumentsDelta, ...(id && { id, name: "tide" }) }) as const;
    const asked = ask(
      await fakeStage({
        a: [
          streams([
            { type: "model", model: "m-2026" },
            delta(""),
            { type: "reasoning", text: "hm" },
            delta("a"),
            call('{"at"', "call_1"),
            call(":1}"),
            { type: "finish", finish: "stop", unknownFinish: "eos" },
            { type: "done" },
          ]),
        ],
      }),
    );
    await asked.done;
    expect(asked.result).toMatchObject({
      text: "a",
      model: "m-2026",
      toolCalls: [{ id: "call_1", name: "tide", arguments: '{"at":1}' }],
      warnings: ["the provider ended with the unknown reason eos"],
    });
    expect(asked.events.flatMap((event) => (event.type === "tool_call" ? [event] : []))).toEqual([
      { type: "tool_call", index: 0, callId: "call_1", name: "tide", argumentsDelta: '{"at"' },
      { type: "tool_call", index: 0, callId: null, name: null, argumentsDelta: ":1}" },
    ]);
    expect(asked.events.filter(({ type }) => type === "delta")).toHaveLength(1);
    expect(asked.result?.usage).toMatchObject({ source: "estimated" });
  });

  it("shows reasoning only to who asked for it", async () => {
    const thinking = streams([{ type: "reasoning", text: "hm" }, delta("a"), { type: "done" }]);
    for (const [showReasoning, expected] of [
      [true, ["reasoning", "delta"]],
      [false, ["delta"]],
    ] as const) {
      const asked = ask(await fakeStage({ a: [thinking] }), { showReasoning });
      await asked.done;
      const given = asked.events.map(({ type }) => type).filter((type) => /delta|reasoning/.test(type));
      expect(given).toEqual(expected);
    }
  });

  it("estimates what was really sent, the schema as an instruction included", async () => {
    const usageOf = async (supports: readonly Capability[]) => {
      const entries = { a: { models: { m: { supports } } } };
      const asked = ask(await fakeStage({ a: [wrong, right] }, { entries }), { request: { schema } });
      await asked.done;
      return asked.result?.usage.inputTokens ?? 0;
    };
    expect(await usageOf([])).toBeGreaterThan(await usageOf(["json_schema"]));
  });

  it("of a failed operation is an error event, never a throw", async () => {
    const asked = ask(await fakeStage({ a: [fails(500)] }), { route: { model: "nobody" } });
    await asked.done;
    expect(asked.events).toMatchObject([{ type: "error", error: { code: "usage" }, attempts: [] }]);
  });
});
