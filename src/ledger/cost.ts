import { clampNano, MAX_NANO } from "../core/money.ts";
import type { Price, UnitPrice } from "./price.ts";
import type { TokenCounts } from "./settlement.ts";

/** Prices are per so many tokens. */
const PER_TOKENS = 1_000_000n;

/**
 * What the tokens of one line cost in nano-dollars, rounded up once (LG-1). The length of the whole prompt, its cached
 * and cache-written parts included, decides which tier holds; parts that claim to be more than the whole are charged
 * as what they claim to be.
 */
export function costOf(tokens: TokenCounts, price: Price): number {
  const unit = unitPriceOf(price, tokens.inputTokens);
  const { inputNano, outputNano, cacheReadNano, cacheWriteNano, reasoningNano } = unit;
  const { inputTokens, cacheReadTokens, cacheWriteTokens, outputTokens, reasoningTokens } = tokens;
  return nanoOf(
    product(Math.max(0, inputTokens - cacheReadTokens - cacheWriteTokens), inputNano) +
      product(cacheReadTokens, cacheReadNano ?? inputNano) +
      product(cacheWriteTokens, cacheWriteNano ?? inputNano) +
      product(Math.max(0, outputTokens - reasoningTokens), outputNano) +
      product(reasoningTokens, reasoningNano ?? outputNano),
  );
}

/** Both ways between output and money for one prompt; see admission's Pricing. */
export interface WorstCase {
  /** The most the request can cost with so many output tokens. */
  worstNano(outputTokens: number): number;
  /**
   * The most output tokens that never cost more than `nano` together with the prompt; negative when the prompt alone
   * does. `Number.MAX_SAFE_INTEGER` where output is free.
   */
  outputFor(nano: number): number;
}

/**
 * What a prompt of at most so many tokens can come to. Whether a prompt is written to a cache is the vendor's choice
 * with some models and can be asked for by the caller's options with others, so the worst case takes all of it at the
 * dearest of the input prices, in the dearest tier it can reach: a budget is then never overshot, and what was reserved
 * too much is free again as soon as the answer is there.
 */
export function pricingOf(price: Price, inputTokens: number): WorstCase {
  const reachable = [price, ...(price.tiers ?? []).filter(({ aboveTokens }) => aboveTokens < inputTokens)];
  const prompt = product(inputTokens, Math.max(...reachable.map(dearestInput)));
  const outputNano = Math.max(...reachable.map(dearestOutput));
  return {
    worstNano: (outputTokens) => nanoOf(prompt + product(outputTokens, outputNano)),
    outputFor(nano) {
      const room = BigInt(nano) * PER_TOKENS - prompt;
      if (room < 0n) return -1;
      // The largest amount and the largest plain whole number are the same figure.
      return outputNano === 0 ? MAX_NANO : clampNano(room / BigInt(outputNano));
    },
  };
}

/** The unit prices that hold for a prompt of this length. */
function unitPriceOf(price: Price, inputTokens: number): UnitPrice {
  const passed = (price.tiers ?? []).filter(({ aboveTokens }) => inputTokens > aboveTokens);
  const longest = Math.max(...passed.map(({ aboveTokens }) => aboveTokens));
  return passed.find(({ aboveTokens }) => aboveTokens === longest) ?? price;
}

const dearestInput = ({ inputNano, cacheReadNano, cacheWriteNano }: UnitPrice): number =>
  Math.max(inputNano, cacheReadNano ?? 0, cacheWriteNano ?? 0);

const dearestOutput = ({ outputNano, reasoningNano }: UnitPrice): number =>
  Math.max(outputNano, reasoningNano ?? 0);

const product = (tokens: number, nano: number): bigint => BigInt(tokens) * BigInt(nano);

/** Rounds up to whole nano-dollars. */
const nanoOf = (amount: bigint): number => clampNano((amount + PER_TOKENS - 1n) / PER_TOKENS);
