/**
 * What a model costs, in nano-dollars per million tokens, whole numbers. Absent parts cost what the part they belong to
 * costs: cached and cache-written input as input, reasoning as output.
 */
export interface UnitPrice {
  readonly inputNano: number;
  readonly outputNano: number;
  readonly cacheReadNano?: number | undefined;
  readonly cacheWriteNano?: number | undefined;
  readonly reasoningNano?: number | undefined;
}

/** Unit prices by the length of the prompt: the last tier whose `aboveTokens` the whole prompt exceeds holds for all of it. */
export interface Price extends UnitPrice {
  readonly tiers?: readonly PriceTier[] | undefined;
}

export interface PriceTier extends UnitPrice {
  readonly aboveTokens: number;
}

/** A price with the time it holds at; the last of several that holds is the price. */
export interface DatedPrice {
  readonly price: Price;
  /** Unix milliseconds. */
  readonly sinceMs?: number | undefined;
  /** A part of every day, in milliseconds from midnight UTC; it may reach over midnight. */
  readonly hours?: { readonly fromMs: number; readonly untilMs: number } | undefined;
}

/** Everything known of a model's price under one version; null is the knowledge that there is none. */
export interface PriceRecord {
  readonly version: string;
  readonly prices: readonly DatedPrice[] | null;
}

/** A model's price at some moment, or that none is known. */
export type Priced =
  | {
      readonly price: Price;
      readonly version: string;
      readonly source: "builtin" | "override" | "import" | "free";
    }
  | { readonly price: null; readonly version: null; readonly source: null };

/** Where prices that were looked up once are remembered, so that a start need not load the price data. */
export interface PriceMemory {
  /** The remembered text; undefined when there is none under this key. */
  recall(key: string): string | undefined;
  remember(key: string, text: string): void;
}
