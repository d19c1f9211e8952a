import { afterEach, beforeEach, expect, it } from "vitest";
import { readOutliers } from "../../src/store/outliers.ts";
import { rowsWanted } from "../../src/store/sequence.ts";
import { openSeedLedger, type SeedOperation, seedOperations } from "../helpers/ledger-seed.ts";

let ledger: Awaited<ReturnType<typeof openSeedLedger>>;
beforeEach(async () => {
  ledger = await openSeedLedger();
});
afterEach(() => ledger.close());

const range = { sinceMs: 1_000_000, untilMs: 2_000_000 };
const priced = (costNano: number, tenant: string, startedMs = range.sinceMs): SeedOperation => ({
  ...{ tenant, alias: "smart", startedMs },
  attempts: [{ provider: "p", model: "m", costNano }],
});

/** Of the only alias, whose requests are counted here as the sums would. */
async function outliersOf(operations: readonly SeedOperation[], tenant?: string) {
  const { database } = ledger;
  await seedOperations(database, operations);
  const total = { alias: "smart", requests: 400, costNano: (400 * 401) / 2 };
  return database.read(() => {
    const rows = rowsWanted(database, { range, tenant });
    return rows ? readOutliers(database, rows, [total]) : [];
  });
}

it("are the requests above the 396th of 400, by tenant", async () => {
  // Costs of 1 to 400, in no order; every second one is of the other tenant.
  const costs = Array.from({ length: 400 }, (_, at) => ((at * 167) % 400) + 1);
  const operations = costs.map((cost) => priced(cost, cost % 2 === 0 ? "even" : "odd"));
  const beyond = [priced(9_999, "odd", range.sinceMs - 1), priced(9_999, "odd", range.untilMs)];
  const found = await outliersOf([...operations, ...beyond, priced(9_999, "_health")]);
  const alike = { alias: "smart", p99Nano: 396, aliasRequests: 400, aliasCostNano: 80_200 };
  expect(found.toSorted((one, other) => one.costNano - other.costNano)).toEqual([
    { ...alike, tenant: "odd", count: 2, costNano: 397 + 399 },
    { ...alike, tenant: "even", count: 2, costNano: 398 + 400 },
  ]);
});

it("are none where all cost the same, and none in an empty range", async () => {
  expect(await outliersOf(Array.from({ length: 400 }, () => priced(7, "acme")))).toEqual([]);
  expect(await outliersOf([priced(7, "acme", range.untilMs)], "nobody")).toEqual([]);
});
