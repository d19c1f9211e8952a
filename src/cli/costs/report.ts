import type { LoadedConfig } from "../../config/load.ts";
import { type Costs, costsDocument } from "../../output/costs.ts";
import { readCosts, type WantedCosts, wantedCosts } from "../../output/read-costs.ts";
import { readSeries, type SpendSeries } from "../../output/spend-series.ts";
import type { Database } from "../../store/database.ts";
import type { Call, Run } from "../command.ts";
import { printDocument, printText } from "../print.ts";
import { writeWhole } from "../whole-file.ts";
import { withLedger } from "./ledger.ts";

/** `riptide costs` */
export const run: Run = async (call) => {
  const nowMs = call.io.clock.wall();
  const wanted = wantedCosts(call.given, nowMs);
  const file = call.given.value("html");
  const costs =
    file === undefined ? await printed(call, wanted, nowMs) : await written(call, wanted, { file, nowMs });
  const isUnpriced = costs.totals.sums.unpriced > 0n;
  return isUnpriced && call.given.has("strict-prices") ? 1 : 0;
};

async function printed(call: Call, wanted: WantedCosts, nowMs: number): Promise<Costs> {
  const { costs, series } = await withLedger(call, async (database, config, loaded) => {
    const repriced = await repricing(call, wanted, { database, loaded });
    const read = () => ({
      costs: repriced(readCosts(wanted, { database, config, nowMs })),
      series: database && isDecorated(call) ? readSeries(database, wanted.ask, nowMs) : undefined,
    });
    return database ? database.read(read) : read();
  });
  await print(call, costs, series);
  return costs;
}

/** The page goes to its file, and stdout says so; `--json` prints the report as well. */
async function written(
  call: Call,
  wanted: WantedCosts,
  { file, nowMs }: { readonly file: string; readonly nowMs: number },
): Promise<Costs> {
  const { htmlReport } = await import("./html.ts");
  const { costs, page } = await withLedger(call, async (database, config, loaded) => {
    const repriced = await repricing(call, wanted, { database, loaded });
    const read = () => repriced(readCosts(wanted, { database, config, nowMs }));
    return htmlReport(call, wanted, read, { database, loaded, nowMs });
  });
  await writeWhole(file, page, call.io);
  if (call.format === "text") await printText(call, `${file}\n`);
  else await print(call, costs, undefined);
  return costs;
}

interface Books {
  readonly database: Database | undefined;
  readonly loaded: Pick<LoadedConfig, "config" | "registry">;
}

/** `--reprice`: what puts today's prices beside a report; one that was not asked for stays as it is. */
async function repricing(
  call: Call,
  { ask }: WantedCosts,
  { database, loaded }: Books,
): Promise<(costs: Costs) => Costs> {
  if (!call.given.has("reprice")) return (costs) => costs;
  const { pricesToday } = await import("./prices-today.ts");
  const { withRepriced } = await import("../../output/read-repriced.ts");
  const prices = database ? await pricesToday(call, loaded, database, ask.range.sinceMs) : new Map();
  return (costs) => withRepriced(costs, database, ask, prices);
}

/** Bars and a sparkline are for people at a terminal. */
const isDecorated = ({ io, format, given }: Call): boolean =>
  format === "text" && io.stdout.isTty && !given.has("plain");

async function print(call: Call, costs: Costs, series: SpendSeries | undefined): Promise<void> {
  if (call.format === "json") return printDocument(call, costsDocument(costs));
  if (call.format === "csv" || call.format === "md") {
    const { costsCsv, costsMarkdown } = await import("../../output/costs-flat.ts");
    return printText(call, call.format === "csv" ? costsCsv(costs) : costsMarkdown(costs));
  }
  const { printCosts } = await import("./print-costs.ts");
  return printCosts(call, costs, series);
}
