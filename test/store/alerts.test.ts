import { afterEach, beforeEach, expect, it } from "vitest";
import type { BudgetRule } from "../../src/core/budget.ts";
import { raiseAlerts } from "../../src/store/alerts.ts";
import { resetBudgets } from "../../src/store/marks.ts";
import { openSeedLedger, seedOperations } from "../helpers/ledger-seed.ts";

let ledger: Awaited<ReturnType<typeof openSeedLedger>>;
beforeEach(async () => {
  ledger = await openSeedLedger();
});
afterEach(() => ledger.close());

const NOON = Date.parse("2026-11-20T12:00:00Z");
const budget = (limitNano: number): BudgetRule => ({
  ...{ tenant: "acme", period: "30d", limitNano, thresholds: [0.5], degradeTo: null },
});

/** What is told when an operation of this cost is booked at the moment. */
async function told(budgets: readonly BudgetRule[], costNano: number, nowMs = NOON): Promise<number[]> {
  const attempts = [{ provider: "p", model: "m", costNano }];
  await seedOperations(ledger.database, [{ tenant: "acme", startedMs: NOON, attempts }]);
  const raised = await ledger.database.transact(() =>
    raiseAlerts(ledger.database, budgets, { costNano, atMs: NOON, nowMs }),
  );
  return raised.map(({ budget: { limitNano } }) => limitNano);
}

const open = () =>
  ledger.database.prepare("SELECT threshold FROM alerts WHERE resolved IS NULL").all().length;

it("are of one level for two rolling budgets of one period that reach it at once", async () => {
  expect(await told([budget(100), budget(120)], 70)).toEqual([100]);
  expect(open()).toBe(1);
});

it("fire again where the budgets are reset in the very moment of the last one", async () => {
  expect(await told([budget(100)], 70)).toEqual([100]);
  await resetBudgets(ledger.database, "acme", NOON);
  expect(open()).toBe(0);
  expect(await told([budget(100)], 60)).toEqual([100]);
  expect(open()).toBe(1);
});

it("of a rolling period fire again at each later crossing", async () => {
  expect(await told([budget(100)], 70)).toEqual([100]);
  await resetBudgets(ledger.database, "acme", NOON + 1);
  expect(await told([budget(100)], 60, NOON + 2)).toEqual([100]);
  expect(open()).toBe(1);
});
