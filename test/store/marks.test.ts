import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { BudgetRule } from "../../src/core/budget.ts";
import type { Charge } from "../../src/ledger/settlement.ts";
import { raiseAlerts } from "../../src/store/alerts.ts";
import { isSuspended, readSuspensions, resetBudgets, resume, suspend } from "../../src/store/marks.ts";
import { settleNow } from "../../src/store/settle.ts";
import { spendOf } from "../../src/store/spends.ts";
import { verifyLedger } from "../../src/store/verify.ts";
import { openSeedLedger, seedOperations } from "../helpers/ledger-seed.ts";

let ledger: Awaited<ReturnType<typeof openSeedLedger>>;
beforeEach(async () => {
  ledger = await openSeedLedger();
});
afterEach(() => ledger.close());

const NOON = Date.parse("2026-11-20T12:00:00Z");
const MINUTE = 60_000;
const PERIODS = ["hour", "day", "week", "month", "30d"] as const;
const budget = (tenant: string | null, period: BudgetRule["period"] = "month"): BudgetRule => ({
  ...{ tenant, period, limitNano: 100, thresholds: [0.5], degradeTo: null },
});
const spent = (tenant: string | null, period: BudgetRule["period"] = "month", atMs = NOON) =>
  spendOf(ledger.database, budget(tenant, period), atMs).spentNano;

interface Seed {
  readonly tenant?: string;
  readonly id?: string;
  readonly startedMs?: number;
}
const spend = (costNano: number, seed: Seed = {}) =>
  seedOperations(ledger.database, [
    { tenant: "acme", startedMs: NOON, attempts: [{ provider: "p", model: "m", costNano }], ...seed },
  ]);

/** An operation whose process died: its whole reservation is booked, less than a second later. */
async function lose(id: string, costNano: number): Promise<void> {
  await seedOperations(ledger.database, [
    {
      ...{ id, tenant: "acme", startedMs: NOON, outcome: "unreconciled" },
      attempts: [{ provider: "p", model: "m", source: "unreconciled", priceVersion: null, costNano }],
    },
  ]);
}

/** What the operation really cost becomes known. */
async function find(id: string, costNano: number): Promise<void> {
  const charge: Charge = {
    ...{ inputTokens: 1, cacheReadTokens: 0, cacheWriteTokens: 0, outputTokens: 1, reasoningTokens: 0 },
    source: "reported",
    ...{ note: null, costNano, priceVersion: "test" },
  };
  await ledger.database.transact(() =>
    settleNow(
      ledger.database,
      {
        operation: {
          ...{ id, tenant: "acme", requestedModel: "m", alias: null, class: "completion", dialect: "cli" },
          ...{ strategy: "sequential", configRevision: "r", generation: 0, idempotencyKey: null },
          ...{ stream: false, via: "in-process", tags: {}, startedMs: NOON },
        },
        ...{ outcome: "ok", code: null, endedMs: NOON, firstTokenMs: null, winner: 1 },
        attempts: [
          {
            ...{ n: 1, provider: "p", model: "m", kind: "try", outcome: "ok", code: null, status: 200 },
            ...{ providerRequestId: null, endpoint: "e", trial: false, effect: "success", holdUntilMs: null },
            ambiguous: false,
            ...{ startedMs: NOON, firstTokenMs: null, endedMs: NOON, charge },
          },
        ],
        ...{ decision: { order: [], skipped: [] }, budgets: [], tokensPerMinute: null },
      },
      NOON,
    ),
  );
}

describe("an operator's suspension", () => {
  it("holds until it is taken back, and says whether it changed anything", async () => {
    const { database } = ledger;
    expect(isSuspended(database, "acme")).toBe(false);
    expect(await suspend(database, "acme", NOON)).toBe(true);
    expect(await suspend(database, "acme", NOON + 1)).toBe(false);
    expect(isSuspended(database, "acme")).toBe(true);
    expect(isSuspended(database, "acm")).toBe(false);
    expect([...readSuspensions(database)]).toEqual([["acme", NOON]]);
    expect(await resume(database, "acme")).toBe(true);
    expect(await resume(database, "acme")).toBe(false);
    expect(isSuspended(database, "acme")).toBe(false);
  });
});

describe("a reset of budgets", () => {
  it("lets every period of the scope begin anew, and leaves other scopes and the reports as they are", async () => {
    await spend(60, { startedMs: NOON - 3 * 86_400_000 });
    await spend(40);
    await spend(7, { tenant: "other" });
    await resetBudgets(ledger.database, "acme", NOON);
    expect(PERIODS.map((period) => spent("acme", period))).toEqual([0, 0, 0, 0, 0]);
    expect([spent("other"), spent(null)]).toEqual([7, 107]);
    await spend(5);
    expect(PERIODS.map((period) => spent("acme", period))).toEqual([5, 5, 5, 5, 5]);
    expect(verifyLedger(ledger.database).differences).toEqual([]);
    await resetBudgets(ledger.database, null, NOON);
    expect([spent(null), spent("acme"), spent("other")]).toEqual([0, 5, 7]);
  });

  it("lets alerts of the scope fire again (LG-13)", async () => {
    const raise = () =>
      ledger.database.transact(() =>
        [budget("acme"), budget(null)].flatMap((rule) =>
          raiseAlerts(ledger.database, [rule], { costNano: 60, atMs: NOON, nowMs: NOON }),
        ),
      );
    await spend(60);
    expect((await raise()).map(({ budget: { tenant } }) => tenant)).toEqual(["acme", null]);
    expect(await raise()).toEqual([]);
    await resetBudgets(ledger.database, "acme", NOON + 1);
    await spend(60);
    const again = await ledger.database.transact(() =>
      raiseAlerts(ledger.database, [budget("acme")], { costNano: 60, atMs: NOON, nowMs: NOON + 2 }),
    );
    expect(again).toHaveLength(1);
    const open = ledger.database.prepare("SELECT scope FROM alerts WHERE resolved IS NULL ORDER BY 1").all();
    expect(open).toMatchObject([{ scope: "" }, { scope: "acme" }]);
  });

  it("hides nothing that is spent after it when a lost operation from before turns out cheaper", async () => {
    await lose("rq_lost", 90);
    await resetBudgets(ledger.database, "acme", NOON + MINUTE);
    expect(spent("acme")).toBe(0);
    await spend(30);
    await find("rq_lost", 2);
    // The two are counted anew rather than the thirty hidden.
    expect(PERIODS.map((period) => spent("acme", period))).toEqual([32, 32, 32, 32, 32]);
    expect(spent(null)).toBe(32);
  });

  it("forgives what it forgave when an operation lost afterwards turns out cheaper", async () => {
    await spend(50);
    await resetBudgets(ledger.database, "acme", NOON - MINUTE);
    await lose("rq_lost", 90);
    expect(spent("acme")).toBe(90);
    await find("rq_lost", 2);
    expect(spent("acme")).toBe(2);
  });

  it("never makes a spend negative", async () => {
    await spend(50);
    await resetBudgets(ledger.database, "acme", NOON);
    ledger.database.prepare("UPDATE windows SET spent_nano = spent_nano - 20 WHERE scope = 'acme'").run();
    await spend(9, { startedMs: NOON - 2 * 86_400_000 });
    expect([spent("acme"), spent("acme", "day")]).toEqual([9, 0]);
  });
});
