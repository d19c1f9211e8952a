import { humanUsd, usdText } from "../../core/money.ts";
import { costOf } from "../cost.ts";
import type { InsightFacts, Traffic } from "./facts.ts";
import { placeId, shellWord, targetOf } from "./figures.ts";
import type { Insight } from "./insight.ts";

const LEAST_REQUESTS = 30;
const MANY_REQUESTS = 300;
/** Prompts vary; half as long again is growth. */
const GROWTH = 1.5;
const LEAST_TOKENS = 100;

/** Prompts that were much longer in the second half of the range than in the first, at the same place. */
export function promptGrowth({ halves: [before, after], prices, since }: InsightFacts): readonly Insight[] {
  const first = new Map(before.map((traffic) => [placeId(traffic), traffic]));
  return after.flatMap((late) => {
    const early = first.get(placeId(late));
    const price = prices.get(targetOf(late));
    if (!early || !price || Math.min(early.requests, late.requests) < LEAST_REQUESTS) return [];
    const [was, is] = leastGrowth(early, late);
    if (is < was * GROWTH || is - was < LEAST_TOKENS) return [];
    const { tiers: _, ...unit } = price;
    // What the prompts grew by costs as the prompts do: in part as cached tokens.
    const grown = (is - was) / is;
    const part = (tokens: number) => Math.round(tokens * grown);
    const tokens = {
      inputTokens: part(late.inputTokens),
      cacheReadTokens: part(late.cacheReadTokens),
      cacheWriteTokens: part(late.cacheWriteTokens),
      outputTokens: 0,
      reasoningTokens: 0,
    };
    return [insightOf(late, early, { was, is, since, savingNano: costOf(tokens, unit) })];
  });
}

/**
 * The mean length of a prompt then and now, by request or by attempt, whichever grew less: tries made again send a
 * prompt twice, and failed ones that are not billed send none, but neither makes prompts longer.
 */
function leastGrowth(early: Traffic, late: Traffic): readonly [was: number, is: number] {
  const mean = (by: "requests" | "attempts") =>
    [early.inputTokens / early[by], late.inputTokens / late[by]] as const;
  const [ofRequests, ofAttempts] = [mean("requests"), mean("attempts")];
  return ofRequests[1] / ofRequests[0] <= ofAttempts[1] / ofAttempts[0] ? ofRequests : ofAttempts;
}

interface Growth {
  /** Mean tokens of a prompt. */
  readonly was: number;
  readonly is: number;
  readonly since: string;
  readonly savingNano: number;
}

function insightOf(late: Traffic, early: Traffic, { was, is, since, savingNano }: Growth): Insight {
  const { tenant, alias } = late;
  const target = targetOf(late);
  const name = alias || target;
  return {
    rule: "prompt_growth",
    tenant,
    summary: `${name}: prompts to ${target} grew from ${Math.round(was)} to ${Math.round(is)} tokens on average, which cost ${humanUsd(savingNano)}`,
    evidence: {
      alias: alias || null,
      target,
      requests_before: early.requests,
      requests_after: late.requests,
      input_tokens_before: Math.round(was),
      input_tokens_after: Math.round(is),
      growth: Math.round((is / was) * 100) / 100,
      grown_usd: usdText(savingNano),
    },
    method:
      "tokens by which the mean prompt of the second half of the range is longer than that of the first, times the requests of the second half, at today's price of input",
    savingNano,
    confidence: Math.min(early.requests, late.requests) >= MANY_REQUESTS ? "medium" : "low",
    apply: `riptide costs export --kind operations --tenant ${shellWord(tenant)} --since ${since} -o jsonl`,
  };
}
