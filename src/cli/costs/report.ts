import type { Config } from "../../config/config.ts";
import { previousRange } from "../../ledger/range.ts";
import { buildReport, type ReportOptions } from "../../ledger/report.ts";
import { type Costs, costsDocument } from "../../output/costs.ts";
import type { Database } from "../../store/database.ts";
import { readPriceVersions, readUnreconciled } from "../../store/line-reader.ts";
import { readUsage, type UsageAsk } from "../../store/usage-reader.ts";
import { budgetRules, budgetStates } from "../budgets/states.ts";
import type { Call, Run } from "../command.ts";
import { printDocument, printText } from "../print.ts";
import { quartersOf } from "../time-values.ts";
import { integerOf } from "../values.ts";
import { comparesPrevious, dimensionsOf, includesProbes, onlyTenant, sortOf } from "./asks.ts";
import { withLedger } from "./ledger.ts";
import { readSeries, type Series } from "./series.ts";

/** `riptide costs` */
export const run: Run = async (call) => {
  const wanted = wantedOf(call);
  const { costs, series } = await withLedger(call, (database, config) =>
    database
      ? database.read(() => readCosts(call, wanted, { database, config }))
      : { costs: readNothing(call, wanted, config), series: undefined },
  );
  await print(call, costs, series);
  const isUnpriced = costs.totals.sums.unpriced > 0n;
  return isUnpriced && call.given.has("strict-prices") ? 1 : 0;
};

interface Wanted {
  readonly ask: UsageAsk;
  readonly compare: boolean;
  readonly options: Omit<ReportOptions, "previous">;
}

function wantedOf(call: Call): Wanted {
  const { given } = call;
  const by = dimensionsOf(given);
  return {
    ask: { ...quartersOf(call), by, tenant: onlyTenant(given), probes: includesProbes(given) },
    compare: comparesPrevious(given, by),
    options: {
      by,
      sort: sortOf(given, by),
      top: integerOf(given, "top", { min: 1, max: 1_000_000 }),
    },
  };
}

interface Source {
  readonly database: Database;
  readonly config: Config;
}

function readCosts(
  call: Call,
  { ask, compare, options }: Wanted,
  { database, config }: Source,
): { readonly costs: Costs; readonly series: Series | undefined } {
  const before = compare ? previousRange(ask.range, ask.zone) : undefined;
  const previous = before && readUsage(database, { ...ask, range: before });
  const report = buildReport(readUsage(database, ask), { ...options, previous });
  const costs: Costs = {
    ...report,
    ...headOf(ask),
    previousRange: before,
    budgets: budgetStates(budgetRules(config, ask.tenant), database, call.io.clock.wall()),
    prices: readPriceVersions(database, ask),
    unreconciled: call.given.has("unreconciled") ? readUnreconciled(database, ask) : undefined,
  };
  return { costs, series: isDecorated(call) ? readSeries(database, ask, call.io.clock.wall()) : undefined };
}

function readNothing(call: Call, { ask, compare, options }: Wanted, config: Config): Costs {
  return {
    ...buildReport([], { ...options, previous: compare ? [] : undefined }),
    ...headOf(ask),
    previousRange: compare ? previousRange(ask.range, ask.zone) : undefined,
    budgets: budgetStates(budgetRules(config, ask.tenant), undefined, call.io.clock.wall()),
    prices: { versions: [], complete: true },
    unreconciled: call.given.has("unreconciled") ? [] : undefined,
  };
}

const headOf = ({ range, zone, by }: UsageAsk): Pick<Costs, "range" | "zone" | "by"> => ({
  range,
  zone: zone.name,
  by,
});

/** Bars and a sparkline are for people at a terminal. */
const isDecorated = ({ io, format, given }: Call): boolean =>
  format === "text" && io.stdout.isTty && !given.has("plain");

async function print(call: Call, costs: Costs, series: Series | undefined): Promise<void> {
  if (call.format === "json") return printDocument(call, costsDocument(costs));
  if (call.format === "csv" || call.format === "md") {
    const { costsCsv, costsMarkdown } = await import("../../output/costs-flat.ts");
    return printText(call, call.format === "csv" ? costsCsv(costs) : costsMarkdown(costs));
  }
  const { printCosts } = await import("./print-costs.ts");
  return printCosts(call, costs, series);
}
