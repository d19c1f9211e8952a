import { cacheUnused } from "./insights/cache-unused.ts";
import { cheaperTargets } from "./insights/cheaper-target.ts";
import type { InsightFacts } from "./insights/facts.ts";
import { INSIGHT_RULES, type Insight, type InsightRule } from "./insights/insight.ts";
import { outlierRequests } from "./insights/outlier-requests.ts";
import { promptGrowth } from "./insights/prompt-growth.ts";
import { repeatedPrompts } from "./insights/repeated-prompts.ts";
import { tenantLimits } from "./insights/tenant-limits.ts";
import { unreliableProviders } from "./insights/unreliable-provider.ts";
import { unusedOutputLimits } from "./insights/unused-output-limit.ts";
import { failedSpend, repairOverhead } from "./insights/waste.ts";

const FINDERS: Readonly<Record<InsightRule, (facts: InsightFacts) => readonly Insight[]>> = {
  cheaper_target: cheaperTargets,
  failed_spend: failedSpend,
  repair_overhead: repairOverhead,
  prompt_growth: promptGrowth,
  outlier_requests: outlierRequests,
  cache_unused: cacheUnused,
  repeated_prompts: repeatedPrompts,
  unused_output_limit: unusedOutputLimits,
  tenant_limits: tenantLimits,
  unreliable_provider: unreliableProviders,
};

/** Everything the rules find, what saves most first. Savings of different findings may be parts of the same money. */
export const findInsights = (facts: InsightFacts): readonly Insight[] =>
  INSIGHT_RULES.flatMap((rule) => FINDERS[rule](facts)).toSorted(
    (one, other) => other.savingNano - one.savingNano,
  );
