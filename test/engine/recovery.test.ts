import { describe, expect, it } from "vitest";
import type { JsonObject } from "../../src/core/json.ts";
import { ask } from "../helpers/ask.ts";
import {
  answers,
  DONE,
  delta,
  fails,
  fakeStage,
  paced,
  type Step,
  silent,
  streams,
} from "../helpers/fake-provider.ts";
import { tells } from "../helpers/storyteller.ts";

const STORY = "Once upon a time, 🦊 said:\n\n  “Ça va?” 👩‍👩‍👧 — yes. \n\nThe end 🇫🇷";
const NO_PREFILL: JsonObject = { models: { m: { supports: [] } } };
const EVERY_CUT = Array.from({ length: STORY.length }, (_, index) => index);

/** What the caller gets when `a` is cut and `b` is there. */
async function recovered(cut: Step, b: Step, entry: JsonObject = {}) {
  const stage = await fakeStage({ a: [cut], b: [b] }, { entries: { b: entry } });
  const asked = ask(stage);
  await asked.done;
  return { asked, stage };
}

const modesOf = ({ events }: ReturnType<typeof ask>) =>
  events.flatMap((event) => (event.type === "failover" ? [event.mode] : []));

describe("an answer that is cut after its first content (SR-3, SR-4, SR-6)", () => {
  it.each([
    ["a successor that goes on with a begun answer", tells(STORY, { piece: 3 }), {}],
    ["one that refuses a begun answer and starts over", tells(STORY, { refusesPrefill: true }), {}],
    ["one whose model takes no begun answer", tells(STORY, { piece: 1 }), NO_PREFILL],
  ])("is whole, character for character, wherever it was cut: %s", async (_name, successor, entry) => {
    for (const cutAt of EVERY_CUT) {
      const { asked } = await recovered(tells(STORY, { cutAt, piece: 1 }), successor, entry);
      expect([cutAt, asked.text, asked.result?.text]).toEqual([cutAt, STORY, STORY]);
      const deltas = asked.events.flatMap((event) => (event.type === "delta" ? [event.text] : []));
      expect(deltas.every((text) => text.isWellFormed())).toBe(true);
    }
  });

  it("ends with the error, the text kept, where the successor would say something else", async () => {
    for (const cutAt of EVERY_CUT.slice(1)) {
      const other = tells(`Never ${STORY}`);
      const { asked } = await recovered(tells(STORY, { cutAt, piece: 1 }), other, NO_PREFILL);
      expect(asked.failure?.error).toMatchObject({ code: "stream_interrupted", exit: 5 });
      expect([asked.text, asked.failure?.partialText]).toEqual([asked.text, asked.text]);
      expect(STORY.slice(0, cutAt).startsWith(asked.text)).toBe(true);
      expect(cutAt - asked.text.length).toBeLessThan(2);
    }
  });

  it("says how it went on: the attempts, the switch, what it cost", async () => {
    const { asked } = await recovered(tells(STORY, { cutAt: 9 }), tells(STORY));
    expect(asked.result?.attempts).toMatchObject([
      { kind: "try", provider: "a", code: "stream_interrupted", effect: "ignored" },
      { kind: "continue", recovery: "continue", provider: "b", outcome: "ok" },
    ]);
    expect(asked.events.find(({ type }) => type === "failover")).toMatchObject({
      from: { provider: "a" },
      to: { provider: "b" },
      code: "stream_interrupted",
      mode: "continue",
    });
  });

  it("leaves trailing white space out of the begun answer, and out of its continuation (SR-5)", async () => {
    const { asked, stage } = await recovered(
      streams([delta("one \n\n")]),
      streams([delta("\n"), delta("\n\ntwo"), ...DONE]),
    );
    expect(stage.provider.b?.calls[0]?.request.messages.at(-1)).toEqual({
      role: "assistant",
      content: "one",
    });
    expect(asked.text).toBe("one \n\n\ntwo");
    const same = await recovered(
      streams([delta("one \n\n")]),
      streams([delta(" \n"), delta("\ntwo"), ...DONE]),
    );
    expect(same.asked.text).toBe("one \n\ntwo");
  });

  it("asks for as much less as was delivered (SR-5)", async () => {
    const stage = await fakeStage({ a: [tells(STORY, { cutAt: 40 })], b: [tells(STORY)] });
    await ask(stage, { request: { maxTokens: 100 } }).done;
    const sent = stage.provider.b?.calls[0]?.request.maxTokens ?? 0;
    expect(sent).toBeLessThan(95);
    expect(sent).toBeGreaterThan(70);
  });

  it("goes on from where the last successor was cut too", async () => {
    const stage = await fakeStage({
      a: [tells(STORY, { cutAt: 9 })],
      b: [tells(STORY, { cutAt: 7 })],
      c: [fails(503)],
      d: [tells(STORY)],
    });
    const asked = ask(stage);
    await asked.done;
    expect(asked.text).toBe(STORY);
    expect(asked.tried).toEqual(["a stream_interrupted", "b stream_interrupted", "c overloaded", "d ok"]);
  });

  it("never asks the provider that failed again, whatever its model", async () => {
    const stage = await fakeStage(
      { a: [tells(STORY, { cutAt: 9 })], b: [tells(STORY)] },
      { models: { default: { targets: ["a/m", "a/other", "b/m"] } } },
    );
    const asked = ask(stage);
    await asked.done;
    expect([asked.text, asked.tried]).toEqual([STORY, ["a stream_interrupted", "b ok"]]);
  });

  it("may be over where the begun answer ends", async () => {
    const { asked } = await recovered(streams([delta("all of it")]), tells("all of it"), {});
    expect([asked.text, asked.result?.finish]).toEqual(["all of it", "stop"]);
    const spliced = await recovered(streams([delta("all of it")]), tells("all of it"), NO_PREFILL);
    expect([spliced.asked.text, spliced.asked.result?.finish]).toEqual(["all of it", "stop"]);
  });

  it("is not whole when the successor ends before it has come to what is new", async () => {
    const { asked } = await recovered(streams([delta("all of it")]), tells("all"), NO_PREFILL);
    expect([asked.text, asked.failure?.error.code]).toEqual(["all of it", "stream_interrupted"]);
  });
});

describe("a stream that falls silent", () => {
  it("is carried on after stream_idle", async () => {
    const stage = await fakeStage({ a: [tells(STORY, { cutAt: 12, isSilent: true })], b: [tells(STORY)] });
    const asked = ask(stage);
    await stage.clock.advance(4_999);
    expect(asked.result).toBeUndefined();
    await stage.clock.advance(1);
    await asked.done;
    expect([asked.text, asked.tried]).toEqual([STORY, ["a stream_idle", "b ok"]]);
  });

  it("ends with stream_idle, exit 6 and the text, when nobody is left", async () => {
    const stage = await fakeStage({ a: [tells(STORY, { cutAt: 12, isSilent: true })] });
    const asked = ask(stage);
    await stage.clock.advance(5_000);
    await asked.done;
    expect(asked.failure).toMatchObject({
      partialText: STORY.slice(0, 12),
      error: { code: "stream_idle", exit: 6 },
    });
  });

  it("waits for the successor's first new text no longer than the deadline (SR-8)", async () => {
    const stage = await fakeStage({ a: [tells(STORY, { cutAt: 12 })], b: [silent] });
    const asked = ask(stage);
    await stage.clock.advance(4_999);
    expect(asked.failure).toBeUndefined();
    await stage.clock.advance(1);
    await asked.done;
    expect(asked.tried).toEqual(["a stream_interrupted", "b deadline_exceeded"]);
    expect(asked.failure?.error.code).toBe("stream_interrupted");
  });

  it("shares that time among the successors (DL-3)", async () => {
    const stage = await fakeStage({ a: [tells(STORY, { cutAt: 12 })], b: [silent], c: [tells(STORY)] });
    const asked = ask(stage);
    await stage.clock.advance(3_000);
    await asked.done;
    expect([asked.text, asked.tried]).toEqual([STORY, ["a stream_interrupted", "b attempt_timeout", "c ok"]]);
  });

  it("has only the rest of the deadline where that holds for the whole stream", async () => {
    const stage = await fakeStage(
      { a: [paced(delta("beg"), 2_000, "")], b: [silent] },
      { timeouts: { strict: true } },
    );
    const asked = ask(stage);
    await stage.clock.advance(5_000);
    await asked.done;
    expect(stage.clock.now()).toBe(5_000);
    expect(asked.failure?.error.code).toBe("stream_interrupted");
  });
});

describe("what nobody carries on (SR-7, SR-9)", () => {
  const call = { type: "tool_call", index: 0, id: "c", name: "f", argumentsDelta: "{" } as const;

  it("a tool call that was begun", async () => {
    const { asked, stage } = await recovered(streams([delta("x"), call]), tells(STORY));
    expect(asked.failure?.error.code).toBe("stream_interrupted");
    expect(stage.provider.b?.calls ?? []).toHaveLength(0);
  });

  it("an answer under stream_recovery: off, of the alias or of the call", async () => {
    const stage = await fakeStage(
      { a: [tells(STORY, { cutAt: 9 })], b: [tells(STORY)] },
      { models: { default: { targets: ["a/m", "b/m"], stream_recovery: "off" } } },
    );
    const byAlias = ask(stage);
    await byAlias.done;
    const byCall = ask(stage, { streamRecovery: "continue" });
    await byCall.done;
    expect([byAlias.failure?.error.code, byCall.text]).toEqual(["stream_interrupted", STORY]);
  });

  it("one that stopped at a refusal of the provider", async () => {
    const { asked } = await recovered(streams([delta("x"), { error: "content_filtered" }]), tells(STORY));
    expect([asked.failure?.error.code, asked.tried]).toEqual([
      "stream_interrupted",
      ["a stream_interrupted"],
    ]);
  });

  it("one that may not be sent twice (AT-8)", async () => {
    const stage = await fakeStage(
      { a: [tells(STORY, { cutAt: 9 })], b: [tells(STORY)] },
      { failover: { replay: "never" } },
    );
    const asked = ask(stage);
    await asked.done;
    expect(asked.tried).toEqual(["a stream_interrupted"]);
  });
});

it("starts over when only reasoning was delivered, with a switch in between (SR-6)", async () => {
  const thoughts = (text: string) => ({ type: "reasoning", text }) as const;
  const stage = await fakeStage({
    a: [streams([thoughts("hm")])],
    b: [tells(STORY, { first: [thoughts("well")] })],
  });
  const asked = ask(stage, { showReasoning: true });
  await asked.done;
  expect(asked.text).toBe(STORY);
  const kinds = asked.events.map((event) => (event.type === "reasoning" ? event.text : event.type));
  expect(kinds.slice(0, 5)).toEqual(["start", "hm", "attempt", "failover", "well"]);
  expect(modesOf(asked)).toEqual(["splice"]);
});

it("a failed attempt before the first content leaves no trace, and is no recovery (SR-2)", async () => {
  const { asked } = await recovered(fails(429), answers("whole"));
  expect([asked.text, modesOf(asked)]).toEqual(["whole", ["before_output"]]);
});
