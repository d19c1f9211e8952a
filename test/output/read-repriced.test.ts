import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { JsonObject } from "../../src/core/json.ts";
import { costsDocument } from "../../src/output/costs.ts";
import { costsCsv } from "../../src/output/costs-flat.ts";
import { readCosts, wantedCosts } from "../../src/output/read-costs.ts";
import { withRepriced } from "../../src/output/read-repriced.ts";
import { openSeedLedger, type SeedAttempt, seedOperations } from "../helpers/ledger-seed.ts";

const NOW_MS = Date.parse("2026-11-20T12:00:00Z");
const DAY_MS = 86_400_000;
const answered = (model: string, costNano: number, more: Partial<SeedAttempt> = {}): SeedAttempt => ({
  ...{ provider: "p", model, inputTokens: 1_000, outputTokens: 500, costNano },
  ...more,
});

/** Two of `p/a`, one of which another try went before; one of `p/b`; one whose process died. */
const OPERATIONS = [
  { startedMs: NOW_MS - DAY_MS, tenant: "acme", tags: { team: "x" }, attempts: [answered("a", 2_000)] },
  {
    ...{ startedMs: NOW_MS - 1_000, tenant: "acme" },
    attempts: [answered("b", 0, { source: "none", code: "overloaded" }), answered("a", 2_000)],
  },
  { startedMs: NOW_MS - 2_000, attempts: [answered("b", 5_000)] },
  {
    startedMs: NOW_MS - 3_000,
    outcome: "unreconciled",
    attempts: [answered("a", 900, { source: "unreconciled" })],
  },
] as const;

/** 3 dollars a million in and 4 out: 5,000,000 nano-dollars for each answer. */
const PRICES = new Map([["p/a", { inputNano: 3_000_000_000, outputNano: 4_000_000_000 }]]);

let ledger: Awaited<ReturnType<typeof openSeedLedger>>;
let costs: (by: string, prices?: typeof PRICES) => ReturnType<typeof readCosts>;
beforeAll(async () => {
  ledger = await openSeedLedger();
  const { database } = ledger;
  await seedOperations(database, OPERATIONS);
  costs = (by, prices = PRICES) => {
    const flags: Readonly<Record<string, string>> = { by };
    const wanted = wantedCosts({ has: (name) => name in flags, value: (name) => flags[name] }, NOW_MS);
    const config = { budgets: [], tenants: { list: {} } } as unknown as Parameters<
      typeof readCosts
    >[1]["config"]; // Without budgets nothing else is read.
    return database.read(() =>
      withRepriced(readCosts(wanted, { database, config, nowMs: NOW_MS }), database, wanted.ask, prices),
    );
  };
});
afterAll(() => ledger.close());

const shown = (by: string) => {
  const { rows, totals } = costsDocument(costs(by)) as { rows: readonly JsonObject[]; totals: JsonObject };
  return {
    rows: rows.map(({ key, repriced_usd, repriced_unpriced_attempts }) => [
      ...Object.values(key as JsonObject),
      repriced_usd,
      repriced_unpriced_attempts,
    ]),
    total: [totals.cost_usd, totals.repriced_usd, totals.repriced_unpriced_attempts],
  };
};

describe("costs at today's prices", () => {
  it("stand beside what was booked, by model; what has no price now is unpriced and not free", () => {
    const { rows, total } = shown("model");
    expect(rows).toEqual(
      expect.arrayContaining([
        ["p/a", "0.0100009", 0],
        ["p/b", null, 1],
      ]),
    );
    expect(total).toEqual(["0.0000099", "0.0100009", 1]);
  });

  it.each([
    [
      "tenant",
      [
        ["acme", "0.01", 0],
        ["default", "0.0000009", 1],
      ],
    ],
    [
      "tag:team",
      [
        ["x", "0.005", 0],
        [null, "0.0050009", 1],
      ],
    ],
    [
      "day",
      [
        ["2026-11-19", "0.005", 0],
        ["2026-11-20", "0.0050009", 1],
      ],
    ],
    [
      "outcome",
      [
        ["ok", "0.01", 1],
        ["unreconciled", "0.0000009", 0],
      ],
    ],
    ["provider", [["p", "0.0100009", 1]]],
  ] as const)("are added up by %s as the costs are", (by, rows) => {
    expect(shown(by).rows).toHaveLength(rows.length);
    expect(shown(by).rows).toEqual(expect.arrayContaining(rows.map((row) => [...row])));
  });

  it("are a column of their own in files", () => {
    const [head = "", ...rows] = costsCsv(costs("tenant")).trim().split(/\r?\n/);
    expect([head.endsWith(",repriced_usd"), rows.map((row) => row.split(",").at(-1))]).toEqual([
      true,
      ["0.0000009", "0.01"],
    ]);
  });
});
