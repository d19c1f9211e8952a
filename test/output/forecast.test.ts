import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { BudgetRule } from "../../src/core/budget.ts";
import { DAY_MS } from "../../src/core/period.ts";
import { budgetStates } from "../../src/output/budget-states.ts";
import { forecastDocument, forecastText, type SpendForecast } from "../../src/output/forecast.ts";
import { forecastBudgets, forecastPeriod } from "../../src/output/forecasts.ts";
import { openSeedLedger, seedOperations } from "../helpers/ledger-seed.ts";

let ledger: Awaited<ReturnType<typeof openSeedLedger>>;
beforeEach(async () => {
  ledger = await openSeedLedger();
});
afterEach(() => ledger.close());

/** Noon, with ten and a half days of the month to come. */
const NOW_MS = Date.parse("2026-11-20T12:00:00Z");
const TODAY_MS = Date.parse("2026-11-20T00:00:00Z");
const budget = (tenant: string | null, usd: number): BudgetRule => ({
  ...{ tenant, period: "month", limitNano: usd * 1e9, thresholds: [], degradeTo: null },
});

/** Tenant acme spends these dollars on the days up to today, the last of them today. */
async function spend(dollars: readonly number[], tenant = "acme") {
  const days = dollars.map((usd, at) => ({
    tenant,
    startedMs: TODAY_MS - (dollars.length - 1 - at) * DAY_MS + 1,
    attempts: usd === 0 ? [] : [{ provider: "p", model: "m", costNano: usd * 1e9 }],
  }));
  await seedOperations(ledger.database, days);
}

function forecast(tenant: string | null, rules: readonly BudgetRule[] = [], sinceMs?: number): SpendForecast {
  const words = { nowMs: NOW_MS, interval: 0.8, sinceMs };
  const { database } = ledger;
  return database.read(() => ({
    ...forecastPeriod({ tenant, period: "month" }, database, words),
    interval: 0.8,
    budgets: forecastBudgets(budgetStates(rules, database, NOW_MS), database, words),
  }));
}

const MEMBERS = [
  ...["schema", "tenant", "horizon", "until", "spent_usd", "mean_usd", "low_usd", "high_usd", "interval"],
  ...["method", "samples", "reason", "budgets"],
];

describe("a forecast of a ledger", () => {
  it("has no amounts and a reason before three whole days are known; today is none", async () => {
    await spend([1, 1, 5]);
    const found = forecast("acme", [budget("acme", 50)]);
    const document = forecastDocument(found);
    expect(Object.keys(document)).toEqual(MEMBERS);
    const nothing = { mean_usd: null, low_usd: null, high_usd: null };
    expect(document).toMatchObject({
      ...{ schema: "riptide.forecast/1", spent_usd: "7", method: null, samples: 2, ...nothing },
      reason: "spending is known of 2 whole days, and a forecast needs 3",
      budgets: [{ ...nothing, forecast_used: null, limit_usd: "50" }],
    });
    expect(forecastText(found)).toBe(
      [
        "tenant acme, month to 2026-12-01T00:00:00Z: $7.00 spent so far",
        "no forecast: spending is known of 2 whole days, and a forecast needs 3",
        "budget acme/month: no forecast\n",
      ].join("\n"),
    );
  });

  it("adds ten and a half mean days to what was spent, and stands beside the budgets", async () => {
    await spend([2, 2, 2, 1]);
    await spend([1, 1, 1, 1], "labs");
    const found = forecast(null, [budget(null, 40), budget("acme", 28), budget("labs", 1_000)]);
    expect(forecastDocument(found)).toMatchObject({
      ...{ tenant: null, horizon: "month", until: "2026-12-01T00:00:00Z", interval: 0.8, reason: null },
      // $11 and 10.5 days of $3.
      ...{
        spent_usd: "11",
        mean_usd: "42.5",
        low_usd: "42.5",
        high_usd: "42.5",
        method: "daily_run_rate",
        samples: 3,
      },
      budgets: [
        { scope: "global", mean_usd: "42.5", forecast_used: 1.0625 },
        { tenant: "acme", spent_usd: "7", mean_usd: "28", forecast_used: 1 },
        { tenant: "labs", mean_usd: "14.5", forecast_used: 0.0145 },
      ],
    });
    expect(forecastText(found)).toBe(
      [
        "all tenants, month to 2026-12-01T00:00:00Z: $11.00 spent so far",
        "forecast $42.50, $42.50 to $42.50 with 80% likelihood (from 3 whole days, by their mean)",
        "budget global/month: $42.50 of $40.00 (106.3%) by 2026-12-01T00:00:00Z, over it even at the low end",
        "budget acme/month: $28.00 of $28.00 (100.0%) by 2026-12-01T00:00:00Z, over it even at the low end",
        "budget labs/month: $14.50 of $1000.00 (1.5%) by 2026-12-01T00:00:00Z\n",
      ].join("\n"),
    );
  });

  it("counts days without spending, from the first with some", async () => {
    await spend([0, 6, 0, 0, 0]);
    expect(forecast("acme").forecast).toMatchObject({ samples: 3, meanNano: (6 + 10.5 * 2) * 1e9 });
  });

  it("looks no further back than it is told to", async () => {
    await spend([900, 1, 1, 1, 0]);
    const sinceMs = TODAY_MS - 3 * DAY_MS;
    expect(forecast("acme", [], sinceMs).forecast).toMatchObject({
      samples: 3,
      meanNano: (903 + 10.5) * 1e9,
    });
  });

  it("knows nothing without a ledger", () => {
    const words = { nowMs: NOW_MS, interval: 0.8 };
    const found = forecastPeriod({ tenant: null, period: "month" }, undefined, words);
    expect(found).toMatchObject({ spentNano: 0, forecast: { kind: "unknown", samples: 0 } });
  });
});
