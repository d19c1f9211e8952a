import { usdText } from "../../core/money.ts";
import type { InsightFacts, Traffic } from "./facts.ts";
import { percent, share, shellWord, targetOf } from "./figures.ts";
import type { Insight } from "./insight.ts";

const LEAST_REQUESTS = 50;
/** Vendors cache no shorter prompts. */
const LEAST_PROMPT_TOKENS = 1_024;
/** Less than this is hardly any use of the cache, and more than that shows what the provider gives. */
const HARDLY = 0.1;
const MUCH = 0.3;
const PER_TOKENS = 1_000_000;

/** Long prompts of which hardly a token was read from the cache, where others at the same provider read many. */
export function cacheUnused({ traffic, prices, since }: InsightFacts): readonly Insight[] {
  const counted = traffic.filter(
    ({ requests, inputTokens }) =>
      requests >= LEAST_REQUESTS && inputTokens >= requests * LEAST_PROMPT_TOKENS,
  );
  const best = new Map<string, Traffic>();
  for (const each of counted) {
    const known = best.get(each.provider);
    if (!known || cachedShare(each) > cachedShare(known)) best.set(each.provider, each);
  }
  return counted.flatMap((place) => {
    const peer = best.get(place.provider);
    const price = prices.get(targetOf(place));
    const discountNano = price ? price.inputNano - (price.cacheReadNano ?? price.inputNano) : 0;
    if (!peer || discountNano <= 0 || cachedShare(place) >= HARDLY || cachedShare(peer) < MUCH) return [];
    return [insightOf(place, peer, { discountNano, since })];
  });
}

const cachedShare = ({ inputTokens, cacheReadTokens }: Traffic): number =>
  inputTokens === 0 ? 0 : cacheReadTokens / inputTokens;

function insightOf(
  place: Traffic,
  peer: Traffic,
  { discountNano, since }: { readonly discountNano: number; readonly since: string },
): Insight {
  const { tenant, alias, inputTokens, cacheReadTokens, requests } = place;
  const target = targetOf(place);
  const more = Math.max(0, cachedShare(peer) * inputTokens - cacheReadTokens);
  const savingNano = Math.round((more * discountNano) / PER_TOKENS);
  return {
    rule: "cache_unused",
    tenant,
    summary: `${alias || target}: ${percent(cacheReadTokens, inputTokens)} of the input to ${target} was read from its cache; ${peer.alias || targetOf(peer)} of tenant ${peer.tenant} gets ${percent(peer.cacheReadTokens, peer.inputTokens)} there`,
    evidence: {
      alias: alias || null,
      ...{ target, requests },
      input_tokens: inputTokens,
      cached_tokens: cacheReadTokens,
      cached_share: share(cacheReadTokens, inputTokens),
      peer_tenant: peer.tenant,
      peer_target: targetOf(peer),
      peer_cached_share: share(peer.cacheReadTokens, peer.inputTokens),
      discount_usd_per_mtok: usdText(discountNano),
    },
    method:
      "as large a part of the input at the price of cached tokens as the best user of the same provider gets; whether these prompts share a beginning is not known",
    savingNano,
    confidence: "low",
    apply: `riptide costs --tenant ${shellWord(tenant)} --since ${since} --by model,day`,
  };
}
