import { type Costs, costsDocument } from "../../output/costs.ts";
import { readCosts, type WantedCosts, wantedCosts } from "../../output/read-costs.ts";
import type { Call, Run } from "../command.ts";
import { printDocument, printText } from "../print.ts";
import { withLedger } from "./ledger.ts";
import { readSeries, type Series } from "./series.ts";

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
  const { costs, series } = await withLedger(call, (database, config) => {
    const read = () => ({
      costs: readCosts(wanted, { database, config, nowMs }),
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
  const { htmlReport, writePage } = await import("./html.ts");
  const { costs, page } = await withLedger(call, (database, config, loaded) =>
    htmlReport(call, wanted, () => readCosts(wanted, { database, config, nowMs }), {
      database,
      loaded,
      nowMs,
    }),
  );
  await writePage(file, page, call.io);
  if (call.format === "text") await printText(call, `${file}\n`);
  else await print(call, costs, undefined);
  return costs;
}

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
