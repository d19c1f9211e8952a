import type { InsightFacts, Traffic } from "../../src/ledger/insights/facts.ts";
import type { Price } from "../../src/ledger/price.ts";
import type { Loss } from "../../src/ledger/stats-facts.ts";

export const PLACE = { tenant: "acme", alias: "smart", provider: "big", model: "x" } as const;
export const NO_TOKENS = {
  ...{ inputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0, outputTokens: 0, reasoningTokens: 0 },
};
/** Dollars per million tokens as nano-dollars. */
export const price = (input: number, output: number, more: Partial<Price> = {}): Price => ({
  ...{ inputNano: input * 1e9, outputNano: output * 1e9 },
  ...more,
});
const BIG = price(2, 8);
const SMALL = price(0.4, 1.6);

/** A hundred requests of 1,000 tokens in and 100 out: $0.28 at the price of big/x. */
export const traffic = (more: Partial<Traffic> = {}): Traffic => ({
  ...PLACE,
  ...{ requests: 100, attempts: 100, unpriced: 0, costNano: 280_000_000 },
  ...{ ...NO_TOKENS, inputTokens: 100_000, outputTokens: 10_000 },
  ...more,
});
export const loss = (more: Partial<Loss> = {}): Loss => ({
  ...{ ...PLACE, ...NO_TOKENS, outcome: "error", code: "overloaded", repaired: false, continued: false },
  isSecondTry: false,
  ...{ attempts: 10, costNano: 30_000_000, estimated: 0 },
  ...more,
});
export const settings = (
  alias = {},
  more: Partial<InsightFacts["settings"]> = {},
): InsightFacts["settings"] => ({
  ...{
    drainsCancelled: true,
    repairs: true,
    completionMs: 5_000,
    maxMs: 600_000,
    isPresetBelowRelaxed: true,
  },
  aliases: ["smart"],
  aliasOf: (name) =>
    name === "smart"
      ? { strategy: "sequential", targets: ["big/x", "small/y"], recoversStreams: false, ...alias }
      : undefined,
  ...more,
});
export const facts = (some: Partial<InsightFacts> = {}): InsightFacts => ({
  ...{ traffic: [traffic()], halves: [[], []], losses: [], longPrompts: [], medianAtMostMs: new Map() },
  prices: new Map([
    ["big/x", BIG],
    ["small/y", SMALL],
  ]),
  targetsOf: () => ["big/x"],
  since: "2026-11-01T00:00:00Z",
  settings: settings(),
  ...{ outliers: [], budgets: [], refusals: [], repeated: [], outputLimits: [] },
  ...some,
});
