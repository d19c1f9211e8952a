import { humanUsd, usdText } from "../../core/money.ts";
import type { InsightFacts, Outliers } from "./facts.ts";
import { percent, share, shellWord } from "./figures.ts";
import type { Insight } from "./insight.ts";

/** One request in a hundred always costs more than the others; below this many, one is no pattern. */
const LEAST_REQUESTS = 200;
/** What the dearest cost beyond the others has to be a noticeable part of what the alias costs. */
const LEAST_SHARE = 0.05;

/** A few requests that cost far more than the rest of their alias. */
export const outlierRequests = ({ outliers, since }: InsightFacts): readonly Insight[] =>
  outliers.flatMap((group) =>
    group.aliasRequests >= LEAST_REQUESTS && excessOf(group) >= group.aliasCostNano * LEAST_SHARE
      ? [insightOf(group, since)]
      : [],
  );

const excessOf = ({ costNano, count, p99Nano }: Outliers): number => costNano - count * p99Nano;

function insightOf(group: Outliers, since: string): Insight {
  const { tenant, alias, count, costNano, p99Nano, aliasRequests, aliasCostNano } = group;
  const name = alias || "targets named outright";
  return {
    rule: "outlier_requests",
    tenant,
    summary: `${name}: ${count} requests above the 99th percentile (${humanUsd(p99Nano)}) cost ${humanUsd(costNano)}, ${percent(costNano, aliasCostNano)} of all ${aliasRequests} requests`,
    evidence: {
      alias: alias || null,
      requests: count,
      cost_usd: usdText(costNano),
      p99_usd: usdText(p99Nano),
      alias_requests: aliasRequests,
      alias_cost_usd: usdText(aliasCostNano),
      share_of_alias: share(costNano, aliasCostNano),
    },
    method: "what requests above the 99th percentile of their alias cost beyond that percentile",
    savingNano: excessOf(group),
    confidence: "low",
    apply: `riptide costs top -n ${Math.min(count, 100)} --tenant ${shellWord(tenant)} --since ${since}`,
  };
}
