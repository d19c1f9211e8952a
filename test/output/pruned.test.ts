import { afterAll, beforeAll, expect, it } from "vitest";
import type { Config } from "../../src/config/config.ts";
import { DAY_MS } from "../../src/core/period.ts";
import type { Price } from "../../src/ledger/price.ts";
import { UTC } from "../../src/ledger/zone.ts";
import { costsDocument } from "../../src/output/costs.ts";
import { closingLines } from "../../src/output/costs-text.ts";
import { insightsText } from "../../src/output/insights.ts";
import { readCosts, wantedCosts } from "../../src/output/read-costs.ts";
import { readInsights } from "../../src/output/read-insights.ts";
import { withRepriced } from "../../src/output/read-repriced.ts";
import { readSimulation } from "../../src/output/read-simulation.ts";
import { readStats } from "../../src/output/read-stats.ts";
import { simulationLines } from "../../src/output/simulation.ts";
import { pruneLedger } from "../../src/store/prune.ts";
import { workspace } from "../config/workspace.ts";
import { openSeedLedger, type SeedAttempt, seedOperations } from "../helpers/ledger-seed.ts";

const NOW_MS = Date.parse("2026-11-29T00:00:00Z");
const BORDER_MS = NOW_MS - 2 * DAY_MS;
const range = { sinceMs: NOW_MS - 4 * DAY_MS, untilMs: NOW_MS };
const YAML = `version: 1
providers: { a: { type: mock }, b: { type: mock } }
models: { smart: { targets: [a/x, b/y] } }
`;
const PRICES = new Map<string, Price>([
  ["a/x", { inputNano: 2e9, outputNano: 8e9 }],
  ["b/y", { inputNano: 0.4e9, outputNano: 1.6e9 }],
]);
const a: SeedAttempt = {
  provider: "a",
  model: "x",
  inputTokens: 1_000,
  outputTokens: 100,
  costNano: 2_800_000,
};
const b: SeedAttempt = { ...a, provider: "b", model: "y", costNano: 560_000 };
const past = (startedMs: number, ...attempts: readonly SeedAttempt[]) =>
  Array.from({ length: 30 }, (_, at) => ({
    ...{ startedMs: startedMs + at, alias: "smart", attempts, tags: { team: "red" } },
  }));

let config: Config;
let place: ReturnType<typeof workspace>;
let ledger: Awaited<ReturnType<typeof openSeedLedger>>;
beforeAll(async () => {
  place = workspace();
  ledger = await openSeedLedger();
  ({ config } = await place.loadText(YAML));
  const failed = { ...a, code: "provider_error" } as const;
  await seedOperations(ledger.database, [...past(BORDER_MS - DAY_MS, failed, b), ...past(BORDER_MS, a)]);
  await pruneLedger(ledger.database, { beforeMs: BORDER_MS, nowMs: NOW_MS });
});
afterAll(async () => {
  place.remove();
  await ledger.close();
});

const source = () => ({ database: ledger.database, config, prices: PRICES, nowMs: NOW_MS });
const said = "requests before 2026-11-27T00:00:00Z are kept as sums only, and are left out";

it("performance is that of the requests whose failures are still known", () => {
  const wanted = { range, zone: UTC, tenant: undefined };
  const stats = ledger.database.read(() => readStats({ ...wanted, by: ["provider"] }, source()));
  expect(stats).toMatchObject({ isCut: true, range: { sinceMs: BORDER_MS } });
  // With the attempts before the border, thirty of sixty would have answered and none have failed.
  expect(stats.rows).toMatchObject([{ key: { provider: "a" }, requests: 30, attempts: 30, successRate: 1 }]);
});

it("findings and simulations take no failed attempt of the past for an answer, and say where they begin", () => {
  const found = ledger.database.read(() => readInsights({ range, zone: UTC }, source()));
  expect(found.requests).toBe(30);
  expect(found.insights[0]).toMatchObject({ rule: "cheaper_target", evidence: { answers: 30 } });
  expect(insightsText(found, false)).toContain(said);
  const played = ledger.database.read(() => readSimulation({ range, strategy: "lowest-cost" }, source()));
  expect(simulationLines({ ...played, strategy: "lowest-cost" })).toContain(said);
});

it("a range that was pruned altogether shows nothing", () => {
  const old = { sinceMs: range.sinceMs, untilMs: BORDER_MS };
  const read = () => readStats({ range: old, zone: UTC, tenant: undefined, by: ["provider"] }, source());
  expect(ledger.database.read(read).rows).toEqual([]);
  const found = ledger.database.read(() => readInsights({ range: old, zone: UTC }, source()));
  expect(found).toMatchObject({ requests: 0, insights: [] });
});

it("tags and new prices, which are read from rows, say since when there are rows", () => {
  const flags: Readonly<Record<string, string>> = { since: "4d", by: "tag:team" };
  const costs = (by: string) => {
    const words = { has: () => false, value: (name: string) => (name === "by" ? by : flags[name]) };
    const wanted = wantedCosts(words, NOW_MS);
    return { wanted, costs: ledger.database.read(() => readCosts(wanted, source())) };
  };
  const tagged = costs("tag:team").costs;
  expect(costsDocument(tagged)).toMatchObject({ rows_since: "2026-11-27T00:00:00Z" });
  expect(closingLines(tagged).join()).toContain("tags: requests before 2026-11-27T00:00:00Z");
  const plain = costs("model");
  expect(closingLines(plain.costs)).toEqual([]);
  const repriced = withRepriced(plain.costs, ledger.database, plain.wanted.ask, PRICES);
  expect(closingLines(repriced).join()).toContain("today: requests before 2026-11-27T00:00:00Z");
});
