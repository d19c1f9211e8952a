import { describe, expect, it } from "vitest";
import type { InsightFacts } from "../../src/ledger/insights/facts.ts";
import { findInsights } from "../../src/ledger/insights.ts";
import type { Price } from "../../src/ledger/price.ts";
import type { Loss } from "../../src/ledger/stats-facts.ts";
import { facts, loss, NO_TOKENS, PLACE, price, settings, traffic } from "../helpers/insight-facts.ts";

const find = (some: Partial<InsightFacts> = {}) => findInsights(facts(some));
/** Rule, saving in dollars and confidence. */
const brief = (some: Partial<InsightFacts>) =>
  find(some).map(({ rule, savingNano, confidence }) => [rule, savingNano / 1e9, confidence]);

it("finds nothing in traffic that wastes nothing, and nothing without traffic", () => {
  expect(find()).toEqual([]);
  expect(find({ traffic: [] })).toEqual([]);
});

it("puts what saves most first", () => {
  const losses = [loss(), loss({ repaired: true, costNano: 60_000_000 })];
  expect(find({ losses }).map(({ rule }) => rule)).toEqual(["repair_overhead", "failed_spend"]);
});

describe("a cheaper target", () => {
  const both = { targetsOf: () => ["big/x", "small/y"] };

  it("saves the difference of both prices for the recorded tokens", () => {
    // 100,000 in and 10,000 out cost $0.056 at small/y.
    expect(brief(both)).toEqual([["cheaper_target", 0.224, "low"]]);
    const [found] = find(both);
    expect(found).toMatchObject({
      tenant: "acme",
      evidence: { from: "big/x", to: "small/y", answers: 100, from_usd: "0.28", to_usd: "0.056" },
      apply: "models:\n  smart:\n    strategy: sequential\n    targets: [small/y, big/x]\n",
    });
  });

  it("is more than a guess once it has answered a hundred times itself", () => {
    const seen = traffic({
      provider: "small",
      model: "y",
      requests: 100,
      attempts: 100,
      costNano: 56_000_000,
    });
    expect(brief({ ...both, traffic: [traffic(), seen] })).toEqual([["cheaper_target", 0.224, "medium"]]);
  });

  it("prices long prompts in the tier that holds for each of them", () => {
    const tiered = price(0.4, 1.6, { tiers: [{ aboveTokens: 500, inputNano: 1e9, outputNano: 4e9 }] });
    const prices = new Map<string, Price>([["small/y", tiered]]);
    const longPrompts = [
      { ...PLACE, ...NO_TOKENS, aboveTokens: 500, inputTokens: 50_000, outputTokens: 5_000 },
    ];
    // Half at $0.4 and $1.6: $0.028; half at $1 and $4: $0.07.
    expect(brief({ ...both, prices, longPrompts })).toEqual([["cheaper_target", 0.182, "low"]]);
  });

  it("takes what failed attempts cost out of both sides", () => {
    const failed = loss({ attempts: 50, costNano: 140_000_000, inputTokens: 50_000, outputTokens: 5_000 });
    const saving = find({ ...both, losses: [failed] }).find(({ rule }) => rule === "cheaper_target");
    expect(saving?.savingNano).toBe(112_000_000);
  });

  it.each([
    ["is not behind the alias", { targetsOf: () => ["big/x"] }],
    ["has no price", { ...both, prices: new Map([["small/y", null]]) }],
    ["costs nearly as much", { ...both, prices: new Map([["small/y", price(1.95, 7.8)]]) }],
    ["was for a target named outright", { ...both, traffic: [traffic({ alias: "" })] }],
    ["cannot be compared with unpriced lines", { ...both, traffic: [traffic({ unpriced: 1 })] }],
    ["has hardly any traffic to take over", { ...both, traffic: [traffic({ attempts: 9, requests: 9 })] }],
  ] satisfies [string, Partial<InsightFacts>][])("is none where it %s", (_name, some) => {
    expect(find(some)).toEqual([]);
  });

  it("is none where it fails much more often", () => {
    const seen = traffic({ provider: "small", model: "y", attempts: 40, requests: 37, costNano: 20_000_000 });
    const failed = loss({ provider: "small", model: "y", attempts: 3, costNano: 0 });
    expect(brief({ ...both, traffic: [traffic(), seen], losses: [failed] })).toEqual([]);
  });
});

describe("money for nothing", () => {
  it("is what attempts cost that failed or were cancelled, with the codes behind it", () => {
    const losses = [loss(), loss({ outcome: "cancelled", code: null, attempts: 2, costNano: 5_000_000 })];
    const [found, ...others] = find({ losses });
    expect(others).toEqual([]);
    expect(found).toMatchObject({
      ...{ rule: "failed_spend", tenant: "acme", savingNano: 35_000_000, confidence: "high" },
      evidence: {
        ...{ target: "big/x", attempts: 12, cost_usd: "0.035", share_of_spending: 0.125 },
        codes: [
          { code: "overloaded", attempts: 10, cost_usd: "0.03" },
          { code: "cancelled", attempts: 2, cost_usd: "0.005" },
        ],
      },
    });
  });

  it("is less sure where usage was estimated", () => {
    expect(brief({ losses: [loss({ estimated: 6 })] })).toEqual([["failed_spend", 0.03, "medium"]]);
  });

  it("is told apart from what repairs cost", () => {
    expect(brief({ losses: [loss({ repaired: true })] })).toEqual([["repair_overhead", 0.03, "high"]]);
  });

  it("is none where another target went on with the text, where it was free, or a hundredth of the spending", () => {
    const losses = [
      loss({ continued: true }),
      loss({ costNano: 0 }),
      loss({ provider: "c", costNano: 2_799_999 }),
    ];
    expect(brief({ losses })).toEqual([]);
    expect(brief({ losses: [loss({ costNano: 2_800_000 })] })).toHaveLength(1);
  });

  it.each([
    [loss({ outcome: "cancelled", code: null }), "failover:\n  on_cancel: abort\n"],
    [loss({ code: "stream_interrupted" }), "models:\n  smart:\n    stream_recovery: continue\n"],
    [loss({ code: "attempt_timeout" }), "timeouts:\n  preset: relaxed\n"],
    [loss({ code: "overloaded" }), "models:\n  smart:\n    strategy: health-based\n"],
    [loss({ code: "overloaded", alias: "" }), "riptide health big --deep"],
  ])("comes with the change that acts on its reason (%#)", (lost, apply) => {
    expect(find({ losses: [lost] })[0]?.apply).toBe(apply);
  });

  it.each([
    [
      loss({ outcome: "cancelled", code: null }),
      "riptide costs --tenant acme --since 2026-11-01T00:00:00Z --by outcome,day",
    ],
    [loss({ code: "stream_interrupted" }), "riptide health big --deep"],
    [loss({ code: "overloaded" }), "riptide health big --deep"],
    [loss({ code: "overloaded", alias: "gone" }), "riptide health big --deep"],
  ])("comes with no change that was made already, or to what there no longer is (%#)", (lost, apply) => {
    const made = settings({ strategy: "health-based", recoversStreams: true }, { drainsCancelled: false });
    expect(find({ losses: [lost], settings: made })[0]?.apply).toBe(apply);
  });
});

describe("prompts that grow", () => {
  const half = (requests: number, tokens: number) => [traffic({ requests, inputTokens: requests * tokens })];

  it("cost what the second half has more in each prompt, at today's price", () => {
    // 1,000 tokens more in each of 300 prompts at $2 per million.
    expect(brief({ halves: [half(300, 1_000), half(300, 2_000)] })).toEqual([
      ["prompt_growth", 0.6, "medium"],
    ]);
    expect(brief({ halves: [half(30, 1_000), half(40, 2_000)] })).toEqual([["prompt_growth", 0.08, "low"]]);
  });

  it.each([
    [half(300, 1_000), half(300, 1_499)],
    [half(29, 1_000), half(300, 2_000)],
    [half(300, 100), half(300, 199)],
    [half(300, 2_000), half(300, 1_000)],
  ])("are not told of prompts that hardly grew, or are few (%#)", (first, second) => {
    expect(find({ halves: [first, second] })).toEqual([]);
  });
});

describe("requests far above the others", () => {
  const outliers = { alias: "smart", tenant: "acme", count: 3, costNano: 90_000_000, p99Nano: 5_000_000 };
  const group = { ...outliers, aliasRequests: 300, aliasCostNano: 280_000_000 };

  it("cost what they do beyond the 99th percentile", () => {
    expect(brief({ outliers: [group] })).toEqual([["outlier_requests", 0.075, "low"]]);
  });

  it("are none among few requests, or where they are a small part of the cost", () => {
    const small = { ...group, aliasCostNano: 1_600_000_000 };
    expect(find({ outliers: [{ ...group, aliasRequests: 199 }, small] })).toEqual([]);
  });
});

describe("a cache that is not used", () => {
  const long = { requests: 100, inputTokens: 200_000 };
  const peer = traffic({ tenant: "wise", ...long, cacheReadTokens: 120_000 });
  const prices = new Map([["big/x", price(2, 8, { cacheReadNano: 0.5e9 })]]);

  it("would save the discount on as many tokens as the best user of the provider reads from it", () => {
    // 60 % of 200,000 at $1.5 less per million.
    const found = find({ traffic: [traffic(long), peer], prices });
    expect(found).toMatchObject([
      {
        ...{ rule: "cache_unused", tenant: "acme", savingNano: 180_000_000, confidence: "low" },
        evidence: {
          cached_share: 0,
          peer_tenant: "wise",
          peer_cached_share: 0.6,
          discount_usd_per_mtok: "1.5",
        },
      },
    ]);
  });

  it.each([
    ["short prompts", { traffic: [traffic(), peer], prices }],
    ["no discount", { traffic: [traffic(long), peer] }],
    ["nobody who does better", { traffic: [traffic(long)], prices }],
    ["a tenth read from it", { traffic: [traffic({ ...long, cacheReadTokens: 20_000 }), peer], prices }],
  ])("is none with %s", (_name, some) => expect(find(some)).toEqual([]));
});

describe("prompts sent again", () => {
  const repeated = { tenant: "acme", alias: "smart", prompts: 4, requests: 44, repeatedNano: 100_000_000 };

  it("cost what all but the first of each did", () => {
    expect(brief({ repeated: [repeated] })).toEqual([["repeated_prompts", 0.1, "medium"]]);
    expect(find({ repeated: [repeated] })[0]?.evidence).toMatchObject({ prompts: 4, repeated_requests: 40 });
  });

  it("are none where that is nothing, or a hundredth of the spending", () => {
    const less = [0, 2_799_999].map((repeatedNano) => ({ ...repeated, repeatedNano }));
    expect(find({ repeated: less })).toEqual([]);
  });
});

describe("a limit on answers that none came near", () => {
  const limits = {
    ...{ tenant: "acme", alias: "smart", requests: 50, leastLimit: 3_000, longestOutput: 1_000 },
  };
  const money = { reservedNano: 900_000_000, costNano: 90_000_000 };

  it("costs nothing, and comes with one that is enough", () => {
    expect(find({ outputLimits: [{ ...limits, ...money }] })).toMatchObject([
      {
        ...{ rule: "unused_output_limit", savingNano: 0, confidence: "high" },
        evidence: { least_max_tokens: 3_000, longest_output_tokens: 1_000, settled_share: 0.1 },
        apply: "riptide complete -m smart --max-tokens 1280",
      },
    ]);
  });

  it("is none where an answer used a third of it, or few were asked for", () => {
    const others = [
      { ...limits, ...money, longestOutput: 1_001 },
      { ...limits, ...money, requests: 49 },
    ];
    expect(find({ outputLimits: others })).toEqual([]);
  });
});

describe("limits of tenants", () => {
  const rule = { tenant: "acme", period: "day", limitNano: 10e9, thresholds: [], degradeTo: null } as const;
  const use = (peakUsd: number, periods: number, isHourlyLimit = false) => ({
    budgets: [{ rule, peakNano: peakUsd * 1e9, periods, isHourlyLimit }],
  });

  it.each([
    [9, 0, "near", "riptide budgets set acme --limit 12 --period day"],
    [12.34, 0, "near", "riptide budgets set acme --limit 16 --period day"],
    [1, 7, "far", "riptide budgets set acme --limit 2 --period day"],
  ])(
    "of which the fullest period used %f of 10 dollars in %i periods are %s",
    (peak, periods, state, apply) => {
      expect(find(use(peak, periods))).toMatchObject([
        { rule: "tenant_limits", tenant: "acme", savingNano: 0, evidence: { state }, apply },
      ]);
    },
  );

  it.each([
    [8.99, 30],
    [1.01, 30],
    [1, 6],
    [0, 30],
  ])("are no finding at %f of 10 dollars in %i periods", (peak, periods) => {
    expect(find(use(peak, periods))).toEqual([]);
  });

  it("per hour are changed as the limit that they are", () => {
    expect(find(use(9, 0, true))[0]?.apply).toBe("riptide tenants set acme --cost-per-hour 12");
  });

  it("that refused ten requests are named with the flag that raises them", () => {
    const refused = { tenant: "o'hara", code: "tenant_busy", count: 10, limit: 4 };
    expect(find({ refusals: [{ ...refused, count: 9 }] })).toEqual([]);
    expect(find({ refusals: [refused] })).toMatchObject([
      { evidence: { state: "refused" }, apply: "riptide tenants set 'o'\\''hara' --max-concurrent 6" },
    ]);
  });
});

describe("a provider that fails more than its peers", () => {
  const peer = traffic({ provider: "small", model: "y", attempts: 200, requests: 200, costNano: 56_000_000 });
  const failing = (attempts: number, code: Loss["code"] = "overloaded") => [
    loss({ attempts, code, costNano: 0 }),
  ];

  it("is found with both rates", () => {
    expect(find({ traffic: [traffic(), peer], losses: failing(20) })).toMatchObject([
      {
        ...{ rule: "unreliable_provider", tenant: null, savingNano: 0, confidence: "high" },
        evidence: { provider: "big", attempts: 100, failed: 20, failure_rate: 0.2, peer_failure_rate: 0 },
      },
    ]);
  });

  it.each([
    [
      "fails as its peers do",
      [...failing(20), loss({ provider: "small", model: "y", attempts: 40, costNano: 0 })],
    ],
    ["fails seldom", failing(4)],
    ["was asked for what cannot be", failing(20, "bad_request")],
  ])("is none that %s", (_name, losses) => {
    expect(find({ traffic: [traffic(), peer], losses })).toEqual([]);
  });

  it("comes with a look at it where its health decides already", () => {
    const some = { traffic: [traffic(), peer], losses: failing(20) };
    expect(find(some)[0]?.apply).toBe("models:\n  smart:\n    strategy: health-based\n");
    const made = settings({ strategy: "health-based" });
    expect(find({ ...some, settings: made })[0]?.apply).toBe("riptide health big --deep");
  });

  it("is none among few attempts, where chance would do", () => {
    const few = [traffic({ attempts: 49, requests: 49 }), peer];
    expect(find({ traffic: few, losses: failing(5) })).toEqual([]);
    // Six times as often as its peer, but of 50 attempts each: 12 % may be 6 %, and 2 % may be 10 %.
    const fifty = { attempts: 50, requests: 50 };
    const peers = [traffic(fifty), { ...peer, ...fifty }];
    const losses = [...failing(6), loss({ provider: "small", model: "y", attempts: 1, costNano: 0 })];
    expect(find({ traffic: peers, losses })).toEqual([]);
  });
});
