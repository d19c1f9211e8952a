import { humanUsd, usdText } from "../../core/money.ts";
import { costOf } from "../cost.ts";
import { isProviderFault } from "../fault.ts";
import type { Price } from "../price.ts";
import type { InsightFacts, LongPrompts, Traffic } from "./facts.ts";
import { answered, percent, placeId, share, sumOf, targetOf, tokensBy, yamlName } from "./figures.ts";
import type { Insight } from "./insight.ts";

/** Fewer answers are no traffic yet. */
const LEAST_ANSWERS = 10;
/** A smaller part of the cost is not worth a change. */
const LEAST_SHARE = 0.05;
/** So many attempts say how reliable a target is. */
const ENOUGH_ATTEMPTS = 20;
const MANY_ATTEMPTS = 100;
/** A target that fails this much more often is no cheaper one. */
const MORE_FAILURES = 0.05;

/** The same answers from a cheaper target of the same alias, at today's prices. */
export function cheaperTargets(facts: InsightFacts): readonly Insight[] {
  const failures = failureRates(facts);
  const long = Map.groupBy(facts.longPrompts, placeId);
  return answered(facts.traffic, facts.losses).flatMap((booked) => {
    if (booked.alias === "" || booked.unpriced > 0 || booked.attempts < LEAST_ANSWERS) return [];
    const longOfPlace = long.get(placeId(booked)) ?? [];
    const traffic = { ...booked, costNano: costToday(booked, longOfPlace, facts) };
    const best = bestOf(traffic, longOfPlace, facts, failures);
    return best ? [insightOf(traffic, best, facts)] : [];
  });
}

/** A price that fell since is no reason to leave: the answers cost what was booked, or less where they would today. */
function costToday(booked: Traffic, long: readonly LongPrompts[], { prices }: InsightFacts): number {
  const price = prices.get(targetOf(booked));
  return price ? Math.min(booked.costNano, repriced(booked, long, price)) : booked.costNano;
}

interface Failures {
  readonly attempts: number;
  readonly failed: number;
}

interface Cheaper {
  readonly target: string;
  readonly costNano: number;
  readonly own: Failures;
  readonly other: Failures | undefined;
}

function bestOf(
  traffic: Traffic,
  long: readonly LongPrompts[],
  facts: InsightFacts,
  failures: ReadonlyMap<string, Failures>,
): Cheaper | undefined {
  const { prices, targetsOf } = facts;
  const own = failures.get(targetOf(traffic)) ?? { attempts: 0, failed: 0 };
  return targetsOf(traffic.tenant, traffic.alias)
    .filter((target) => target !== targetOf(traffic))
    .filter((target) => !isAskedBefore(target, traffic, facts))
    .flatMap((target): readonly Cheaper[] => {
      const price = prices.get(target);
      const other = failures.get(target);
      if (!price || (other && isWorse(other, own))) return [];
      const costNano = repriced(traffic, long, price);
      return traffic.costNano - costNano >= traffic.costNano * LEAST_SHARE && costNano < traffic.costNano
        ? [{ target, costNano, own, other }]
        : [];
    })
    .toSorted((one, another) => one.costNano - another.costNano)[0];
}

/**
 * Whether the traffic is what another target left over: it is asked first already, or failed so often for this alias that
 * these answers may all have come after its failures. To put it first would change nothing.
 */
function isAskedBefore(
  target: string,
  traffic: Traffic,
  { settings, targetsOf, losses }: InsightFacts,
): boolean {
  const { tenant, alias } = traffic;
  const strategy = settings.aliasOf(alias)?.strategy;
  if (strategy === "lowest-cost") return true;
  if (strategy === "sequential" && targetsOf(tenant, alias)[0] === target) return true;
  const failed = losses.filter(
    (loss) => loss.tenant === tenant && loss.alias === alias && targetOf(loss) === target,
  );
  return traffic.attempts - sumOf(failed, ({ attempts }) => attempts) < LEAST_ANSWERS;
}

const isWorse = (other: Failures, own: Failures): boolean =>
  other.attempts >= ENOUGH_ATTEMPTS && rateOf(other) > rateOf(own) + MORE_FAILURES;

const rateOf = ({ attempts, failed }: Failures): number => (attempts === 0 ? 0 : failed / attempts);

/** What tokens cost at a price, long prompts in the tier that holds for each of them. */
function repriced(traffic: Traffic, long: readonly LongPrompts[], price: Price): number {
  const short = tokensBy((name) => traffic[name] - sumOf(long, (each) => each[name]));
  return (
    costOf(short, unitPrice(price, 0)) +
    sumOf(long, (each) => costOf(each, unitPrice(price, each.aboveTokens)))
  );
}

function unitPrice(price: Price, aboveTokens: number): Price {
  const passed = (price.tiers ?? []).filter((tier) => tier.aboveTokens <= aboveTokens);
  const { tiers: _, ...base } = price;
  return passed.toSorted((one, other) => other.aboveTokens - one.aboveTokens)[0] ?? base;
}

function failureRates({ traffic, losses }: InsightFacts): ReadonlyMap<string, Failures> {
  const lost = Map.groupBy(
    losses.filter(({ code }) => isProviderFault(code)),
    targetOf,
  );
  return new Map(
    [...Map.groupBy(traffic, targetOf)].map(([target, places]) => [
      target,
      {
        attempts: sumOf(places, ({ attempts }) => attempts),
        failed: sumOf(lost.get(target) ?? [], ({ attempts }) => attempts),
      },
    ]),
  );
}

function insightOf(traffic: Traffic, best: Cheaper, { settings, medianAtMostMs }: InsightFacts): Insight {
  const { tenant, alias, costNano } = traffic;
  const { target, own, other } = best;
  const from = targetOf(traffic);
  const savingNano = costNano - best.costNano;
  // Also the targets that this tenant may not use: they are there for others.
  const order = [target, ...(settings.aliasOf(alias)?.targets ?? []).filter((each) => each !== target)];
  return {
    rule: "cheaper_target",
    tenant,
    summary: `${alias}: ${target} would have answered what ${from} did for ${humanUsd(best.costNano)} instead of ${humanUsd(costNano)} (${percent(savingNano, costNano)} less)`,
    evidence: {
      ...{ alias, from, to: target, answers: traffic.attempts },
      input_tokens: traffic.inputTokens,
      output_tokens: traffic.outputTokens,
      from_usd: usdText(costNano),
      to_usd: usdText(best.costNano),
      from_failure_rate: share(own.failed, own.attempts),
      to_failure_rate: other ? share(other.failed, other.attempts) : null,
      to_attempts: other?.attempts ?? 0,
      from_median_at_most_ms: medianAtMostMs.get(from) ?? null,
      to_median_at_most_ms: medianAtMostMs.get(target) ?? null,
    },
    method:
      "the recorded tokens of every answer at today's price of the other target, each prompt in its tier, beside what they cost (at today's price where that has fallen); another model may count and answer differently",
    savingNano,
    confidence: other && other.attempts >= MANY_ATTEMPTS ? "medium" : "low",
    apply: `models:\n  ${yamlName(alias)}:\n    strategy: sequential\n    targets: [${order.map(yamlName).join(", ")}]\n`,
  };
}
