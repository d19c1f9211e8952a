import type { Quote } from "../admission/rules.ts";
import { pricingOf } from "../ledger/cost.ts";
import type { Priced } from "../ledger/price.ts";
import type { PriceBook } from "../ledger/price-book.ts";
import type { Target } from "../routing/target.ts";
import type { Candidate } from "./candidates.ts";

/** How much one request to one candidate may take, in tokens. */
export interface Demand {
  /** Of the prompt, estimated. */
  readonly inputTokens: number;
  /** The output the caller or the model limits it to; undefined where nobody does. */
  readonly maxOutputTokens: number | undefined;
}

/** A candidate's price, and what admission reserves for it. */
export interface Offer {
  readonly priced: Priced;
  readonly quote: Quote;
  /** See LoadedProvider. */
  readonly endpoint: string;
}

/** Reserved where nobody limits the answer (LG-3). */
export const OPEN_OUTPUT_TOKENS = 4_096;

/** Looks up what a candidate costs and what it may come to. */
export async function offerOf(
  candidate: Candidate,
  demand: Demand,
  { prices, atMs }: { readonly prices: PriceBook; readonly atMs: number },
): Promise<Offer> {
  const { entry, isFree, endpoint } = candidate.loaded;
  const { model } = candidate;
  const priced = await prices.priceOf(
    { providerType: entry.type, model, isFree, overrides: entry.prices },
    atMs,
  );
  const { maxConcurrent } = entry;
  return { priced, endpoint, quote: { ...quoteOf(candidate, demand, priced), maxConcurrent } };
}

/** The quote of an offer for a prompt that has grown since. */
export function quoteWith({ quote, priced: { price } }: Offer, estimatedTokens: number): Quote {
  const inputTokens = reservedFor(estimatedTokens);
  if (inputTokens <= quote.inputTokens) return quote;
  return { ...quote, inputTokens, pricing: price && pricingOf(price, inputTokens) };
}

/** The estimate of a prompt is a tenth too low at times. */
const reservedFor = (estimatedTokens: number): number => Math.ceil((estimatedTokens * 11) / 10);

function quoteOf({ provider, model }: Target, demand: Demand, { price }: Priced): Quote {
  const inputTokens = reservedFor(demand.inputTokens);
  return {
    provider,
    model,
    inputTokens,
    outputTokens: demand.maxOutputTokens ?? OPEN_OUTPUT_TOKENS,
    outputIsOpen: demand.maxOutputTokens === undefined,
    pricing: price && pricingOf(price, inputTokens),
  };
}
