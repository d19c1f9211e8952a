import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { crossedThresholds } from "../../src/admission/alerts.ts";
import { MAX_NANO } from "../../src/core/money.ts";
import { budget, USD } from "./cases.ts";

describe("thresholds of a budget (LG-13)", () => {
  it.each([
    ["below the first", 0, 24.99 * USD, []],
    ["exactly at one", 0, 25 * USD, [0.5]],
    ["from one that was reached", 25 * USD, 39.999_999_999 * USD, []],
    ["exactly at 80 %", 39 * USD, 40 * USD, [0.8]],
    ["over several at once", 10 * USD, 46 * USD, [0.5, 0.8, 0.9]],
    ["over the limit", 46 * USD, 51 * USD, [1]],
    ["beyond the limit", 51 * USD, 60 * USD, []],
    ["downwards", 45 * USD, 0, []],
  ])("%s", (_name, before, after, crossed) => {
    expect(crossedThresholds(budget(), before, after)).toEqual(crossed);
  });

  it.each([
    [0.1, 3 * USD, 300_000_000],
    [0.7, 10 * USD, 7 * USD],
    [0.29, 100 * USD, 29 * USD],
    [0.57, 100 * USD, 57 * USD],
    // Times a billion this is a little less than a whole number in floating point.
    [0.0157, 10 * USD, 157_000_000],
    [1e-7, 10 * USD, 1_000],
    [1, MAX_NANO, MAX_NANO],
  ])("is exact at a share of %d of %i", (threshold, limitNano, reachedNano) => {
    const rule = budget({ thresholds: [threshold], limitNano });
    expect(crossedThresholds(rule, 0, reachedNano - 1)).toEqual([]);
    expect(crossedThresholds(rule, 0, reachedNano)).toEqual([threshold]);
    expect(crossedThresholds(rule, reachedNano - 1, reachedNano)).toEqual([threshold]);
    expect(crossedThresholds(rule, reachedNano, reachedNano + 1)).toEqual([]);
  });

  it("has none to cross where the budget is nothing", () => {
    expect(crossedThresholds(budget({ limitNano: 0 }), 0, USD)).toEqual([]);
  });

  it("reads a share in billionths, so that no rounding of a float comes before the threshold or after it", () => {
    const share = 0.1 + 0.2;
    const thresholds = { ...budget(), thresholds: [share], limitNano: 10 };
    expect(crossedThresholds(thresholds, 0, 2)).toEqual([]);
    expect(crossedThresholds(thresholds, 2, 3)).toEqual([share]);
  });

  it("crosses each level exactly once on any way up", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 20 * USD }), { maxLength: 30 }), (costs) => {
        let spentNano = 0;
        const crossed = costs.flatMap((cost) => {
          const before = spentNano;
          spentNano += cost;
          return crossedThresholds(budget(), before, spentNano);
        });
        expect(crossed).toEqual(crossedThresholds(budget(), 0, spentNano));
      }),
    );
  });
});
