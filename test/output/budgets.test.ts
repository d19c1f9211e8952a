import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { BudgetRule } from "../../src/core/budget.ts";
import { type BudgetState, budgetDocument, budgetTable, levelOf, stateOf } from "../../src/output/budgets.ts";

const RULE: BudgetRule = {
  ...{ tenant: "acme", period: "month", limitNano: 50_000_000_000, thresholds: [0.5, 0.8, 0.9, 1] },
  degradeTo: null,
};
const AT = Date.parse("2026-11-20T12:00:00Z");
const state = (spentNano: number, more: Partial<BudgetState> = {}): BudgetState => ({
  ...{ rule: RULE, spentNano, heldNano: 0, atMs: AT },
  ...more,
});

describe("a budget's state", () => {
  it.each([
    [39_999_999_999, "ok", [0.5]],
    [40_000_000_000, "warn", [0.5, 0.8]],
    [49_999_999_999, "warn", [0.5, 0.8, 0.9]],
    [50_000_000_000, "exceeded", [0.5, 0.8, 0.9, 1]],
  ])("is exact to the nano-dollar: %d of 50 billion is %s", (spentNano, level, crossed) => {
    expect(budgetDocument(state(spentNano))).toMatchObject({ state: level, crossed });
  });

  it("is never below what was spent, at any amount a ledger can hold (LG-1)", () => {
    const nano = fc.maxSafeNat();
    fc.assert(
      fc.property(nano, nano, fc.integer({ min: 1, max: 1_000_000 }), (spent, limit, share) => {
        const level = levelOf(spent, limit, BigInt(share));
        expect(level === "exceeded").toBe(spent >= limit);
        if (level === "ok") expect(BigInt(spent) * 1_000_000n < BigInt(limit) * BigInt(share)).toBe(true);
      }),
    );
  });

  it("warns nobody before 0.8 where there are no thresholds, as an hour's cost has none", () => {
    const rule: BudgetRule = { ...RULE, thresholds: [] };
    expect([39_999_999_999, 40_000_000_000].map((spentNano) => stateOf({ rule, spentNano }))).toEqual([
      "ok",
      "warn",
    ]);
  });
});

describe("a budget in a document", () => {
  it("names its period in UTC and never less than nothing left", () => {
    expect(budgetDocument(state(60_000_000_000, { heldNano: 1_500 }))).toEqual({
      ...{ scope: "tenant", tenant: "acme", period: "month", limit_usd: "50", spent_usd: "60" },
      ...{ reserved_usd: "0.0000015", remaining_usd: "0", used: 1.2, thresholds: [0.5, 0.8, 0.9, 1] },
      ...{ crossed: [0.5, 0.8, 0.9, 1], on_exceeded: "reject", state: "exceeded" },
      ...{ window_start: "2026-11-01T00:00:00Z", resets_at: "2026-12-01T00:00:00Z" },
    });
  });

  it("has no share of a limit of nothing, which is exceeded before the first request", () => {
    const rule: BudgetRule = { ...RULE, tenant: null, limitNano: 0, degradeTo: "cheap" };
    expect(budgetDocument(state(0, { rule }))).toMatchObject({
      ...{ scope: "global", tenant: null, used: null, remaining_usd: "0", state: "exceeded" },
      on_exceeded: "degrade:cheap",
    });
  });
});

describe("the table of budgets", () => {
  it("draws a bar only in the room a terminal leaves, full at the limit and beyond", () => {
    const states = [state(60_000_000_000), state(1_000_000_000)];
    const heads = budgetTable(states).columns.length;
    const wide = budgetTable(states, { ascii: true, width: 120 });
    expect(wide.columns).toHaveLength(heads + 1);
    expect(wide.rows.map((row) => row.at(-1))).toEqual(["#".repeat(24), "#"]);
    expect(budgetTable(states, { ascii: true, width: 60 }).columns).toHaveLength(heads);
  });
});
