import { humanUsd, usdText } from "../../core/money.ts";
import type { Loss } from "../stats-facts.ts";
import { adviceFor } from "./advice.ts";
import type { InsightFacts } from "./facts.ts";
import { costByTenant, percent, share, sumOf, targetOf } from "./figures.ts";
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
    apply: (losses, facts) => adviceFor(dearestOf(losses), facts),
  });

/** Money for attempts that had to be made again at the same target, and for such second ones that failed too. */
export const repairOverhead = (facts: InsightFacts): readonly Insight[] =>
  wasteOf(facts, (loss) => loss.repaired, {
    rule: "repair_overhead",
    verb: "were made again at the same target, or were a second try that failed",
    method: "what attempts cost that were repaired, and repairs that did not answer",
    apply: (losses, facts) =>
      facts.settings.repairs && secondTriesNano(losses) * 2 >= sumOf(losses, ({ costNano }) => costNano)
        ? "failover:\n  repair: never\n"
        : adviceFor(dearestOf(losses), facts),
  });

/**
 * What second tries cost that failed as well: so much is saved where none is made. First ones cost what they cost, and
 * an answer that is not as its schema wants is repaired whatever the configuration says.
 */
const secondTriesNano = (losses: readonly Loss[]): number =>
  sumOf(losses, (loss) => (loss.isSecondTry && loss.code !== "schema_invalid" ? loss.costNano : 0));

interface Kind {
  readonly rule: "failed_spend" | "repair_overhead";
  readonly verb: string;
  readonly method: string;
  /** At least one loss. */
  readonly apply: (losses: Losses, facts: InsightFacts) => string;
}

type Losses = readonly [Loss, ...Loss[]];

function wasteOf(facts: InsightFacts, isOfKind: (loss: Loss) => boolean, kind: Kind): readonly Insight[] {
  const { traffic, losses } = facts;
  const spent = costByTenant(traffic);
  const wasted = losses.filter((loss) => loss.costNano > 0 && !loss.continued && isOfKind(loss));
  const groups = Map.groupBy(wasted, (loss) => JSON.stringify([loss.tenant, targetOf(loss)]));
  return [...groups.values()].flatMap(([first, ...others]) => {
    if (!first) return [];
    const group: Losses = [first, ...others];
    const whole = spent.get(first.tenant) ?? 0;
    const costNano = sumOf(group, (loss) => loss.costNano);
    return costNano >= whole * LEAST_SHARE
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
      ...(rule === "repair_overhead" && { second_tries_usd: usdText(secondTriesNano(group)) }),
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

/** Of the dearest reason the place where it cost most. */
function dearestOf(losses: Losses): Loss {
  const [worst] = codesOf(losses);
  const [first, ...others] = losses.filter(({ code, outcome }) => (code ?? outcome) === worst?.code);
  return others.reduce((most, loss) => (loss.costNano > most.costNano ? loss : most), first ?? losses[0]);
}
