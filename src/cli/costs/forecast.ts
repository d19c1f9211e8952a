import type { Config } from "../../config/config.ts";
import { onlyTenant } from "../../ledger/report-asks.ts";
import { rangeOf } from "../../ledger/report-range.ts";
import { allBudgets } from "../../output/budget-states.ts";
import { forecastDocument, forecastText, type SpendForecast } from "../../output/forecast.ts";
import { forecastBudgets, forecastPeriod } from "../../output/forecasts.ts";
import { sanitise } from "../../output/sanitise.ts";
import type { Database } from "../../store/database.ts";
import type { Call, Run } from "../command.ts";
import { printDocument, printText } from "../print.ts";
import { numberOf, wordOf } from "../values.ts";
import { withLedger } from "./ledger.ts";

const HORIZONS = ["hour", "day", "week", "month"] as const;
const DEFAULT_INTERVAL = 0.8;

/** `riptide costs forecast` */
export const run: Run = async (call) => {
  const spend = await withLedger(call, (database, config) => {
    const read = () => spendForecast(call, config, database);
    return database ? database.read(read) : read();
  });
  if (call.format === "json") await printDocument(call, forecastDocument(spend));
  else await printText(call, sanitise(forecastText(spend)));
  return 0;
};

function spendForecast({ given, io }: Call, config: Config, database: Database | undefined): SpendForecast {
  const nowMs = io.clock.wall();
  const period = wordOf(given, "horizon", HORIZONS) ?? "month";
  const interval = numberOf(given, "interval", { min: 0.01, max: 0.999 }) ?? DEFAULT_INTERVAL;
  const sinceMs = given.has("since") ? rangeOf(given, nowMs).range.sinceMs : undefined;
  const tenant = onlyTenant(given) ?? null;
  const words = { nowMs, interval, sinceMs };
  const states = allBudgets(config, database, nowMs).filter(
    ({ rule }) => tenant === null || rule.tenant === tenant,
  );
  return {
    ...forecastPeriod({ tenant, period }, database, words),
    interval,
    budgets: forecastBudgets(states, database, words),
  };
}
