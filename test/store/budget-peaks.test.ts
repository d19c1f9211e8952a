import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Period } from "../../src/core/period.ts";
import { readBudgetPeak, readRefusals } from "../../src/store/budget-peaks.ts";
import { openSeedLedger, seedOperations } from "../helpers/ledger-seed.ts";

let ledger: Awaited<ReturnType<typeof openSeedLedger>>;
beforeEach(async () => {
  ledger = await openSeedLedger();
});
afterEach(() => ledger.close());

/** A Friday. */
const NOW_MS = Date.parse("2026-11-20T12:30:00Z");

async function spend(amounts: Readonly<Record<string, number>>) {
  await seedOperations(
    ledger.database,
    Object.entries(amounts).map(([time, costNano]) => ({
      ...{ tenant: "acme", startedMs: Date.parse(time) },
      attempts: [{ provider: "p", model: "m", costNano }],
    })),
  );
}
const peak = (period: Period, tenant: string | null = "acme") => {
  const { peakNano, periods } = readBudgetPeak(ledger.database, { tenant, period }, NOW_MS);
  return [peakNano, periods];
};

describe("the fullest period of a budget", () => {
  it("is nothing where nothing was spent", () => {
    for (const period of ["hour", "day", "week", "month", "30d"] as const)
      expect(peak(period)).toEqual([0, 0]);
  });

  it("is found among hours, days, weeks, months and rolling days, with how many whole ones there were", async () => {
    await spend({
      "2026-10-05T08:00:00Z": 50,
      "2026-11-02T08:00:00Z": 10,
      "2026-11-03T08:00:00Z": 20,
      "2026-11-12T08:00:00Z": 45,
      "2026-11-19T08:10:00Z": 4,
      "2026-11-19T08:50:00Z": 5,
      "2026-11-20T12:10:00Z": 7,
    });
    expect(peak("hour")).toEqual([45, 196]);
    expect(peak("day")).toEqual([50, 46]);
    expect(peak("week")).toEqual([50, 6]);
    // October began before it was looked at, so November is the first that can be whole, and it is not over.
    expect(peak("month")).toEqual([91, 0]);
    expect(peak("7d")).toEqual([50, 6]);
    expect(peak("30d")).toEqual([91, 1]);
    expect(peak("day", null)).toEqual([50, 46]);
    expect(peak("day", "labs")).toEqual([0, 0]);
  });
});

it("refusals of two days are added up by tenant and code", () => {
  const insert = ledger.database.prepare(
    "INSERT INTO refusals (tenant, hour, code, count) VALUES (?, ?, ?, ?)",
  );
  const hour = NOW_MS - (NOW_MS % 3_600_000);
  insert.run("acme", hour, "tenant_busy", 3);
  insert.run("acme", hour - 47 * 3_600_000, "tenant_busy", 4);
  insert.run("acme", hour - 49 * 3_600_000, "tenant_busy", 90);
  insert.run("labs", hour, "tenant_busy", 1);
  expect(readRefusals(ledger.database, NOW_MS).map((row) => ({ ...row }))).toEqual([
    { tenant: "acme", code: "tenant_busy", count: 7 },
    { tenant: "labs", code: "tenant_busy", count: 1 },
  ]);
});
