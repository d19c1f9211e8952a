import { humanUsd, usdText } from "../../core/money.ts";
import type { InsightFacts } from "./facts.ts";
import { costByTenant, shellWord } from "./figures.ts";
import type { Insight } from "./insight.ts";

const LEAST_SHARE = 0.01;

/** Prompts that were sent again and again; known only where the ledger keeps hashes of them. */
export function repeatedPrompts({ repeated, traffic, since }: InsightFacts): readonly Insight[] {
  const spent = costByTenant(traffic);
  return repeated
    .filter(
      ({ tenant, repeatedNano }) =>
        repeatedNano > 0 && repeatedNano >= (spent.get(tenant) ?? 0) * LEAST_SHARE,
    )
    .map(
      ({ tenant, alias, prompts, requests, repeatedNano }): Insight => ({
        rule: "repeated_prompts",
        tenant,
        summary: `${alias || "targets named outright"}: ${prompts} prompts were sent ${requests} times; all but the first of each cost ${humanUsd(repeatedNano)}`,
        evidence: {
          alias: alias || null,
          ...{ prompts, requests },
          repeated_requests: requests - prompts,
          repeated_usd: usdText(repeatedNano),
        },
        method:
          "what the newest 100,000 answered requests cost whose prompt, told by its salted hash, had been answered before; the export has it as prompt_hash, and a cache of the caller's saves what it repeats",
        savingNano: repeatedNano,
        confidence: "medium",
        apply: `riptide costs export --kind operations --tenant ${shellWord(tenant)} --since ${since} -o jsonl`,
      }),
    );
}
