import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { JsonObject } from "../../src/core/json.ts";
import { costsDocument } from "../../src/output/costs.ts";
import { dashboardBooks } from "../../src/output/dashboard.ts";
import { readCosts, wantedCosts } from "../../src/output/read-costs.ts";
import { workspace } from "../config/workspace.ts";
import { openSeedLedger, type SeedAttempt, seedOperations } from "../helpers/ledger-seed.ts";

const NOW_MS = Date.parse("2026-11-20T12:00:30Z");
const MINUTE_MS = 60_000;
const YAML = `version: 1
providers:
  p: { type: mock, slo: { success: 0.99, total_p95: 1s } }
  q: { type: mock }
models:
  smart: { targets: [p/m, q/n] }
budgets:
  - { limit: 1, period: day }
`;
const p = (ms: number, more: Partial<SeedAttempt> = {}): SeedAttempt => ({
  ...{
    provider: "p",
    model: "m",
    ms,
    firstTokenMs: Math.round(ms / 10),
    outputTokens: 30,
    costNano: 100_000_000,
  },
  ...more,
});
const q: SeedAttempt = { provider: "q", model: "n", ms: 400, outputTokens: 30, costNano: 50_000_000 };

/** Three answers of p in this minute, one that went on to q a minute before, and a failure two hours and a half ago. */
const OPERATIONS = [
  {
    id: "rq_old",
    startedMs: NOW_MS - 150 * MINUTE_MS,
    outcome: "error",
    attempts: [p(5, { code: "overloaded" })],
  },
  {
    id: "rq_moved",
    startedMs: NOW_MS - MINUTE_MS,
    tenant: "acme",
    attempts: [p(50, { code: "rate_limited" }), q],
  },
  ...[100, 200, 300].map((ms) => ({ id: `rq_${ms}`, startedMs: NOW_MS - 20_000, attempts: [p(ms)] })),
] as const;

let place: ReturnType<typeof workspace>;
let ledger: Awaited<ReturnType<typeof openSeedLedger>>;
let books: (wanted?: Parameters<typeof dashboardBooks>[1]) => JsonObject;
let costs: (flags: Readonly<Record<string, string>>) => JsonObject;
beforeAll(async () => {
  place = workspace();
  ledger = await openSeedLedger();
  const { database } = ledger;
  const { config } = await place.loadText(YAML);
  await seedOperations(database, OPERATIONS);
  database
    .prepare("INSERT INTO alerts (scope, period, start, threshold, at) VALUES (?, 'day', 0, '0.5', ?)")
    .run("acme", NOW_MS - 5_000);
  const source = { database, config, nowMs: NOW_MS };
  books = (wanted) => database.read(() => dashboardBooks(source, wanted));
  costs = (flags) => {
    const words = { has: (name: string) => name in flags, value: (name: string) => flags[name] };
    return costsDocument(database.read(() => readCosts(wantedCosts(words, NOW_MS), source)));
  };
});
afterAll(async () => {
  place.remove();
  await ledger.close();
});

describe("what a dashboard shows of the ledger", () => {
  it("are the figures of the reports of costs", () => {
    expect(books().costs).toEqual(costs({ by: "model" }));
    expect(books({ since: "today" }).tenant_costs).toEqual(costs({ by: "tenant", since: "today" }));
  });

  it("have the course of spending, hours without any included", () => {
    const { rows } = costs({ by: "hour", since: "24h" }) as { rows: readonly JsonObject[] };
    const byHour = rows.map(({ key, cost_usd }) => ({ name: (key as JsonObject).hour, cost_usd }));
    const points = [...byHour, { name: "2026-11-20T10:00Z", cost_usd: "0" }];
    points.sort((one, other) => (String(one.name) < String(other.name) ? -1 : 1));
    expect(points).toHaveLength(4);
    expect(books({ since: "24h" }).spending).toEqual({ unit: "hour", points });
  });

  it("is only what a view shows, where one is named", () => {
    expect(Object.keys(books({ view: "circuits" }))).toEqual(["activity", "failovers"]);
    expect(Object.keys(books({ view: "requests" }))).toEqual(["requests"]);
    expect(Object.keys(books())).toHaveLength(10);
    expect(() => books({ view: "weather" })).toThrow('there is no view "weather"');
  });

  it("has how each target did lately", () => {
    const { performance } = books() as { performance: JsonObject & { targets: readonly JsonObject[] } };
    expect(performance).toMatchObject({ attempts: 6, since: "2026-11-20T09:30:30Z", is_complete: true });
    expect(performance.targets[0]).toEqual({
      ...{ provider: "p", model: "m", attempts: 5, failed: 2, success_rate: 0.6 },
      first_token_ms: { p50: 20, p95: 30, p99: 30 },
      total_ms: { p50: 200, p95: 300, p99: 300 },
      tokens_per_s: 90 / 0.6,
      errors: [
        { code: "overloaded", count: 1 },
        { code: "rate_limited", count: 1 },
      ],
      // Up to 100 ms, up to 200 ms, up to 500 ms.
      latency: [0, 0, 0, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0],
    });
    expect(performance.targets[1]).toMatchObject({ provider: "q", attempts: 1, success_rate: 1 });
  });

  it("has what was promised of providers and what became of it", () => {
    const { performance } = books() as { performance: JsonObject };
    const promised = { scope: "provider", name: "p", samples: 5 };
    expect(performance.slos).toEqual([
      { ...promised, metric: "success", target: 0.99, actual: 0.6, met: false },
      { ...promised, metric: "total_p95", target: 1_000, actual: 300, met: true },
    ]);
  });

  it("has the last hour by the minute, of requests and of what each provider was asked", () => {
    const { activity } = books() as { activity: JsonObject };
    const requests = activity.requests as readonly JsonObject[];
    expect(requests).toHaveLength(60);
    expect(requests.slice(-2)).toEqual([
      { at: "2026-11-20T11:59:00Z", count: 1, failed: 0 },
      { at: "2026-11-20T12:00:00Z", count: 3, failed: 0 },
    ]);
    const { p: ofP, q: ofQ } = activity.providers as Record<string, readonly JsonObject[]>;
    expect(ofP?.slice(-2).map(({ count }) => count)).toEqual([1, 3]);
    expect(ofQ?.slice(-2).map(({ count }) => count)).toEqual([1, 0]);
  });

  it("has failovers, alerts and the newest requests, the newest first", () => {
    const { failovers, alerts, requests } = books() as Record<string, readonly JsonObject[]>;
    expect(failovers).toMatchObject([
      { request: "rq_moved", tenant: "acme", from: "p/m", to: "q/n", code: "rate_limited", outcome: "ok" },
    ]);
    expect(alerts).toEqual([
      { tenant: "acme", period: "day", threshold: 0.5, at: "2026-11-20T12:00:25Z", resolved_at: null },
    ]);
    expect(requests?.map(({ id }) => id)).toEqual(["rq_300", "rq_200", "rq_100", "rq_moved", "rq_old"]);
  });

  it("says why a budget has no forecast, and what is spent of it per day", () => {
    const [budget] = books().budgets as readonly JsonObject[];
    expect(budget).toMatchObject({ spent_usd: "0.55", forecast: null, burn_usd_per_day: expect.any(String) });
    expect(budget?.forecast_reason).toContain("a forecast needs 3");
    // 0.55 in twelve hours and half a minute.
    expect(Number(budget?.burn_usd_per_day)).toBeCloseTo(0.55 / (0.5 + 30 / 86_400), 6);
  });

  it("is empty, and no error, where nothing was ever recorded", async () => {
    const { config } = await place.loadText(YAML);
    const empty = dashboardBooks({ database: undefined, config, nowMs: NOW_MS });
    expect(empty).toMatchObject({
      requests: [],
      failovers: [],
      alerts: [],
      performance: { attempts: 0, targets: [] },
    });
  });
});
