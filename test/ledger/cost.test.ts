import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { costOf, pricingOf } from "../../src/ledger/cost.ts";
import type { Price } from "../../src/ledger/price.ts";
import type { TokenCounts } from "../../src/ledger/settlement.ts";
import { COMPUTED, PUBLISHED, priced, type Tokens } from "./cost-cases.ts";

const counts = ([input, read, write, output, reasoning]: Tokens): TokenCounts => ({
  inputTokens: input,
  cacheReadTokens: read,
  cacheWriteTokens: write,
  outputTokens: output,
  reasoningTokens: reasoning,
});

const nano = fc.oneof(fc.integer({ min: 0, max: 1_000_000 }), fc.integer({ min: 0, max: 600_000_000_000 }));
const unit = fc.record(
  { inputNano: nano, outputNano: nano, cacheReadNano: nano, cacheWriteNano: nano, reasoningNano: nano },
  { requiredKeys: ["inputNano", "outputNano"] },
);
const anyPrice: fc.Arbitrary<Price> = fc
  .tuple(unit, fc.array(fc.tuple(fc.integer({ min: 0, max: 300_000 }), unit), { maxLength: 3 }))
  .map(([base, tiers]) => ({
    ...base,
    tiers: tiers.map(([aboveTokens, tier]) => ({ aboveTokens, ...tier })),
  }));
const part = fc.oneof(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: 1_000_000_000 }));
/** Parts never exceed their whole. */
const anyTokens: fc.Arbitrary<Tokens> = fc
  .tuple(part, part, part, part, part)
  .map(([plain, read, write, spoken, reasoning]) => [
    plain + read + write,
    read,
    write,
    spoken + reasoning,
    reasoning,
  ]);

/** The definition, as a fraction over a million, with each token looked at by its kind. */
function exact([input, read, write, output, reasoning]: Tokens, price: Price): bigint {
  let held = { above: -1, unit: price as Price };
  for (const tier of price.tiers ?? []) {
    if (input > tier.aboveTokens && tier.aboveTokens > held.above)
      held = { above: tier.aboveTokens, unit: tier };
  }
  const { unit: p } = held;
  const kinds: readonly (readonly [number, number])[] = [
    [input - read - write, p.inputNano],
    [read, p.cacheReadNano ?? p.inputNano],
    [write, p.cacheWriteNano ?? p.inputNano],
    [output - reasoning, p.outputNano],
    [reasoning, p.reasoningNano ?? p.outputNano],
  ];
  return kinds.reduce((sum, [tokens, each]) => sum + BigInt(tokens) * BigInt(each), 0n);
}

describe("costOf", () => {
  it.each([...PUBLISHED, ...COMPUTED])("charges $what", ({ price, tokens, nano }) => {
    expect(costOf(counts(tokens), price)).toBe(nano);
  });

  it("is held against at least 60 figures by hand, 10 of them published", () => {
    expect(PUBLISHED.length).toBeGreaterThanOrEqual(10);
    expect(PUBLISHED.length + COMPUTED.length).toBeGreaterThanOrEqual(60);
  });

  it("LG-1: is the exact fraction, rounded up once, for any price and any tokens", () => {
    fc.assert(
      fc.property(anyTokens, anyPrice, (tokens, price) => {
        const sum = exact(tokens, price);
        const up = sum / 1_000_000n + (sum % 1_000_000n > 0n ? 1n : 0n);
        const most = BigInt(Number.MAX_SAFE_INTEGER);
        expect(BigInt(costOf(counts(tokens), price))).toBe(up > most ? most : up);
      }),
      { numRuns: 2_000 },
    );
  });

  it("takes tiers in any order", () => {
    const price: Price = {
      ...priced({ input: 1, output: 1 }),
      tiers: [
        { aboveTokens: 200, inputNano: 3_000_000_000, outputNano: 0 },
        { aboveTokens: 100, inputNano: 2_000_000_000, outputNano: 0 },
      ],
    };
    const costs = [100, 101, 201].map((input) => costOf(counts([input, 0, 0, 0, 0]), price));
    expect(costs).toEqual([100_000, 202_000, 603_000]);
  });
});

describe("pricingOf", () => {
  const money = fc.integer({ min: 0, max: 1_000_000_000_000 });

  it("LG-3: is never below what a prompt of that length costs, however it is cached", () => {
    fc.assert(
      fc.property(anyTokens, anyPrice, (tokens, price) => {
        const worst = pricingOf(price, tokens[0]).worstNano(tokens[3]);
        expect(worst).toBeGreaterThanOrEqual(costOf(counts(tokens), price));
      }),
      { numRuns: 1_000 },
    );
  });

  it("is the cost itself where nothing is cached and no tier is passed", () => {
    const pricing = pricingOf(priced({ input: 2.5, read: 1.25, output: 10 }), 1_000);
    expect(pricing.worstNano(200)).toBe(4_500_000);
    expect(pricingOf(priced({ input: 0, output: 10 }), 99_999).worstNano(1_000)).toBe(10_000_000);
  });

  it("takes the whole prompt as written to the cache where that is dearer", () => {
    expect(pricingOf(priced({ input: 3, read: 0.3, write: 3.75, output: 15 }), 1_000).worstNano(0)).toBe(
      3_750_000,
    );
  });

  it("gives the most output that surely fits: one token more does not", () => {
    fc.assert(
      fc.property(anyPrice, fc.integer({ min: 0, max: 2_000_000 }), money, (price, input, amount) => {
        const { worstNano, outputFor } = pricingOf(price, input);
        const most = outputFor(amount);
        if (most < 0) expect(worstNano(0)).toBeGreaterThan(amount);
        else expect(worstNano(most)).toBeLessThanOrEqual(amount);
        if (most >= 0 && most < Number.MAX_SAFE_INTEGER) expect(worstNano(most + 1)).toBeGreaterThan(amount);
      }),
      { numRuns: 2_000 },
    );
  });

  it("gives no output for a debt, none for exactly the prompt, and all of it where output is free", () => {
    const { outputFor } = pricingOf(priced({ input: 1, output: 2 }), 1_000);
    expect([-1, 999_999, 1_000_000, 1_001_999, 1_002_000].map(outputFor)).toEqual([-1, -1, 0, 0, 1]);
    expect(pricingOf(priced({ input: 1, output: 0 }), 1_000).outputFor(1_000_000)).toBe(
      Number.MAX_SAFE_INTEGER,
    );
    expect(pricingOf(priced({ input: 0, output: 0 }), 1_000).outputFor(0)).toBe(Number.MAX_SAFE_INTEGER);
  });
});
