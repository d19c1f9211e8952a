import type { Usage } from "../core/usage.ts";
import { costOf } from "../ledger/cost.ts";
import { type Charge, type EstimateNote, NO_TOKENS, type TokenCounts } from "../ledger/settlement.ts";
import type { Offer } from "./offers.ts";

/** What is known of what an attempt used. */
export type SeenUsage =
  /** The provider bills nothing: nothing was sent, or it refused with a status. */
  | { readonly kind: "none" }
  | { readonly kind: "reported"; readonly usage: TokenCounts; readonly estimate: TokenCounts }
  | { readonly kind: "estimated"; readonly usage: TokenCounts; readonly note: EstimateNote };

/** Usage so far above what was reserved is no usage but a mistake (LG-5). */
const ABSURD_FACTOR = 10;
/** What templates and tools of a provider add to the shortest prompt. */
const PROMPT_ALLOWANCE_TOKENS = 1_000;
/** The longest answer of any model that gives no limit of its own. */
const LONGEST_ANSWER_TOKENS = 131_072;

/** The line of an attempt: believable usage as reported, everything else estimated, at the offer's price. */
export function chargeOf(seen: SeenUsage, offer: Offer | undefined): Charge {
  if (seen.kind === "none") return free("none");
  const price = offer?.priced ?? { price: null, version: null };
  const believed: SeenUsage =
    seen.kind === "reported" && offer && isAbsurd(seen.usage, offer)
      ? { kind: "estimated", usage: seen.estimate, note: "bad_usage" }
      : seen;
  const counts = tokensOf(believed.usage);
  return {
    ...counts,
    source: believed.kind,
    note: believed.kind === "estimated" ? believed.note : null,
    costNano: price.price ? costOf(counts, price.price) : 0,
    priceVersion: price.version,
  };
}

const free = (source: "none"): Charge => ({
  ...NO_TOKENS,
  source,
  note: null,
  costNano: 0,
  priceVersion: null,
});

function isAbsurd({ inputTokens, outputTokens }: TokenCounts, { quote }: Offer): boolean {
  const longest = quote.outputIsOpen ? LONGEST_ANSWER_TOKENS : 0;
  return (
    inputTokens > ABSURD_FACTOR * (quote.inputTokens + PROMPT_ALLOWANCE_TOKENS) ||
    outputTokens > ABSURD_FACTOR * Math.max(quote.outputTokens, longest)
  );
}

/** Exactly the counts, so that nothing else of a usage reaches the ledger. */
const tokensOf = (usage: TokenCounts | Usage): TokenCounts => ({
  inputTokens: usage.inputTokens,
  cacheReadTokens: usage.cacheReadTokens,
  cacheWriteTokens: usage.cacheWriteTokens,
  outputTokens: usage.outputTokens,
  reasoningTokens: usage.reasoningTokens,
});
