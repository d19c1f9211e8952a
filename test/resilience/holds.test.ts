import { describe, expect, it } from "vitest";
import { ERRORS, type ErrorCode } from "../../src/core/errors.ts";
import { seededRandom } from "../../src/core/random.ts";
import { createHolds, type Holds } from "../../src/resilience/holds.ts";

/** Half way: a wait of unknown length is neither stretched nor cut. */
const MIDDLE = () => 0.5;

const ask = (code: ErrorCode, retryAfterMs?: number, nowMs = 0) => ({
  ...{ provider: "a", model: "m", code, retryAfterMs, nowMs },
});
const refusedForRate = (holds: Holds, times: number) =>
  Array.from({ length: times }, () => holds.hold(ask("rate_limited")));

describe("the length of a hold (HO-3)", () => {
  it.each([
    ["rate_limited", 7_000, 7_000],
    ["rate_limited", undefined, 1_000],
    ["overloaded", 7_000, 7_000],
    ["overloaded", undefined, null],
    ["auth_failed", undefined, 60_000],
    ["auth_failed", 5_000, 60_000],
    ["quota_exhausted", undefined, 60_000],
    ["quota_exhausted", 5_000, 60_000],
    ["quota_exhausted", 90_000, 90_000],
    ["model_not_found", undefined, 60_000],
    ["provider_error", 7_000, null],
    ["attempt_timeout", undefined, null],
    ["cancelled", undefined, null],
  ] as const)("after %s with Retry-After %s is %s", (code, retryAfterMs, expected) => {
    expect(createHolds(MIDDLE).hold(ask(code, retryAfterMs))).toBe(expected);
  });

  it("comes only after the five codes that ask for one", () => {
    const codes = Object.keys(ERRORS) as ErrorCode[]; // The table's own keys.
    const holding = codes.filter((code) => createHolds(MIDDLE).hold(ask(code, 1_000)) !== null);
    expect(holding.sort()).toEqual([
      "auth_failed",
      "model_not_found",
      "overloaded",
      "quota_exhausted",
      "rate_limited",
    ]);
  });

  it.each([0, -1, -60_000, Number.NaN])("after %s ms is that of an unknown one (HO-2)", (retryAfterMs) => {
    expect(createHolds(MIDDLE).hold(ask("rate_limited", retryAfterMs))).toBe(1_000);
    expect(createHolds(MIDDLE).hold(ask("overloaded", retryAfterMs))).toBeNull();
  });

  it("is cut to an hour (HO-2)", () => {
    expect(createHolds(MIDDLE).hold(ask("rate_limited", 10 * 365 * 86_400_000))).toBe(3_600_000);
    expect(createHolds(MIDDLE).hold(ask("overloaded", Number.POSITIVE_INFINITY))).toBe(3_600_000);
  });

  it("begins at the moment of the refusal", () => {
    expect(createHolds(MIDDLE).hold(ask("rate_limited", 500, 12_000))).toBe(12_500);
  });
});

describe("waits of unknown length (HO-3)", () => {
  it("double with each refusal in a row, up to 30 s", () => {
    const waits = refusedForRate(createHolds(MIDDLE), 8);
    expect(waits).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
  });

  it("stay at 30 s after a thousand refusals", () => {
    expect(refusedForRate(createHolds(MIDDLE), 2_000).at(-1)).toBe(30_000);
  });

  it("are spread by 20 % either way", () => {
    expect(createHolds(() => 0).hold(ask("rate_limited"))).toBe(800);
    expect(createHolds(() => 1 - 2 ** -32).hold(ask("rate_limited"))).toBe(1_200);
    const random = seededRandom(1);
    const waits = Array.from({ length: 500 }, () => createHolds(random).hold(ask("rate_limited")) ?? 0);
    expect(Math.min(...waits)).toBeGreaterThanOrEqual(800);
    expect(Math.max(...waits)).toBeLessThanOrEqual(1_200);
    expect(new Set(waits).size).toBeGreaterThan(100);
  });

  it("begin anew after a success of that provider, not of another", () => {
    const holds = createHolds(MIDDLE);
    refusedForRate(holds, 3);
    holds.succeeded("b");
    expect(holds.hold(ask("rate_limited"))).toBe(8_000);
    holds.succeeded("a");
    expect(holds.hold(ask("rate_limited"))).toBe(1_000);
  });

  it("count refusals that said how long, too, and no other errors", () => {
    const holds = createHolds(MIDDLE);
    holds.hold(ask("rate_limited", 5_000));
    holds.hold(ask("overloaded", 5_000));
    expect(holds.hold(ask("rate_limited"))).toBe(2_000);
  });

  it("go on from the refusals that other processes noted", () => {
    const holds = createHolds(MIDDLE);
    holds.restoreStrikes("a", 3);
    expect(holds.hold(ask("rate_limited"))).toBe(8_000);
  });
});

describe("who is held (HO-4)", () => {
  it.each(["rate_limited", "overloaded", "auth_failed", "quota_exhausted"] as const)(
    "after %s the whole provider, until the end and not longer",
    (code) => {
      const holds = createHolds(MIDDLE);
      const untilMs = holds.hold(ask(code, 2_000)) ?? 0;
      expect(holds.look("a", "other", untilMs - 1)).toEqual({ untilMs, code });
      expect(holds.look("a", "m", untilMs)).toBeNull();
      expect(holds.look("b", "m", 0)).toBeNull();
    },
  );

  it("after model_not_found that model alone", () => {
    const holds = createHolds(MIDDLE);
    holds.hold(ask("model_not_found"));
    expect(holds.look("a", "m", 59_999)).toEqual({ untilMs: 60_000, code: "model_not_found" });
    expect(holds.look("a", "m", 60_000)).toBeNull();
    expect(holds.look("a", "other", 0)).toBeNull();
    holds.hold({ ...ask("model_not_found"), model: "other", nowMs: 59_000 });
    expect(holds.look("a", "m", 59_999)).not.toBeNull();
  });

  it("by the later of the provider's and the model's hold", () => {
    const holds = createHolds(MIDDLE);
    holds.hold(ask("model_not_found"));
    holds.hold(ask("rate_limited", 90_000));
    expect(holds.look("a", "m", 0)?.code).toBe("rate_limited");
    holds.hold({ ...ask("model_not_found"), nowMs: 50_000 });
    expect(holds.look("a", "m", 50_000)).toEqual({ untilMs: 110_000, code: "model_not_found" });
    expect(holds.look("a", "other", 50_000)).toEqual({ untilMs: 90_000, code: "rate_limited" });
  });

  it("never for a shorter time because a shorter hold came after a longer one", () => {
    const holds = createHolds(MIDDLE);
    holds.hold(ask("rate_limited", 60_000));
    expect(holds.hold(ask("rate_limited", 1_000))).toBe(1_000);
    expect(holds.look("a", "m", 1_000)?.untilMs).toBe(60_000);
  });

  it("as other processes noted it", () => {
    const holds = createHolds(MIDDLE);
    holds.restore({ provider: "a", model: "m", code: "model_not_found", untilMs: 10 });
    holds.restore({ provider: "b", model: "m", code: "quota_exhausted", untilMs: 20 });
    expect([holds.look("a", "m", 0)?.untilMs, holds.look("a", "other", 0)]).toEqual([10, null]);
    expect(holds.look("b", "other", 0)?.untilMs).toBe(20);
  });

  it("no more after a reset, which forgets the refusals as well (CB-10)", () => {
    const holds = createHolds(MIDDLE);
    refusedForRate(holds, 3);
    holds.hold(ask("model_not_found"));
    holds.clear("a");
    expect(holds.look("a", "m", 0)).toBeNull();
    expect(holds.hold(ask("rate_limited"))).toBe(1_000);
  });
});
