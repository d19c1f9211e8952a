import { readStats, wantedStats } from "../output/read-stats.ts";
import { sanitise } from "../output/sanitise.ts";
import { sparkline } from "../output/spark.ts";
import { cutLine, peakLine, type Stats, sloLines, statsDocument, statsTable } from "../output/stats.ts";
import type { Call, Run } from "./command.ts";
import { withLedger } from "./costs/ledger.ts";
import { printDocument, printTable, printText, tableOptions } from "./print.ts";

/** `riptide stats` */
export const run: Run = async (call) => {
  const wanted = wantedStats(call.given, call.io.clock.wall());
  const stats = await withLedger(call, (database, config) => {
    const read = () => readStats(wanted, { database, config });
    return database ? database.read(read) : read();
  });
  if (call.format === "json") await printDocument(call, statsDocument(stats));
  else await print(call, stats);
  return 0;
};

async function print(call: Call, stats: Stats): Promise<void> {
  const { columns, rows } = statsTable(stats);
  if (stats.rows.length === 0) await printText(call, "no requests in this range\n");
  else await printTable(call, columns, rows);
  if (call.given.has("plain")) return;
  const lines = [
    ...(stats.isCut ? [cutLine(stats.range)] : []),
    ...sloLines(stats.slos).map(sanitise),
    ...hourLines(call, stats),
  ];
  await printText(call, lines.map((line) => `${line}\n`).join(""));
}

function hourLines(call: Call, stats: Stats): readonly string[] {
  const peaks = peakLine(stats);
  if (peaks === undefined) return [];
  if (!call.io.stdout.isTty) return [peaks];
  const { ascii } = tableOptions(call);
  return [`${sparkline(stats.hours.map(BigInt), ascii)}  ${peaks}`];
}
