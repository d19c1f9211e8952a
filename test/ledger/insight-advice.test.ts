import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import type { InsightFacts } from "../../src/ledger/insights/facts.ts";
import { findInsights } from "../../src/ledger/insights.ts";
import type { Price } from "../../src/ledger/price.ts";
import { facts, loss, NO_TOKENS, price, settings, traffic } from "../helpers/insight-facts.ts";

const find = (some: Partial<InsightFacts> = {}) => findInsights(facts(some));
const applyOf = (some: Partial<InsightFacts>) => find(some)[0]?.apply ?? "";

describe("a cheaper target", () => {
  const behind = { targetsOf: () => ["big/x", "small/y"] };
  const first = { targetsOf: () => ["small/y", "big/x"] };
  const failedBefore = loss({ ...NO_TOKENS, provider: "small", model: "y", attempts: 95, costNano: 0 });

  it.each([
    ["is asked first already", { ...first }],
    [
      "is chosen already where the cheapest is",
      { ...behind, settings: settings({ strategy: "lowest-cost" }) },
    ],
    ["had failed before as many of these answers", { ...behind, losses: [failedBefore] }],
  ] satisfies [string, Partial<InsightFacts>][])("is no advice where it %s", (_name, some) => {
    expect(find(some)).toEqual([]);
  });

  it("is advised beside a price that fell only for what is left to save", () => {
    const own = (input: number, output: number): [string, Price] => ["big/x", price(input, output)];
    const other: [string, Price] = ["small/y", price(0.4, 1.6)];
    // Booked at $0.28; today's $0.14 is still more than the $0.056 of the other, and $0.028 is less.
    expect(find({ ...behind, prices: new Map<string, Price>([own(1, 4), other]) })[0]?.savingNano).toBe(
      84_000_000,
    );
    expect(find({ ...behind, prices: new Map<string, Price>([own(0.2, 0.8), other]) })).toEqual([]);
  });

  it("leaves the targets in the alias that only others may use", () => {
    const all = settings({ targets: ["big/x", "small/y", "third/z"] });
    expect(parse(applyOf({ ...behind, settings: all }))).toEqual({
      models: { smart: { strategy: "sequential", targets: ["small/y", "big/x", "third/z"] } },
    });
  });

  it.each(["true", "null", "no", "a: b", "0x1f"])("is advised for an alias %s as YAML reads it", (alias) => {
    const { aliasOf, ...rest } = settings();
    const some = { settings: { ...rest, aliasOf: () => aliasOf("smart") }, traffic: [traffic({ alias })] };
    for (const version of ["1.1", "1.2"] as const)
      expect(parse(applyOf({ ...behind, ...some }), { version }).models[alias]).toBeDefined();
  });
});

describe("advice on lost attempts", () => {
  const lost = (more: Parameters<typeof loss>[0]) => ({ losses: [loss(more)] });
  const twice = { ...NO_TOKENS, repaired: true };

  it.each([
    ["second tries that failed", { ...twice, isSecondTry: true }, "failover:\n  repair: never\n"],
    ["first tries, which are paid anyway", twice, "models:\n  smart:\n    strategy: health-based\n"],
    [
      "answers that miss their schema, which are repaired anyway",
      { ...twice, isSecondTry: true, code: "schema_invalid" },
      "riptide costs export --kind attempts --tenant acme --since 2026-11-01T00:00:00Z -o jsonl",
    ],
  ] as const)("on repairs is never to make none because of %s", (_name, more, apply) => {
    expect(applyOf(lost(more))).toBe(apply);
    if (!apply.includes("never")) return;
    const made = settings({}, { repairs: false });
    expect(applyOf({ ...lost(more), settings: made })).toContain("health-based");
  });

  it("says how much of repairs would be saved without them", () => {
    const losses = [
      loss({ repaired: true }),
      loss({ repaired: true, isSecondTry: true, costNano: 20_000_000 }),
    ];
    const [found] = find({ losses });
    expect(found?.evidence).toMatchObject({ cost_usd: "0.05", second_tries_usd: "0.02" });
    expect(found?.apply).not.toContain("never");
  });

  it("is about the alias that lost most by the dearest reason", () => {
    const losses = [
      loss({ alias: "gone", code: "bad_request", costNano: 40_000_000 }),
      loss({ alias: "gone", costNano: 20_000_000 }),
      loss({ costNano: 30_000_000 }),
    ];
    expect(applyOf({ losses })).toContain("smart:");
  });

  it("prefers no other target where the alias has none, or health knows nothing of the reason", () => {
    const single = settings({ targets: ["big/x"] });
    expect(applyOf({ ...lost({}), settings: single })).toBe("riptide health big --deep");
    expect(applyOf(lost({ code: "content_filtered" }))).toContain("riptide costs export --kind attempts");
  });

  it.each([
    [{ completionMs: 20_000 }, {}, "models:\n  smart:\n    timeouts: { completion: 40s }\n"],
    [{}, { completionMs: 30_000, isPresetBelowRelaxed: false }, "timeouts: { completion: 60s }"],
    [{ completionMs: 500_000 }, {}, "riptide health big --deep"],
  ])("gives more time than there is today, up to the longest allowed (%#)", (alias, more, apply) => {
    const some = { ...lost({ code: "attempt_timeout" }), settings: settings(alias, more) };
    expect(applyOf(some)).toContain(apply);
  });
});

it("does not take tries made again, or failed ones that send nothing, for longer prompts", () => {
  const half = (requests: number, attempts: number) => [
    traffic({ requests, attempts, inputTokens: 300_000 }),
  ];
  const early = (inputTokens: number) => [traffic({ requests: 300, attempts: 300, inputTokens })];
  // As many tokens in each prompt, sent twice.
  expect(
    find({ halves: [early(300_000), [traffic({ requests: 300, attempts: 600, inputTokens: 600_000 })]] }),
  ).toEqual([]);
  // Half of the first attempts sent none.
  expect(find({ halves: [half(300, 600), half(300, 300)] })).toEqual([]);
});
