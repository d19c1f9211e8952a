import { describe, expect, it } from "vitest";
import { percentilesOf } from "../../src/ledger/percentiles.ts";
import { checkSlos } from "../../src/ledger/slo.ts";
import { buildStats } from "../../src/ledger/stats.ts";
import type { Asked, Loss, StatsFacts, Timing } from "../../src/ledger/stats-facts.ts";

const PLACE = { tenant: "acme", alias: "smart", provider: "p", model: "m" } as const;
const KEY = { tenant: "acme", alias: "smart", provider: "p", model: "p/m" } as const;
const OTHER = { ...KEY, provider: "q", model: "q/n" } as const;

const asked = (requests: number, attempts: number, outcome = "ok", key: Asked["key"] = KEY): Asked => ({
  ...{ key: { ...key, outcome }, requests, attempts },
});
const loss = (attempts: number, more: Partial<Loss> = {}): Loss => ({
  ...PLACE,
  ...{
    outcome: "error",
    code: "overloaded",
    repaired: false,
    isSecondTry: false,
    continued: false,
    attempts,
    costNano: 0,
  },
  ...{ estimated: 0, inputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0, outputTokens: 0 },
  reasoningTokens: 0,
  ...more,
});
const refused = (requests: number): Asked => ({
  ...{ key: { tenant: PLACE.tenant, alias: PLACE.alias, provider: null, model: null, outcome: "error" } },
  ...{ requests, attempts: 0 },
});
const timing = (totalMs: number, firstTokenMs: number | null = null, outputTokens = 0): Timing => ({
  ...{ ...PLACE, totalMs, firstTokenMs, outputTokens },
  request: { totalMs: totalMs + 1_000, firstTokenMs },
});
const facts = (some: Partial<StatsFacts>): StatsFacts => ({
  ...{ asked: [], losses: [], further: [], wandering: [], timings: [], quarters: [], badQuarters: [] },
  ...{ probed: [], openings: new Map(), ...some },
});
const only = (some: Partial<StatsFacts>, by: Parameters<typeof buildStats>[1] = ["model"]) => {
  const rows = buildStats(facts(some), by);
  expect(rows).toHaveLength(1);
  return rows[0];
};

describe("percentiles", () => {
  it("are values that occurred, by nearest rank, in any order", () => {
    const hundred = Array.from({ length: 100 }, (_, at) => 100 - at);
    expect(percentilesOf(hundred)).toEqual({ p50Ms: 50, p95Ms: 95, p99Ms: 99 });
    expect(percentilesOf([10, 9, 200])).toEqual({ p50Ms: 10, p95Ms: 200, p99Ms: 200 });
    expect(percentilesOf([7])).toEqual({ p50Ms: 7, p95Ms: 7, p99Ms: 7 });
    expect(percentilesOf([])).toBeNull();
  });
});

describe("how a group did", () => {
  it("is nothing for nothing", () => expect(buildStats(facts({}), ["provider"])).toEqual([]));

  it("under a model is the share of its attempts that did not fail; those that were cancelled count for no side", () => {
    const row = only({
      asked: [asked(7, 9), asked(1, 2, "cancelled"), asked(1, 1, "unreconciled")],
      losses: [loss(2), loss(1, { outcome: "cancelled", code: null })],
    });
    // 12 attempts, one unreconciled and one cancelled: 10 judged, 2 failed.
    expect(row?.successRate).toBe(0.8);
    expect(row?.errors).toEqual([{ code: "overloaded", count: 2 }]);
  });

  it("under a tenant is the share of whole requests that were answered", () => {
    const all = [
      asked(6, 9),
      asked(2, 2, "error", OTHER),
      asked(1, 1, "cancelled"),
      asked(1, 1, "unreconciled"),
    ];
    expect(only({ asked: all, losses: [loss(5)] }, ["tenant"])?.successRate).toBe(0.75);
  });

  it("is unknown where nothing was decided", () => {
    expect(only({ asked: [asked(1, 1, "unreconciled")] })?.successRate).toBeNull();
  });

  it("lists the codes, the most frequent first", () => {
    const losses = [loss(1, { code: "rate_limited" }), loss(2), loss(4, { code: "rate_limited" })];
    expect(only({ asked: [asked(9, 9)], losses })?.errors).toEqual([
      { code: "rate_limited", count: 5 },
      { code: "overloaded", count: 2 },
    ]);
  });

  it("has the times of attempts under a model, and of requests under an alias", () => {
    const timings = [timing(100, 20), timing(300, 40), timing(200, null)];
    const some = { asked: [asked(3, 3)], timings };
    expect(only(some)).toMatchObject({
      total: { p50Ms: 200, p95Ms: 300, p99Ms: 300 },
      firstToken: { p50Ms: 20, p95Ms: 40 },
    });
    expect(only(some, ["alias"])?.total).toEqual({ p50Ms: 1_200, p95Ms: 1_300, p99Ms: 1_300 });
  });

  it("has output tokens over the seconds it took to answer", () => {
    const timings = [timing(1_500, 1, 60), timing(500, 1, 40)];
    expect(only({ asked: [asked(2, 2)], timings })?.tokensPerS).toBe(50);
    expect(only({ asked: [asked(2, 2)], timings: [timing(500)] })?.tokensPerS).toBeNull();
  });

  it("counts moves at the target that was left, and the providers a request tried", () => {
    const row = only(
      {
        asked: [asked(10, 14), refused(10)],
        further: [
          { ...PLACE, kind: "failover", count: 3 },
          { ...PLACE, kind: "repair", count: 1 },
        ],
        wandering: [{ ...PLACE, requests: 3, providers: 7 }],
      },
      ["alias"],
    );
    // Seven requests asked one provider, three asked seven together; ten were refused before anybody was asked.
    expect(row).toMatchObject({ requests: 20, failovers: 3, repairs: 1, avgProvidersTried: 1.4 });
  });

  it("says of circuits and uptime only what is of one provider", () => {
    const some = {
      asked: [asked(1, 1)],
      openings: new Map([["p", 2]]),
      quarters: [{ provider: "p", startMs: 0, requests: 1, attempts: 1 }],
    };
    expect(only(some)).toMatchObject({ circuitOpens: 2, uptime: 1 });
    expect(only(some, ["tenant"])).toMatchObject({ circuitOpens: null, uptime: null });
  });

  it("stands in the order of requests", () => {
    const rows = buildStats(facts({ asked: [asked(1, 1), asked(5, 5, "ok", OTHER)] }), ["provider"]);
    expect(rows.map(({ key, requests }) => [key.provider, requests])).toEqual([
      ["q", 5],
      ["p", 1],
    ]);
  });
});

describe("targets of the configuration", () => {
  const some = facts({
    asked: [asked(98, 98), asked(2, 2, "error")],
    losses: [loss(2)],
    timings: [timing(400, 100), timing(900, 300)],
  });
  const met = (target: Omit<Parameters<typeof checkSlos>[1][number], "scope" | "name">, scope = "provider") =>
    checkSlos(some, [
      scope === "alias" ? { scope, name: "smart", ...target } : { scope: "provider", name: "p", ...target },
    ]).map(({ metric, actual, isMet, samples }) => [metric, actual, isMet, samples]);

  it("are met at the figure itself, and missed beyond it", () => {
    expect(met({ success: 0.98, firstTokenP95Ms: 300, totalP95Ms: 900 })).toEqual([
      ["success", 0.98, true, 100],
      ["first_token_p95", 300, true, 100],
      ["total_p95", 900, true, 100],
    ]);
    expect(
      met({ success: 0.981, firstTokenP95Ms: 299, totalP95Ms: 899 }).map(([, , isMet]) => isMet),
    ).toEqual([false, false, false]);
  });

  it("of an alias go by whole requests", () => {
    expect(met({ totalP95Ms: 900 }, "alias")).toEqual([["total_p95", 1_900, false, 100]]);
  });

  it("are unknown where nothing was seen", () => {
    expect(checkSlos(some, [{ scope: "provider", name: "idle", success: 0.9 }])).toEqual([
      {
        scope: "provider",
        name: "idle",
        metric: "success",
        target: 0.9,
        actual: null,
        isMet: null,
        samples: 0,
      },
    ]);
  });
});
