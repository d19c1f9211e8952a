import { describe, expect, it } from "vitest";
import { type ErrorFacts, RiptideError } from "../../src/core/errors.ts";
import type { JsonObject } from "../../src/core/json.ts";
import { type Closed, type Guard, openGuard } from "../../src/engine/guard.ts";
import { type AskOptions, ask } from "../helpers/ask.ts";
import { answers, delayed, fails, fakeStage, type Step, silent } from "../helpers/fake-provider.ts";

const good = answers("hello");
const breaks =
  (facts: ErrorFacts): Step =>
  () =>
    Promise.reject(new RiptideError("protocol_error", "cut", facts));
const cut = breaks({ action: "repair", phase: "body" });
const stale = breaks({ action: "repair", phase: "headers", connectionReused: true });
const waits = (ms: number) => fails(429, "slow down", { "retry-after-ms": String(ms) });

type Scripts = Parameters<typeof fakeStage>[0];

/** A request that is carried through in virtual time. */
async function run(
  scripts: Scripts,
  failover: JsonObject = {},
  options: AskOptions & { guard?: Guard } = {},
) {
  const { guard = openGuard, ...rest } = options;
  const stage = await fakeStage(scripts, { failover });
  const asked = ask({ ...stage, guard, random: () => 0.4 }, rest);
  await stage.clock.advance(10_000);
  await asked.done;
  const { attempts = [] } = asked.result ?? asked.failure ?? {};
  return { asked, stage, attempts, steps: attempts.map(({ kind, provider }) => `${kind} ${provider}`) };
}

describe("repair: first (AT-3)", () => {
  it("asks the same provider once more after a short wait, then nobody else", async () => {
    const { asked, steps, stage } = await run({ a: [fails(500), good], b: [good] });
    expect([asked.text, steps]).toEqual(["hello", ["try a", "repair a"]]);
    expect(asked.result?.timing.totalMs).toBe(100);
    expect(asked.events.some(({ type }) => type === "failover")).toBe(false);
    expect(stage.provider.b?.calls ?? []).toHaveLength(0);
  });

  it("is made once for an operation, whoever fails (AT-2)", async () => {
    const { steps } = await run({ a: [cut], b: [cut], c: [good] });
    expect(steps).toEqual(["try a", "repair a", "try b", "try c"]);
  });

  it("waits exactly as long as it was told, and goes on when it is refused again", async () => {
    const once = await run({ a: [waits(1_000), good], b: [good] });
    expect([once.steps, once.asked.result?.timing.totalMs]).toEqual([["try a", "repair a"], 1_000]);
    const twice = await run({ a: [waits(1_000)], b: [good] });
    expect([twice.steps, twice.asked.result?.timing.totalMs]).toEqual([
      ["try a", "repair a", "try b"],
      1_000,
    ]);
  });

  it("does not wait for longer than half of what remains", async () => {
    const { steps, asked } = await run({ a: [waits(2_501), good], b: [good] });
    expect([steps, asked.result?.timing.totalMs]).toEqual([["try a", "try b"], 0]);
  });

  it("shares the deadline as the attempt before did (AT-5)", async () => {
    const { attempts } = await run({ a: [fails(500), silent], b: [good] });
    expect(attempts.map(({ kind, ms }) => [kind, ms])).toEqual([
      ["try", 0],
      ["repair", 2_940],
      ["try", 0],
    ]);
  });

  it("wants leave of its own from the breaker; without it the next one is asked (AT-5)", async () => {
    let entries = 0;
    const error = new RiptideError("circuit_open", "open");
    const closed: Closed = { reason: "circuit_open", error, untilMs: 9, untilWallMs: 9 };
    const enter: Guard["enter"] = (...given) => {
      entries += 1;
      return entries === 2 ? closed : openGuard.enter(...given);
    };
    const { steps, asked } = await run(
      { a: [fails(500), good], b: [good] },
      {},
      { guard: { ...openGuard, enter } },
    );
    expect([steps, asked.result?.skipped]).toEqual([["try a", "try b"], []]);
    expect(asked.events).toContainEqual(
      expect.objectContaining({
        type: "failover",
        from: { provider: "a", model: "m" },
        code: "provider_error",
      }),
    );
  });

  it("comes on top of max_attempts (AT-6)", async () => {
    const scripts = { a: [fails(500)], b: [fails(500)], c: [good] };
    const { steps } = await run(scripts, {}, { maxAttempts: 2 });
    expect(steps).toEqual(["try a", "repair a", "try b"]);
  });

  it("is not made where max_repair_attempts is 0", async () => {
    const stage = await fakeStage(
      { a: [fails(500), good], b: [good] },
      { failover: {}, circuit_breaker: { max_repair_attempts: 0 } },
    );
    const asked = ask(stage);
    await asked.done;
    expect(asked.tried).toEqual(["a provider_error", "b ok"]);
  });

  it("is not made after a timeout, nor with less than 800 ms left", async () => {
    expect((await run({ a: [silent], b: [good] })).steps).toEqual(["try a", "try b"]);
    const late = delayed(4_300, fails(500));
    expect((await run({ a: [late] })).steps).toEqual(["try a"]);
  });
});

describe("repair: last (AT-3)", () => {
  it("asks every other candidate first, then the first one that can be repaired", async () => {
    const scripts = { a: [cut, good], b: [fails(500)], c: [fails(401)] };
    const { asked, steps } = await run(scripts, { repair: "last" });
    expect([asked.text, steps]).toEqual(["hello", ["try a", "try b", "try c", "repair a"]]);
  });

  it("has no use for it when another one answers", async () => {
    expect((await run({ a: [cut, good], b: [good] }, { repair: "last" })).steps).toEqual(["try a", "try b"]);
  });

  it("keeps a part of the deadline for it (DL-3)", async () => {
    const { attempts } = await run({ a: [cut, good], b: [silent] }, { repair: "last" });
    expect(attempts.map(({ kind, ms }) => [kind, ms])).toEqual([
      ["try", 0],
      ["try", 3_000],
      ["repair", 0],
    ]);
  });
});

describe("a connection that had been given up (AT-4)", () => {
  it.each(["first", "last"])("is replaced at once under repair: %s", async (repair) => {
    const { asked, steps, stage } = await run({ a: [stale, good], b: [good] }, { repair });
    expect([steps, asked.result?.timing.totalMs]).toEqual([["try a", "repair a"], 0]);
    expect(stage.provider.a?.calls.map(({ exchange }) => exchange.fresh)).toEqual([false, true]);
  });
});

it("repair: never asks nobody twice", async () => {
  const { steps } = await run({ a: [stale, good], b: [cut], c: [good] }, { repair: "never" });
  expect(steps).toEqual(["try a", "try b", "try c"]);
});

describe("replay: never (AT-8)", () => {
  it("stops at an attempt that may have arrived, and says that it is one", async () => {
    const { attempts, asked } = await run({ a: [cut, good], b: [good] }, { replay: "never" });
    expect([attempts.length, attempts[0]?.ambiguous, asked.failure?.error.code]).toEqual([
      1,
      true,
      "protocol_error",
    ]);
  });

  it("goes on from one that was refused", async () => {
    const { steps } = await run({ a: [fails(429)], b: [good] }, { replay: "never" });
    expect(steps).toEqual(["try a", "try b"]);
  });
});

describe("the retry budget (AT-7)", () => {
  const poor = (times: number): Guard => {
    let left = times;
    return { ...openGuard, spendRetry: () => left-- > 0 };
  };

  it("is not needed for the first failover", async () => {
    const { steps } = await run({ a: [fails(500), good], b: [good] }, {}, { guard: poor(0) });
    expect(steps).toEqual(["try a", "try b"]);
  });

  it("ends the search with the last error where the second one finds it spent", async () => {
    const { steps, asked } = await run(
      { a: [fails(429)], b: [fails(503)], c: [good] },
      {},
      { guard: poor(0) },
    );
    expect(steps).toEqual(["try a", "try b"]);
    expect(asked.failure?.error).toMatchObject({ code: "overloaded", facts: { retryBudgetExhausted: true } });
  });

  it("is said to be spent where that alone kept the only provider from being asked again", async () => {
    const { steps, asked } = await run({ a: [fails(500), good] }, {}, { guard: poor(0) });
    expect([steps, asked.failure?.error.facts.retryBudgetExhausted]).toEqual([["try a"], true]);
  });

  it("counts every admitted operation", async () => {
    let admitted = 0;
    const count = () => {
      admitted += 1;
    };
    await run({ a: [good] }, {}, { guard: { ...openGuard, admitted: count } });
    expect(admitted).toBe(1);
  });
});

describe("candidates that are held (HO-5)", () => {
  const held = (until: Readonly<Record<string, number>>, clock: () => number): Guard["refusal"] => {
    return ({ provider }): Closed | null => {
      const untilMs = until[provider] ?? 0;
      if (clock() >= untilMs) return null;
      const error = new RiptideError("rate_limited", "held", { retryAfterMs: untilMs - clock() });
      return { reason: "held", error, untilMs, untilWallMs: untilMs };
    };
  };
  const all = async (until: Readonly<Record<string, number>>, repair = "first") => {
    const stage = await fakeStage({ a: [good], b: [good] }, { failover: { repair } });
    const asked = ask({ ...stage, guard: { ...openGuard, refusal: held(until, stage.clock.now) } });
    await stage.clock.advance(10_000);
    await asked.done;
    return asked;
  };

  it("are waited for once, the earliest, when that leaves half the time; it is the repair", async () => {
    const asked = await all({ a: 9_000, b: 2_500 });
    expect(asked.result?.attempts).toMatchObject([{ kind: "repair", provider: "b", outcome: "ok" }]);
    expect([asked.result?.timing.totalMs, asked.result?.skipped]).toMatchObject([2_500, [{ provider: "a" }]]);
  });

  it("fail at once as rate_limited with the earliest end, when it is later", async () => {
    const asked = await all({ a: 9_000, b: 2_501 });
    expect(asked.failure?.error).toMatchObject({
      code: "rate_limited",
      exit: 7,
      facts: { retryAfterMs: 2_501 },
    });
    expect(asked.failure?.skipped.map(({ reason }) => reason)).toEqual(["held", "held"]);
  });

  it("are not waited for under repair: never", async () => {
    expect((await all({ a: 100, b: 100 }, "never")).failure?.error.code).toBe("rate_limited");
  });

  it("are passed over while another one can be asked", async () => {
    const asked = await all({ a: 100 });
    expect([asked.tried, asked.result?.timing.totalMs]).toEqual([["b ok"], 0]);
  });
});
