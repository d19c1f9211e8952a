import { humanUsd, usdText } from "../../core/money.ts";
import type { Loss } from "../stats-facts.ts";
import type { InsightFacts } from "./facts.ts";
import { costByTenant, percent, share, shellWord, sumOf, targetOf, yamlName } from "./figures.ts";
import type { Insight } from "./insight.ts";

/** A smaller part of what a tenant spends is left alone. */
const LEAST_SHARE = 0.01;

/** Money for attempts that failed or were cancelled, and nobody went on with. */
export const failedSpend = (facts: InsightFacts): readonly Insight[] =>
  wasteOf(facts, (loss) => !loss.repaired, {
    rule: "failed_spend",
    verb: "failed or were cancelled",
    method:
      "what attempts cost that did not answer; those that were repaired, or continued elsewhere, are left out",
    apply: applyFor,
  });

/** Money for attempts that had to be made again at the same target, and for such second ones that failed too. */
export const repairOverhead = (facts: InsightFacts): readonly Insight[] =>
  wasteOf(facts, (loss) => loss.repaired, {
    rule: "repair_overhead",
    verb: "were made again at the same target, or were a second try that failed",
    method: "what attempts cost that were repaired, and repairs that did not answer",
    apply: () => "failover:\n  repair: never\n",
  });

interface Kind {
  readonly rule: "failed_spend" | "repair_overhead";
  readonly verb: string;
  readonly method: string;
  readonly apply: (losses: readonly Loss[], facts: InsightFacts) => string;
}

function wasteOf(facts: InsightFacts, isOfKind: (loss: Loss) => boolean, kind: Kind): readonly Insight[] {
  const { traffic, losses } = facts;
  const spent = costByTenant(traffic);
  const wasted = losses.filter((loss) => loss.costNano > 0 && !loss.continued && isOfKind(loss));
  const groups = Map.groupBy(wasted, (loss) => JSON.stringify([loss.tenant, targetOf(loss)]));
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    const whole = first ? (spent.get(first.tenant) ?? 0) : 0;
    const costNano = sumOf(group, (loss) => loss.costNano);
    return first && costNano >= whole * LEAST_SHARE
      ? [{ ...insightOf(group, first, { costNano, whole }, kind), apply: kind.apply(group, facts) }]
      : [];
  });
}

function insightOf(
  group: readonly Loss[],
  { tenant, ...place }: Loss,
  { costNano, whole }: { readonly costNano: number; readonly whole: number },
  { rule, verb, method }: Kind,
): Omit<Insight, "apply"> {
  const attempts = sumOf(group, (loss) => loss.attempts);
  const estimated = sumOf(group, (loss) => loss.estimated);
  const target = targetOf(place);
  return {
    ...{ rule, tenant, method },
    summary: `${attempts} attempts at ${target} ${verb}, and cost ${humanUsd(costNano)} (${percent(costNano, whole)} of the tenant's spending)`,
    evidence: {
      ...{ target, attempts },
      cost_usd: usdText(costNano),
      share_of_spending: share(costNano, whole),
      estimated_attempts: estimated,
      codes: codesOf(group).map(({ code, ...figures }) => ({
        code,
        attempts: figures.attempts,
        cost_usd: usdText(figures.costNano),
      })),
    },
    savingNano: costNano,
    confidence: estimated * 2 <= attempts ? "high" : "medium",
  };
}

/** The reasons, the dearest first. */
function codesOf(group: readonly Loss[]) {
  return [...Map.groupBy(group, ({ code, outcome }) => code ?? outcome)]
    .map(([code, losses]) => ({
      code,
      attempts: sumOf(losses, (loss) => loss.attempts),
      costNano: sumOf(losses, (loss) => loss.costNano),
    }))
    .toSorted((one, other) => other.costNano - one.costNano);
}

/** What acts on the dearest reason, and is not so already. */
function applyFor(group: readonly Loss[], { since, settings }: InsightFacts): string {
  const [worst] = codesOf(group);
  const { provider = "", alias = "", tenant = "" } = group[0] ?? {};
  const known = settings.aliasOf(alias);
  switch (worst?.code) {
    case "cancelled":
      return settings.drainsCancelled
        ? "failover:\n  on_cancel: abort\n"
        : `riptide costs --tenant ${shellWord(tenant)} --since ${since} --by outcome,day`;
    case "stream_interrupted":
    case "stream_idle":
      if (known && !known.recoversStreams) return aliasYaml(alias, "stream_recovery: continue");
      break;
    case "attempt_timeout":
    case "deadline_exceeded":
      return "timeouts:\n  preset: relaxed\n";
    default:
  }
  if (known && known.strategy !== "health-based") return aliasYaml(alias, "strategy: health-based");
  return `riptide health ${shellWord(provider)} --deep`;
}

const aliasYaml = (alias: string, line: string): string => `models:\n  ${yamlName(alias)}:\n    ${line}\n`;
