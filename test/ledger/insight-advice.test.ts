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
