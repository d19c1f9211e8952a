import type { DatedPrice, PriceRecord } from "./price.ts";

interface Correction {
  readonly providerType: string;
  /** Matches the whole name of the model, without regard to case. */
  readonly model: RegExp;
  readonly prices: readonly DatedPrice[];
}

/** Stored with the lines these prices apply to; the number goes up whenever one changes. */
const VERSION = "corrections@1";

/** 7 October 2026, 00:00 UTC. */
const OCTOBER_7_2026_MS = 1_791_331_200_000;

const SONNET_5_5 = { inputNano: 2_000_000_000, outputNano: 10_000_000_000, cacheWriteNano: 2_500_000_000 };

/** Where the bundled data is known to be wrong or to miss a model that our adapters serve. */
const CORRECTIONS: readonly Correction[] = [
  {
    // The data takes it for the first version, at five times the price. Amazon Bedrock pricing, "Amazon Titan".
    providerType: "bedrock",
    model: /^amazon\.titan-embed-text-v2(:\d+)?$/i,
    prices: [{ price: { inputNano: 20_000_000, outputNano: 0 } }],
  },
  {
    // Missing. Amazon Bedrock pricing, "Cohere", Embed 3: 0.0001 USD per 1,000 tokens.
    providerType: "bedrock",
    model: /^cohere\.embed-(english|multilingual)-v3(:\d+)?$/i,
    prices: [{ price: { inputNano: 100_000_000, outputNano: 0 } }],
  },
  {
    // The data takes it for Claude Sonnet 5, whose price for cache reads it left. Claude pricing, "Model pricing".
    providerType: "anthropic",
    model: /^claude-sonnet-5-5(-\d{8})?$/i,
    prices: [
      { price: { ...SONNET_5_5, cacheReadNano: 200_000_000 } },
      { price: { ...SONNET_5_5, cacheReadNano: 100_000_000 }, sinceMs: OCTOBER_7_2026_MS },
    ],
  },
  {
    // Missing. Claude pricing, "Model pricing": dearer as a whole from a prompt above 100,000 tokens.
    providerType: "anthropic",
    model: /^claude-haiku-5-5(-\d{8})?$/i,
    prices: [
      {
        price: {
          inputNano: 100_000_000,
          outputNano: 500_000_000,
          cacheReadNano: 10_000_000,
          cacheWriteNano: 125_000_000,
          tiers: [
            {
              aboveTokens: 100_000,
              inputNano: 500_000_000,
              outputNano: 2_500_000_000,
              cacheReadNano: 50_000_000,
              cacheWriteNano: 625_000_000,
            },
          ],
        },
      },
    ],
  },
];

/** What is known better than by the bundled data; undefined for a model it is right about. */
export function correctionOf(providerType: string, model: string): PriceRecord | undefined {
  const found = CORRECTIONS.find(
    (correction) => correction.providerType === providerType && correction.model.test(model),
  );
  return found && { version: VERSION, prices: found.prices };
}
