import { formatTime } from "../core/clock.ts";
import type { JsonObject } from "../core/json.ts";
import { usdText } from "../core/money.ts";
import { DAY_MS, spanOf } from "../core/period.ts";
import type { Percentiles } from "../ledger/percentiles.ts";
import { type Minute, providerActivity, requestActivity } from "../ledger/recent-activity.ts";
import type { NewestAttempt, NewestRequest } from "../ledger/recent-facts.ts";
import { recentFailovers } from "../ledger/recent-failovers.ts";
import {
  LATENCY_STEPS_MS,
  type ProviderPerformance,
  providerPerformance,
  recentPerformance,
  type TargetPerformance,
} from "../ledger/recent-performance.ts";
import { checkSlo, type SloTarget } from "../ledger/slo.ts";
import { budgetDocument } from "./budgets.ts";
import type { BudgetForecast } from "./forecasts.ts";
import type { SpendSeries } from "./spend-series.ts";
import { rounded, sloDocument } from "./stats.ts";

export const spendingDocument = (series: SpendSeries | undefined): JsonObject | null =>
  series
    ? {
        unit: series.unit,
        points: series.points.map(({ name, costNano }) => ({ name, cost_usd: usdText(costNano) })),
      }
    : null;

/** A budget, what is spent of it per day so far, and what its period will have cost at the end. */
export function budgetOutlook({ state, forecast }: BudgetForecast): JsonObject {
  const { startMs } = spanOf(state.rule.period, state.atMs);
  const days = (state.atMs - startMs) / DAY_MS;
  return {
    ...budgetDocument(state),
    burn_usd_per_day: days > 0 ? usdText(Math.round(state.spentNano / days)) : null,
    forecast:
      forecast.kind === "known"
        ? {
            mean_usd: usdText(forecast.meanNano),
            low_usd: usdText(forecast.lowNano),
            high_usd: usdText(forecast.highNano),
          }
        : null,
    forecast_reason: forecast.kind === "known" ? null : forecast.reason,
  };
}

/**
 * @param most So many attempts are looked at; where that is all there were, older ones may be missing.
 * @param targets What was promised; of a provider it is judged by these attempts, of an alias `riptide stats` tells.
 */
export function performanceDocument(
  attempts: readonly NewestAttempt[],
  most: number,
  targets: readonly SloTarget[],
): JsonObject {
  const oldest = attempts.at(-1);
  const providers = providerPerformance(attempts);
  return {
    attempts: attempts.length,
    since: oldest ? formatTime(oldest.startedMs) : null,
    is_complete: attempts.length < most,
    latency_bounds_ms: [...LATENCY_STEPS_MS],
    providers: providers.map(providerDocument),
    slos: targets.filter(({ scope }) => scope === "provider").flatMap((target) => slosOf(target, providers)),
    targets: recentPerformance(attempts).map(targetDocument),
  };
}

function slosOf(target: SloTarget, providers: readonly ProviderPerformance[]): readonly JsonObject[] {
  const found = providers.find(({ provider }) => provider === target.name);
  return checkSlo(target, found && { ...found, samples: found.attempts }).map(sloDocument);
}

const providerDocument = ({ provider, attempts, failed, successRate, total }: ProviderPerformance) => ({
  ...{ provider, attempts, failed },
  success_rate: rounded(successRate),
  total_ms: timesDocument(total),
});

const targetDocument = (target: TargetPerformance): JsonObject => ({
  provider: target.provider,
  model: target.model,
  attempts: target.attempts,
  failed: target.failed,
  success_rate: rounded(target.successRate),
  first_token_ms: timesDocument(target.firstToken),
  total_ms: timesDocument(target.total),
  tokens_per_s: rounded(target.tokensPerS),
  errors: target.errors.map((error) => ({ ...error })),
  latency: [...target.latency],
});

const timesDocument = (times: Percentiles | null) => ({
  p50: times?.p50Ms ?? null,
  p95: times?.p95Ms ?? null,
  p99: times?.p99Ms ?? null,
});

/** The last hour by the minute: of all requests, and of each provider's attempts. */
export function activityDocument(
  requests: readonly NewestRequest[],
  attempts: readonly NewestAttempt[],
  { nowMs, most }: { readonly nowMs: number; readonly most: number },
): JsonObject {
  const providers = [...providerActivity(attempts, nowMs)];
  return {
    is_complete: requests.length < most,
    requests: requestActivity(requests, nowMs).map(minuteDocument),
    providers: Object.fromEntries(
      providers.map(([provider, minutes]) => [provider, minutes.map(minuteDocument)]),
    ),
  };
}

const minuteDocument = ({ startMs, count, failed }: Minute) => ({ at: formatTime(startMs), count, failed });

export const failoverDocument = (attempts: readonly NewestAttempt[], most: number): JsonObject[] =>
  recentFailovers(attempts, most).map(({ atMs, request, tenant, from, to, code, outcome }) => ({
    at: formatTime(atMs),
    ...{ request, tenant, from, to, code, outcome },
  }));
