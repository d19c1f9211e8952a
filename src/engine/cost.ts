import { RiptideError } from "../core/errors.ts";
import type { Usage } from "../core/usage.ts";
import type { Attempt } from "./events.ts";

/** What the attempt that answered used: exactly its line in the ledger. */
export function usageOf(attempts: readonly Attempt[]): Usage {
  const charge = attempts.at(-1)?.charge;
  if (!charge) throw new RiptideError("internal", "an answer without an attempt");
  const { inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens, reasoningTokens, source } = charge;
  return {
    ...{ inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens, reasoningTokens },
    source: source === "reported" ? "reported" : "estimated",
  };
}

/** What a whole operation costs, as its lines add up. */
export interface Cost {
  readonly nano: number;
  /** False when one of the lines has no price; then `nano` is only a part. */
  readonly priced: boolean;
  /** Of the last line that was billed. */
  readonly priceVersion: string | null;
}

/** Adds up the lines of an operation. */
export function costOfAttempts(attempts: readonly Attempt[]): Cost {
  const billed = attempts.map(({ charge }) => charge).filter(({ source }) => source !== "none");
  return {
    nano: billed.reduce((sum, { costNano }) => sum + costNano, 0),
    priced: billed.every(({ priceVersion }) => priceVersion !== null),
    priceVersion: billed.at(-1)?.priceVersion ?? null,
  };
}
