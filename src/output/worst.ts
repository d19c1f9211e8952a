import type { CompletionCandidate } from "../engine/candidates.ts";
import type { Offer } from "../engine/offers.ts";
import { estimateInputTokens } from "../providers/estimate.ts";
import { targetText } from "../routing/target.ts";
import type { Estimate } from "./plan.ts";

/** What each candidate comes to at worst: the prompt as it is, and the longest answer its limits allow. */
export function worstOf(
  candidates: readonly CompletionCandidate[],
  offers: ReadonlyMap<string, Offer>,
): readonly Estimate[] {
  return candidates.flatMap((candidate) => {
    const { quote } = offers.get(targetText(candidate)) ?? {};
    if (!quote) return [];
    const { provider, model, request } = candidate;
    const outputTokens = request.maxTokens ?? request.facts.maxOutputTokens ?? quote.outputTokens;
    const worstNano = quote.pricing?.worstNano(outputTokens) ?? null;
    return [{ provider, model, inputTokens: estimateInputTokens(request), outputTokens, worstNano }];
  });
}
