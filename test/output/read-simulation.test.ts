import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Config, StrategyName } from "../../src/config/config.ts";
import type { Price } from "../../src/ledger/price.ts";
import { readSimulation } from "../../src/output/read-simulation.ts";
import { simulationDocument, simulationLines, simulationRows } from "../../src/output/simulation.ts";
import { workspace } from "../config/workspace.ts";
import {
  openSeedLedger,
  type SeedAttempt,
  type SeedOperation,
  seedOperations,
} from "../helpers/ledger-seed.ts";

const SINCE_MS = Date.parse("2026-11-20T12:00:00Z");
const RANGE = { sinceMs: SINCE_MS, untilMs: SINCE_MS + 3_600_000 };
const YAML = `version: 1
providers: { dear: { type: mock }, cheap: { type: mock } }
models:
  smart: { targets: [dear/x, cheap/y] }
tenants: { list: { strict: { providers: { deny: [cheap] } } } }
`;
const PRICES = new Map<string, Price>([
  ["dear/x", { inputNano: 2e9, outputNano: 8e9 }],
  ["cheap/y", { inputNano: 0.4e9, outputNano: 1.6e9 }],
]);
/** $0.0028 at dear/x, which is $0.00056 at cheap/y. */
const tokens = { inputTokens: 1_000, outputTokens: 100 };
const dear: SeedAttempt = {
  ...tokens,
  provider: "dear",
  model: "x",
  costNano: 2_800_000,
  ms: 900,
  firstTokenMs: 200,
};
const cheap: SeedAttempt = {
  ...tokens,
  provider: "cheap",
  model: "y",
  costNano: 560_000,
  ms: 400,
  firstTokenMs: 300,
};
const past = (count: number, ...attempts: readonly SeedAttempt[]): SeedOperation[] =>
  Array.from({ length: count }, (_, at) => ({ startedMs: SINCE_MS + at, alias: "smart", attempts }));

/** Thirty answers of each; cheap/y was asked ten times because dear/x had failed. */
const OPERATIONS: readonly SeedOperation[] = [
  ...past(30, dear),
  ...past(20, cheap),
  ...past(10, { ...dear, costNano: 100_000, ms: 100, code: "overloaded" }, cheap),
  ...past(1, dear).map((each) => ({ ...each, tenant: "strict" })),
  ...past(1, dear).map((each) => ({ ...each, alias: null })),
  ...past(1, dear).map((each) => ({ ...each, tenant: "_health" })),
  ...past(1, dear).map((each) => ({ ...each, outcome: "cancelled" as const })),
];

let place: ReturnType<typeof workspace>;
let ledger: Awaited<ReturnType<typeof openSeedLedger>>;
let config: Config;
beforeAll(async () => {
  place = workspace();
  ledger = await openSeedLedger();
  ({ config } = await place.loadText(YAML));
  await seedOperations(ledger.database, OPERATIONS);
});
afterAll(async () => {
  place.remove();
  await ledger.close();
});

const simulated = (
  strategy?: StrategyName,
  more: { readonly range?: typeof RANGE; readonly tenant?: string } = {},
) =>
  ledger.database.read(() =>
    readSimulation(
      { range: RANGE, strategy, ...more },
      { database: ledger.database, config, prices: PRICES },
    ),
  );

describe("the requests of a ledger on paper", () => {
  it("go to the cheapest target that their tenant may use, at its price, time and rate of failure", () => {
    expect(simulated("lowest-cost")).toMatchObject({
      // 60 of an alias, one of a tenant that may not, and one that named its target; probes and cancelled ones not.
      ...{ requests: 62, moved: 40, leftOut: 0 },
      actualNano: 32 * 2_800_000 + 30 * 560_000 + 10 * 100_000,
      simulatedNano: 2 * 2_800_000 + 60 * 560_000,
      // 20 took 400 ms, 10 took 500 with the failed try, 32 took 900; then 60 take 400.
      ...{ actualP50Ms: 900, simulatedP50Ms: 400 },
      ...{ failuresAvoided: 10, failuresAdded: 0, unpriced: 0, unobserved: 0 },
      targets: [
        { target: "cheap/y", actual: 20, simulated: 60 },
        { target: "dear/x", actual: 42, simulated: 2 },
      ],
    });
  });

  it("go to the first target under the alias's own strategy, where it fails as it did", () => {
    const found = simulated();
    // Of 43 attempts at dear/x that somebody waited for ten failed.
    expect(found).toMatchObject({ moved: 20, failuresAvoided: 0 });
    expect(found.failuresAdded).toBeCloseTo((20 * 10) / 43, 9);
    expect(found.simulatedNano).toBe(52 * 2_800_000 + 10 * 660_000);
  });

  it("go where first tokens come soonest, or failures are few", () => {
    expect(simulated("fastest-first").moved).toBe(20);
    expect(simulated("health-based").targets[0]).toMatchObject({ target: "cheap/y", simulated: 60 });
    expect(simulated("round-robin").targets.map(({ simulated: count }) => count)).toEqual([32, 30]);
  });

  it("are those of one tenant, and of a range", () => {
    expect(simulated("lowest-cost", { tenant: "strict" })).toMatchObject({ requests: 1, moved: 0 });
    const later = { sinceMs: RANGE.untilMs, untilMs: RANGE.untilMs + 1 };
    expect(simulated("lowest-cost", { range: later })).toMatchObject({
      requests: 0,
      actualP50Ms: null,
      leftOut: 0,
    });
  });

  it("are a document with these members, and lines for people", () => {
    const report = { ...simulated("lowest-cost"), range: RANGE, strategy: "lowest-cost" };
    const document = simulationDocument(report);
    expect(Object.keys(document)).toEqual([
      ...["schema", "range", "strategy", "requests", "moved_requests", "actual_usd", "simulated_usd"],
      ...["actual_p50_ms", "simulated_p50_ms", "failures_avoided", "failures_added", "unpriced_requests"],
      ...["unanswered_requests", "unobserved_requests", "requests_left_out", "targets", "method"],
    ]);
    expect(document).toMatchObject({
      ...{
        schema: "riptide.simulation/1",
        actual_usd: "0.1074",
        simulated_usd: "0.0392",
        failures_avoided: 10,
      },
    });
    expect(simulationRows(report)).toEqual([
      ["cheap/y", "20", "60"],
      ["dear/x", "42", "2"],
    ]);
    expect(simulationLines(report).slice(0, 4)).toEqual([
      "62 requests, 40 of them would have been asked elsewhere first",
      "cost $0.1074, would be $0.03920",
      "median time 900 ms, would be 400 ms",
      "first tries that fail: about 10 fewer and 0 more",
    ]);
  });
});
