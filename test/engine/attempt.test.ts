import { describe, expect, it } from "vitest";
import { type Asked, ask } from "../helpers/ask.ts";
import {
  answers,
  DONE,
  deaf,
  delayed,
  delta,
  fails,
  fakeStage,
  paced,
  refuses,
  type Step,
  silent,
  streams,
} from "../helpers/fake-provider.ts";

const good = answers("hello");
const FOREVER = Number.POSITIVE_INFINITY;

/** When each attempt ended, as its own record says. */
const times = (asked: Asked) =>
  (asked.result ?? asked.failure)?.attempts?.map(({ provider, code, ms }) => [provider, code, ms]);

describe("slices of the deadline (DL-3)", () => {
  it("two candidates share 5,000 ms as 3,000 and 2,000", async () => {
    const stage = await fakeStage({ a: [silent], b: [silent] });
    const asked = ask(stage);
    await stage.clock.advance(4_999);
    expect(asked.failure).toBeUndefined();
    await stage.clock.advance(1);
    expect(times(asked)).toEqual([
      ["a", "attempt_timeout", 3_000],
      ["b", "deadline_exceeded", 2_000],
    ]);
    expect(asked.failure?.error).toMatchObject({ code: "deadline_exceeded", exit: 6 });
  });

  it("three candidates share it as 3,000, 1,200 and 800, buffered too", async () => {
    const stage = await fakeStage({ a: [silent], b: [deaf], c: [silent] });
    const asked = ask(stage, { stream: false });
    await stage.clock.advance(5_000);
    expect(times(asked)?.map(([, , ms]) => ms)).toEqual([3_000, 1_200, 800]);
  });

  it("counts no more candidates than there are attempts left", async () => {
    const stage = await fakeStage({ a: [silent], b: [silent], c: [good] });
    const asked = ask(stage, { maxAttempts: 1 });
    await stage.clock.advance(5_000);
    expect(times(asked)).toEqual([["a", "deadline_exceeded", 5_000]]);
  });

  it("starts nothing with less than 250 ms", async () => {
    const stage = await fakeStage({ a: [silent], b: [good] });
    const asked = ask(stage, { timeoutMs: 1_000 });
    await stage.clock.advance(1_000);
    // 800 ms of 1,000 are the first one's; 200 are too few for the second.
    expect(times(asked)).toEqual([["a", "attempt_timeout", 800]]);
    expect(asked.failure?.error.code).toBe("deadline_exceeded");
    expect(asked.events.map(({ type }) => type)).not.toContain("failover");
  });

  it("a provider's own cap ends its attempt and leaves the rest to the next one", async () => {
    const entries = { a: { timeouts: { attempt: "100ms" } } };
    const stage = await fakeStage({ a: [silent], b: [good] }, { entries });
    const asked = ask(stage);
    await stage.clock.advance(100);
    await asked.done;
    expect(times(asked)?.[0]).toEqual(["a", "attempt_timeout", 100]);
    expect(asked.text).toBe("hello");
  });

  it("connecting gets half a slice, at most a second, at most the entry's own limit (DL-4)", async () => {
    const entries = { c: { timeouts: { connect: "300ms" } } };
    const stage = await fakeStage({ a: [fails(500)], b: [fails(500)], c: [fails(500)] }, { entries });
    await ask(stage).done;
    const limit = (id: string) => stage.provider[id]?.calls[0]?.exchange.connectTimeoutMs;
    expect([limit("a"), limit("b"), limit("c")]).toEqual([1_000, 1_000, 300]);
    await ask(stage, { timeoutMs: 1_000 }).done;
    expect(stage.provider.a?.calls[1]?.exchange.connectTimeoutMs).toBe(400);
  });
});

describe("the deadline (DL-1, DL-2)", () => {
  it("reaches to the last byte of a buffered answer, however many bytes keep coming", async () => {
    const drip = Array.from({ length: 100 }, () => [100, " "]).flat();
    const stage = await fakeStage({ a: [paced(...drip)] });
    const asked = ask(stage, { stream: false });
    await stage.clock.advance(5_000);
    expect(times(asked)).toEqual([["a", "deadline_exceeded", 5_000]]);
    expect(stage.clock.pending).toBe(0);
  });

  it("reaches to the first token of a stream, and no further", async () => {
    const stage = await fakeStage({ a: [paced(4_900, delta("a"), 4_900, delta("b"), ...DONE)] });
    const asked = ask(stage);
    await stage.clock.advance(10_000);
    expect(asked.result).toMatchObject({ text: "ab", timing: { firstTokenMs: 4_900, totalMs: 9_800 } });
  });

  it("reaches over reasoning that nobody is shown", async () => {
    const thinking = { type: "reasoning", text: "hm" } as const;
    const script = { a: [paced(4_000, thinking, 2_000, delta("a"), ...DONE)] };
    const hidden = await fakeStage(script);
    const asked = ask(hidden);
    await hidden.clock.advance(6_000);
    expect(asked.failure?.error.code).toBe("deadline_exceeded");
    const shown = await fakeStage(script);
    const seen = ask(shown, { showReasoning: true });
    await shown.clock.advance(6_000);
    expect([seen.result?.text, seen.result?.timing.firstTokenMs]).toEqual(["a", 4_000]);
  });

  it("is the whole stream's under timeouts.strict", async () => {
    const stage = await fakeStage(
      { a: [paced(4_000, delta("a"), 500, delta("b"), FOREVER)], b: [good] },
      { timeouts: { strict: true } },
    );
    const asked = ask(stage, { route: { model: "a/m" } });
    await stage.clock.advance(4_999);
    expect(asked.failure).toBeUndefined();
    await stage.clock.advance(1);
    expect(asked.failure).toMatchObject({ partialText: "ab", error: { code: "deadline_exceeded", exit: 6 } });
  });

  it("is the call's, else the alias's, else the installation's", async () => {
    const tree = {
      timeouts: { completion: "3s" },
      models: { default: { targets: ["a/m"], timeouts: { completion: "2s" } } },
    };
    const stage = await fakeStage({ a: [silent] }, tree);
    const runs = [
      ask(stage, { timeoutMs: 1_000 }),
      ask(stage),
      ask(stage, { route: { model: "a/m" } }),
    ] as const;
    await stage.clock.advance(3_000);
    expect(runs.map((run) => run.failure?.attempts[0]?.ms)).toEqual([1_000, 2_000, 3_000]);
  });

  it("may not be above timeouts.max", async () => {
    const asked = ask(await fakeStage({ a: [good] }), { timeoutMs: 600_001 });
    await asked.done;
    expect(asked.failure?.error).toMatchObject({ code: "usage", exit: 2 });
  });
});

describe("first_token", () => {
  const slow = paced(600, delta("late"), ...DONE);
  it("bounds a streamed attempt below its slice", async () => {
    const entries = { a: { timeouts: { first_token: "500ms" } } };
    const stage = await fakeStage({ a: [slow], b: [good] }, { entries });
    const asked = ask(stage);
    await stage.clock.advance(500);
    await asked.done;
    expect(times(asked)?.[0]).toEqual(["a", "attempt_timeout", 500]);
    expect(asked.text).toBe("hello");
  });

  it("does not concern a buffered answer", async () => {
    const entries = { a: { timeouts: { first_token: "500ms" } } };
    const stage = await fakeStage({ a: [delayed(600, good)] }, { entries });
    const asked = ask(stage, { stream: false });
    await stage.clock.advance(600);
    expect(asked.result?.text).toBe("hello");
  });
});

describe("a stream after its first token", () => {
  it("that is silent for stream_idle ends as stream_idle, with what there was", async () => {
    const stage = await fakeStage({ a: [paced(delta("par"), FOREVER)], b: [good] });
    const asked = ask(stage, { streamRecovery: "off" });
    await stage.clock.advance(4_999);
    expect(asked.failure).toBeUndefined();
    await stage.clock.advance(1);
    expect(asked.failure).toMatchObject({ partialText: "par", error: { code: "stream_idle", exit: 6 } });
    expect([stage.provider.a?.open, stage.provider.b?.calls.length]).toEqual([0, 0]);
  });

  it("is not silent while any bytes come, such as pings", async () => {
    const pings = Array.from({ length: 5 }, () => [4_000, "\n"]).flat();
    const stage = await fakeStage({ a: [paced(delta("a"), ...pings, delta("b"), ...DONE)] });
    const asked = ask(stage);
    await stage.clock.advance(20_000);
    expect(asked.result?.text).toBe("ab");
  });

  it("is not silent while its reader takes time", async () => {
    const stage = await fakeStage({ a: [paced(delta("a"), delta("b"), 4_000, delta("c"), ...DONE)] });
    const asked = ask(stage, {
      onEvent: ({ type }) => (type === "delta" ? stage.clock.sleep(60_000) : undefined),
    });
    await stage.clock.advance(190_000);
    expect(asked.result?.text).toBe("abc");
  });

  it("ends at stream_max although bytes keep coming", async () => {
    const drip = Array.from({ length: 2_000 }, () => [300, " "]).flat();
    const stage = await fakeStage({ a: [paced(delta("a"), ...drip)] });
    const asked = ask(stage);
    await stage.clock.advance(299_999);
    expect(asked.failure).toBeUndefined();
    await stage.clock.advance(1);
    expect(asked.failure?.error).toMatchObject({ code: "stream_max", exit: 6 });
    expect(stage.clock.pending).toBe(0);
  });

  it("that is whole already is not spoilt by silence", async () => {
    const whole = paced(delta("all"), { type: "finish", finish: "stop" }, { type: "terminal" }, FOREVER);
    const stage = await fakeStage({ a: [whole] });
    const asked = ask(stage);
    await stage.clock.advance(5_000);
    expect([asked.result?.text, stage.provider.a?.open]).toEqual(["all", 0]);
  });
});

describe("the record of an attempt (AT-11)", () => {
  const AMBIGUOUS: readonly (readonly [string, Step, boolean])[] = [
    ["an answer", good, false],
    ["a refused connection", refuses("connect_failed"), false],
    ["a status", fails(500), false],
    ["a missing credential", refuses("secret_missing"), false],
    ["a request that could not be written", refuses("invalid_request"), false],
    ["a cut connection", refuses("protocol_error"), true],
    ["silence", silent, true],
    ["a stream without its end", streams([delta("x")]), true],
  ];
  it.each(AMBIGUOUS)("after %s says whether it is ambiguous (AT-8)", async (_name, step, ambiguous) => {
    const stage = await fakeStage({ a: [step] });
    const asked = ask(stage);
    await stage.clock.advance(5_000);
    expect((asked.result ?? asked.failure)?.attempts).toMatchObject([{ n: 1, kind: "try", ambiguous }]);
  });

  it("has status, wait, code, message and time", async () => {
    const stage = await fakeStage({
      a: [delayed(120, fails(429, "slow down", { "retry-after": "7" }))],
      b: [good],
    });
    const asked = ask(stage);
    await stage.clock.advance(200);
    expect(asked.result?.attempts).toMatchObject([
      {
        n: 1,
        provider: "a",
        model: "m",
        outcome: "error",
        code: "rate_limited",
        message: "slow down",
        status: 429,
        retryAfterMs: 7_000,
        ms: 120,
      },
      { n: 2, provider: "b", outcome: "ok", code: null, message: null, status: null },
    ]);
  });
});
