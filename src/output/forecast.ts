import { formatTime } from "../core/clock.ts";
import type { JsonObject } from "../core/json.ts";
import { humanUsd, usdText } from "../core/money.ts";
import type { Forecast } from "../ledger/forecast.ts";
import { shareOf } from "../ledger/report.ts";
import { budgetName } from "./budget-name.ts";
import { budgetDocument } from "./budgets.ts";
import { percentText, ratioOf } from "./costs-figures.ts";
import type { BudgetForecast, PeriodForecast } from "./forecasts.ts";

/** Everything `riptide costs forecast` says. */
export interface SpendForecast extends PeriodForecast {
  readonly interval: number;
  readonly budgets: readonly BudgetForecast[];
}

/** `riptide.forecast/1` */
export function forecastDocument(spend: SpendForecast): JsonObject {
  const { tenant, period, endMs, spentNano, forecast, interval, budgets } = spend;
  return {
    schema: "riptide.forecast/1",
    tenant,
    horizon: period,
    until: formatTime(endMs),
    spent_usd: usdText(spentNano),
    ...amounts(forecast),
    interval,
    method: forecast.kind === "known" ? forecast.method : null,
    samples: forecast.samples,
    reason: forecast.kind === "known" ? null : forecast.reason,
    budgets: budgets.map((budget) => ({
      ...budgetDocument(budget.state),
      ...amounts(budget.forecast),
      forecast_used: usedOf(budget),
      reason: budget.forecast.kind === "known" ? null : budget.forecast.reason,
    })),
  };
}

const amounts = (forecast: Forecast) =>
  forecast.kind === "known"
    ? {
        mean_usd: usdText(forecast.meanNano),
        low_usd: usdText(forecast.lowNano),
        high_usd: usdText(forecast.highNano),
      }
    : { mean_usd: null, low_usd: null, high_usd: null };

/** What part of a budget will be used; null where it cannot be said. */
function usedOf({ forecast, state }: BudgetForecast): number | null {
  if (forecast.kind === "unknown") return null;
  return ratioOf(shareOf(BigInt(forecast.meanNano), BigInt(state.rule.limitNano)));
}

/** The same for people, a line for the spending and one for each budget. */
export function forecastText({
  tenant,
  period,
  endMs,
  spentNano,
  forecast,
  interval,
  budgets,
}: SpendForecast): string {
  const whose = tenant === null ? "all tenants" : `tenant ${tenant}`;
  const lines = [
    `${whose}, ${period} to ${dateText(endMs)}: ${humanUsd(spentNano)} spent so far`,
    forecastLine(forecast, interval),
    ...budgets.map(budgetLine),
  ];
  return lines.map((line) => `${line}\n`).join("");
}

function forecastLine(forecast: Forecast, interval: number): string {
  if (forecast.kind === "unknown") return `no forecast: ${forecast.reason}`;
  const { meanNano, lowNano, highNano, method, samples } = forecast;
  const how = method === "daily_run_rate" ? "their mean" : "the mean of each weekday";
  const range = `${humanUsd(lowNano)} to ${humanUsd(highNano)} with ${(interval * 100).toFixed(0)}% likelihood`;
  return `forecast ${humanUsd(meanNano)}, ${range} (from ${samples} whole days, by ${how})`;
}

function budgetLine({ forecast, state: { rule }, endMs }: BudgetForecast): string {
  const name = `budget ${budgetName(rule)}`;
  if (forecast.kind === "unknown") return `${name}: no forecast`;
  const { meanNano, lowNano, highNano } = forecast;
  const share = shareOf(BigInt(meanNano), BigInt(rule.limitNano));
  const part = share === null ? "" : ` (${percentText(share)})`;
  return `${name}: ${humanUsd(meanNano)} of ${humanUsd(rule.limitNano)}${part} by ${dateText(endMs)}${verdict(rule.limitNano, lowNano, highNano)}`;
}

function verdict(limitNano: number, lowNano: number, highNano: number): string {
  if (lowNano >= limitNano) return ", over it even at the low end";
  return highNano >= limitNano ? ", over it at the high end" : "";
}

const dateText = (atMs: number): string => formatTime(atMs).replace(".000Z", "Z");
