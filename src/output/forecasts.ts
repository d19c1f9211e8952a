import type { BudgetRule } from "../core/budget.ts";
import { type Period, spanOf } from "../core/period.ts";
import { type Forecast, forecastSpend } from "../ledger/forecast.ts";
import { readDailySpend } from "../store/daily-spend.ts";
import type { Database } from "../store/database.ts";
import { spendOf } from "../store/spends.ts";
import type { BudgetState } from "./budgets.ts";

/** The spending of a period and where it will end. */
export interface PeriodForecast {
  /** Null for the whole installation. */
  readonly tenant: string | null;
  readonly period: Period;
  readonly endMs: number;
  readonly spentNano: number;
  readonly forecast: Forecast;
}

/** A budget beside the forecast of its period. */
export interface BudgetForecast extends PeriodForecast {
  readonly state: BudgetState;
}

export interface ForecastWords {
  readonly nowMs: number;
  /** Share of what is likely between low and high. */
  readonly interval: number;
  /** Days before this moment are not looked at. */
  readonly sinceMs?: number | undefined;
}

/** Forecasts the period around now. Without a ledger nothing was spent. Inside {@link Database.read}. */
export function forecastPeriod(
  { tenant, period }: Pick<BudgetRule, "tenant" | "period">,
  database: Database | undefined,
  { nowMs, interval, sinceMs }: ForecastWords,
): PeriodForecast {
  const { endMs } = spanOf(period, nowMs);
  const spentNano = database ? spendOf(database, { tenant, period }, nowMs).spentNano : 0;
  const history = database
    ? readDailySpend(database, tenant, { nowMs, sinceMs })
    : { sinceMs: nowMs, days: [] };
  const forecast = forecastSpend({ history, spentNano, nowMs, endMs, interval });
  return { tenant, period, endMs, spentNano, forecast };
}

/** The same for each budget. */
export const forecastBudgets = (
  states: readonly BudgetState[],
  database: Database | undefined,
  words: ForecastWords,
): readonly BudgetForecast[] =>
  states.map((state) => ({ ...forecastPeriod(state.rule, database, words), state }));
