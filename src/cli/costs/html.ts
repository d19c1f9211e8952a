import type { LoadedConfig } from "../../config/load.ts";
import type { Costs } from "../../output/costs.ts";
import { forecastBudgets } from "../../output/forecasts.ts";
import { reportPage } from "../../output/html/report.ts";
import type { WantedCosts } from "../../output/read-costs.ts";
import { noInsights, readInsights } from "../../output/read-insights.ts";
import { readStats } from "../../output/read-stats.ts";
import { readSeries } from "../../output/spend-series.ts";
import type { Database } from "../../store/database.ts";
import type { Call } from "../command.ts";
import { VERSION } from "../version.ts";
import { pricesToday } from "./prices-today.ts";

interface Source {
  /** Undefined where nothing was ever recorded. */
  readonly database: Database | undefined;
  readonly loaded: Pick<LoadedConfig, "config" | "registry">;
  readonly nowMs: number;
}

const INTERVAL = 0.8;

/** `--html`: the report and all that belongs beside it, as a page. */
export async function htmlReport(
  call: Call,
  { ask }: WantedCosts,
  readReport: () => Costs,
  { database, loaded, nowMs }: Source,
): Promise<{ readonly costs: Costs; readonly page: string }> {
  const { config } = loaded;
  const { range, zone, tenant } = ask;
  const prices = database ? await pricesToday(call, loaded, database, range.sinceMs) : new Map();
  const wanted = { range, zone, tenant };
  const read = () => {
    const costs = readReport();
    const page = reportPage({
      ...{ version: VERSION, madeAtMs: nowMs, tenant: tenant ?? null, costs },
      series: database && readSeries(database, ask, nowMs),
      budgets: forecastBudgets(costs.budgets, database, { nowMs, interval: INTERVAL }),
      stats: readStats({ ...wanted, by: ["provider", "model"] }, { database, config }),
      insights: database
        ? readInsights(wanted, { database, config, prices, nowMs })
        : noInsights(wanted, config),
    });
    return { costs, page };
  };
  return database ? database.read(read) : read();
}
