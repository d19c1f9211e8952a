import { usdText } from "../../core/money.ts";
import { isProviderFault } from "../fault.ts";
import { adviceAgainst } from "./advice.ts";
import type { InsightFacts, Settings } from "./facts.ts";
import { percent, share, sumOf } from "./figures.ts";
import type { Insight } from "./insight.ts";

const LEAST_ATTEMPTS = 50;
const LEAST_RATE = 0.05;
/** So many times as often as the others. */
const TIMES = 3;
/** Of the normal distribution, for an interval that holds 95 %. */
const Z = 1.96;

interface ProviderRecord {
  readonly provider: string;
  readonly attempts: number;
  readonly failed: number;
  readonly failedNano: number;
}

/** Providers that fail far more often than the others do together, by more than chance. */
export function unreliableProviders({ traffic, losses, settings }: InsightFacts): readonly Insight[] {
  const faults = losses.filter(({ code }) => isProviderFault(code));
  const records = [...Map.groupBy(traffic, ({ provider }) => provider)].map(
    ([provider, places]): ProviderRecord => {
      const own = faults.filter((loss) => loss.provider === provider);
      return {
        provider,
        attempts: sumOf(places, ({ attempts }) => attempts),
        failed: sumOf(own, ({ attempts }) => attempts),
        failedNano: sumOf(own, ({ costNano }) => costNano),
      };
    },
  );
  return records.flatMap((record) => {
    const peers = records.filter(({ provider }) => provider !== record.provider);
    const others = {
      attempts: sumOf(peers, ({ attempts }) => attempts),
      failed: sumOf(peers, ({ failed }) => failed),
    };
    return isUnreliable(record, others) ? [insightOf(record, others, settings)] : [];
  });
}

type Rate = Pick<ProviderRecord, "attempts" | "failed">;

function isUnreliable(own: Rate, others: Rate): boolean {
  if (own.attempts < LEAST_ATTEMPTS || others.attempts < LEAST_ATTEMPTS) return false;
  const rate = own.failed / own.attempts;
  if (rate < LEAST_RATE || rate < (TIMES * others.failed) / others.attempts) return false;
  return bounds(own).low > bounds(others).high;
}

/** Between which rates the true one lies (Wilson's interval). */
function bounds({ attempts, failed }: Rate): { readonly low: number; readonly high: number } {
  const rate = failed / attempts;
  const square = Z ** 2 / attempts;
  const middle = rate + square / 2;
  const half = Z * Math.sqrt((rate * (1 - rate)) / attempts + square / (4 * attempts));
  return { low: (middle - half) / (1 + square), high: (middle + half) / (1 + square) };
}

function insightOf(
  { provider, attempts, failed, failedNano }: ProviderRecord,
  others: Rate,
  settings: Settings,
): Insight {
  return {
    rule: "unreliable_provider",
    tenant: null,
    summary: `${provider} failed ${percent(failed, attempts)} of ${attempts} attempts, the other providers ${percent(others.failed, others.attempts)} of ${others.attempts}`,
    evidence: {
      ...{ provider, attempts, failed },
      failure_rate: share(failed, attempts),
      peer_attempts: others.attempts,
      peer_failed: others.failed,
      peer_failure_rate: share(others.failed, others.attempts),
      failed_usd: usdText(failedNano),
    },
    method:
      "failures of the provider's own making per attempt, beside all other providers; the 95 % intervals do not touch",
    savingNano: 0,
    confidence: "high",
    apply: adviceAgainst(provider, settings),
  };
}
