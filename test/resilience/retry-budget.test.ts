import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createRetryBudget } from "../../src/resilience/retry-budget.ts";

const OPTIONS = { ratio: 0.2, floor: 10 };

/** How many of so many tries were given. */
function spent(budget: ReturnType<typeof createRetryBudget>, tries: number, nowMs: number): number {
  return Array.from({ length: tries }, () => budget.spend(nowMs)).filter(Boolean).length;
}

function admitted(count: number, nowMs = 0, options = OPTIONS) {
  const budget = createRetryBudget(options);
  for (let time = 0; time < count; time += 1) budget.admitted(nowMs);
  return budget;
}

const recent = (times: readonly number[], nowMs: number) =>
  times.filter((atMs) => atMs > nowMs - 10_000).length;

describe("the retry budget (AT-7)", () => {
  it.each([
    [0, 10],
    [4, 10],
    [5, 11],
    [9, 11],
    [10, 12],
    [15, 13],
    [1_000, 210],
  ])("after %i operations is %i", (operations, expected) => {
    expect(spent(admitted(operations), 1_000, 0)).toBe(expected);
  });

  it.each([
    [0, 0, 100, 0],
    [0, 3, 100, 3],
    [1, 0, 7, 7],
    [0.1, 0, 30, 3],
    [0.07, 0, 100, 7],
  ])(
    "with a ratio of %f and a floor of %i after %i operations is %i",
    (ratio, floor, operations, expected) => {
      expect(spent(admitted(operations, 0, { ratio, floor }), 1_000, 0)).toBe(expected);
    },
  );

  it("is what it is configured to be by now", () => {
    const options = { ratio: 0, floor: 1 };
    const budget = admitted(10, 0, options);
    expect(spent(budget, 9, 0)).toBe(1);
    Object.assign(options, { ratio: 0.2, floor: 2 });
    expect(spent(budget, 9, 0)).toBe(3);
  });

  it("takes nothing when it is spent, so that what comes back is there for the next", () => {
    const budget = admitted(0);
    expect(spent(budget, 10_000, 0)).toBe(10);
    for (let time = 0; time < 5; time += 1) budget.admitted(0);
    expect(spent(budget, 10, 0)).toBe(1);
  });

  it("counts what was spent for 10 s", () => {
    const budget = admitted(0);
    spent(budget, 10, 0);
    expect(budget.spend(9_999)).toBe(false);
    expect(spent(budget, 100, 10_100)).toBe(10);
  });

  it("counts an operation for less than 10 s, but for more than 9.9", () => {
    expect(spent(admitted(100, 99), 1_000, 9_999)).toBe(30);
    expect(spent(admitted(100), 1_000, 10_000)).toBe(10);
  });

  it("does not remember anything after a long silence", () => {
    const budget = admitted(500, 50);
    spent(budget, 500, 100);
    expect(spent(budget, 500, 1e9)).toBe(10);
  });

  it("gives in no 10 s more than a fifth of the operations of the 10 s before, and ten", () => {
    const event = fc.record({ gapMs: fc.nat(600), operations: fc.nat(6), tries: fc.nat(6) });
    fc.assert(
      fc.property(fc.array(event, { minLength: 20, maxLength: 80, size: "max" }), (events) => {
        const budget = createRetryBudget(OPTIONS);
        const operations: number[] = [];
        const given: number[] = [];
        let nowMs = 12_345;
        for (const { gapMs, operations: count, tries } of events) {
          nowMs += gapMs;
          for (let time = 0; time < count; time += 1) budget.admitted(nowMs);
          operations.push(...Array.from({ length: count }, () => nowMs));
          const granted = spent(budget, tries, nowMs);
          given.push(...Array.from({ length: granted }, () => nowMs));
          if (granted > 0)
            expect(recent(given, nowMs)).toBeLessThanOrEqual(10 + recent(operations, nowMs) / 5);
        }
      }),
      { numRuns: 100 },
    );
  });
});
