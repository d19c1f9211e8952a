import { describe, expect, it } from "vitest";
import type { ErrorCode } from "../../src/core/errors.ts";
import type { StreamEvent } from "../../src/core/events.ts";
import { ask } from "../helpers/ask.ts";
import {
  answers,
  DONE,
  deaf,
  delayed,
  delta,
  fails,
  fakeStage,
  paced,
  type Step,
  silent,
  streams,
} from "../helpers/fake-provider.ts";
import { guarded, modesOf, stepsOf } from "../helpers/fault-stage.ts";
import { faultTable } from "../helpers/fault-table.ts";
import { tells } from "../helpers/storyteller.ts";

const table = faultTable();
const STORY = "The tide comes in – 🌊 – and it goes out again, twice a day, as it always has.";
const D_MS = 5_000;
const STREAM_IDLE_MS = 5_000;

type Part = StreamEvent | { readonly error: ErrorCode } | string;
type Scripts = Readonly<Record<string, readonly Step[]>>;

/** A request carried through in virtual time, and when it was over. */
async function run(scripts: Scripts, stream = true, forMs = 400_000) {
  const stage = await fakeStage(scripts, { failover: {} });
  const asked = ask(guarded(stage), { stream });
  let endedMs = Number.NaN;
  const done = asked.done.then(() => {
    endedMs = stage.clock.now();
  });
  await stage.clock.advance(forMs);
  await done;
  return { asked, endedMs, steps: stepsOf(asked) };
}

const at = (share: number) => Math.floor(STORY.length * share);
const begun = (share: number, ...rest: readonly Part[]): Step =>
  paced(delta(STORY.slice(0, at(share))), ...rest);

/** Only a stream can be. */
const CUT = "is cut before its first token";

/** What a provider does before the caller has been given anything. */
const BEFORE: readonly (readonly [string, Step])[] = [
  ["is silent", silent],
  ["is silent and hears no abort", deaf],
  ["is slow to its first token", delayed(4_200, answers(STORY))],
  ["has a head and no token", paced({ type: "model", model: "m" }, 100_000)],
  [CUT, streams([{ type: "model", model: "m" }])],
  ["sends a malformed event first", paced("neither JSON nor an end\n")],
  ["reports an error in band first", streams([{ error: "overloaded" }])],
  ["answers 500", fails(500)],
  ["answers 503", fails(503)],
  ["answers 429", fails(429)],
];

/** The same after the caller has been given a part. */
const AFTER: readonly (readonly [string, Step, exit: number])[] = [
  ["is cut at 10 %", tells(STORY, { cutAt: at(0.1) }), 5],
  ["is cut at 50 %", tells(STORY, { cutAt: at(0.5) }), 5],
  ["is cut at 90 %", tells(STORY, { cutAt: at(0.9) }), 5],
  ["falls silent at 10 %", tells(STORY, { cutAt: at(0.1), isSilent: true }), 6],
  ["falls silent at 90 %", tells(STORY, { cutAt: at(0.9), isSilent: true }), 6],
  ["sends a malformed event at half", begun(0.5, "neither JSON nor an end\n"), 5],
  ["has no end marker", streams([delta(STORY)]), 5],
  ["reports an error in band at half", begun(0.5, { error: "overloaded" }), 5],
];

describe("a provider that fails before the first token (rows 4, 10, 17)", () => {
  it.each(BEFORE)("%s: the next one's answer is whole, within the deadline", async (name, step) => {
    for (const stream of name === CUT ? [true] : [true, false]) {
      const { asked, endedMs } = await run({ a: [step], b: [answers(STORY)] }, stream);
      expect([asked.text, asked.result?.text, asked.result?.provider]).toEqual([STORY, STORY, "b"]);
      expect(endedMs).toBeLessThanOrEqual(D_MS);
      expect(modesOf(asked.events)).toEqual(["before_output"]);
    }
  });

  it.each(BEFORE)("%s, and so does everybody: an error within the deadline, no text", async (_name, step) => {
    const { asked, endedMs } = await run({ a: [step], b: [step], c: [step] });
    expect([asked.text, asked.failure?.partialText]).toEqual(["", ""]);
    expect([5, 6, 7]).toContain(asked.failure?.error.exit);
    expect(endedMs).toBeLessThanOrEqual(D_MS + 100);
  });
});

describe("a provider that fails after the first token (rows 10, 14, 15)", () => {
  it.each(AFTER)("%s: the answer is whole, nothing of it twice", async (_name, step) => {
    for (const entry of [{}, { models: { m: { supports: [] } } }]) {
      const stage = await fakeStage({ a: [step], b: [tells(STORY)] }, { entries: { b: entry } });
      const asked = ask(guarded(stage));
      await stage.clock.advance(STREAM_IDLE_MS);
      await asked.done;
      expect([asked.text, asked.result?.text]).toEqual([STORY, STORY]);
      expect(modesOf(asked.events)).toEqual([entry.models ? "splice" : "continue"]);
    }
  });

  it.each(AFTER)("%s, with nobody behind it: the part is kept and flagged", async (_name, step, exit) => {
    const { asked, endedMs } = await run({ a: [step] });
    expect(asked.failure?.error.exit).toBe(exit);
    expect(asked.failure?.error.code).toBe(exit === 5 ? "stream_interrupted" : "stream_idle");
    expect(asked.failure?.partialText).toBe(asked.text);
    expect([asked.text === "", STORY.startsWith(asked.text)]).toEqual([false, true]);
    expect(endedMs).toBe(exit === 5 ? 0 : STREAM_IDLE_MS);
  });
});

describe("a provider that accepts and never answers (row 4)", () => {
  it("is left at its slice; the next one answers", async () => {
    const { steps, endedMs } = await run({ a: [silent], b: [answers("b")] });
    expect([steps, endedMs]).toEqual([["try a attempt_timeout", "try b ok"], 3_000]);
    table.saw(4, `next after ${endedMs} ms`);
  });

  it("is left at the deadline when it is the last", async () => {
    const { asked, steps, endedMs } = await run({ a: [silent], b: [silent], c: [silent] });
    expect(asked.failure?.error).toMatchObject({ code: "deadline_exceeded", exit: 6 });
    expect(steps.map((step) => step.slice(6))).toEqual([
      "attempt_timeout",
      "attempt_timeout",
      "deadline_exceeded",
    ]);
    expect(endedMs).toBe(D_MS);
    table.saw(4, `last one's error after ${endedMs} ms`);
  });
});

describe("a provider that sends one byte in 300 ms for ever (row 13)", () => {
  const drip = paced(...Array.from({ length: 1_100 }, () => [300, delta("x")] as const).flat());
  const bytes = paced(...Array.from({ length: 100 }, () => [300, " "] as const).flat());

  it("holds a streamed answer up to stream_max and keeps what came", async () => {
    const { asked, endedMs } = await run({ a: [drip], b: [answers("b")] });
    expect(asked.failure?.error).toMatchObject({ code: "stream_max", exit: 6 });
    expect(asked.failure?.partialText).toBe("x".repeat(999));
    expect([endedMs, asked.tried]).toEqual([300_000, ["a stream_max"]]);
    table.saw(13, `streamed: ${endedMs} ms`);
  });

  it("holds a buffered one, or one without a token, no longer than its slice", async () => {
    for (const stream of [true, false]) {
      const { steps, endedMs } = await run({ a: [bytes], b: [answers("b")] }, stream);
      expect([steps, endedMs]).toEqual([["try a attempt_timeout", "try b ok"], 3_000]);
      const alone = await run({ a: [bytes] }, stream);
      expect([alone.asked.failure?.error.code, alone.endedMs]).toEqual(["deadline_exceeded", D_MS]);
    }
    table.saw(13, `buffered: ${D_MS} ms`);
  });
});

describe("silence after the first token (row 14)", () => {
  const stalls = tells(STORY, { cutAt: 20, isSilent: true });

  it("is 5 s long at most: then the next candidate carries the answer on", async () => {
    const { asked, steps, endedMs } = await run({ a: [stalls], b: [tells(STORY)] });
    expect([asked.text, steps]).toEqual([STORY, ["try a stream_idle", "continue b ok"]]);
    expect(endedMs).toBe(STREAM_IDLE_MS);
    table.saw(14, `continued after ${endedMs} ms`);
  });

  it("ends with the part and exit 6 when nobody else is there", async () => {
    const { asked, endedMs } = await run({ a: [stalls] });
    expect(asked.failure).toMatchObject({ partialText: STORY.slice(0, 20), error: { exit: 6 } });
    expect(endedMs).toBe(STREAM_IDLE_MS);
  });

  it("is none while pings come, whatever they say", async () => {
    const pings = Array.from({ length: 4 }, () => [4_000, { type: "model", model: "m" }] as const).flat();
    const { asked, steps } = await run({ a: [paced(delta("slow "), ...pings, delta("end"), ...DONE)] });
    expect([asked.text, steps]).toEqual(["slow end", ["try a ok"]]);
  });
});
