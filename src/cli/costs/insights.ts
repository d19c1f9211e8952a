import { onlyTenant } from "../../ledger/report-asks.ts";
import { quartersOf } from "../../ledger/report-range.ts";
import { insightsDocument, insightsText } from "../../output/insights.ts";
import { noInsights, readInsights } from "../../output/read-insights.ts";
import { sanitise } from "../../output/sanitise.ts";
import type { Run } from "../command.ts";
import { printDocument, printText, tableOptions } from "../print.ts";
import { withLedger } from "./ledger.ts";
import { pricesToday } from "./prices-today.ts";

/** `riptide costs insights` */
export const run: Run = async (call) => {
  const nowMs = call.io.clock.wall();
  const wanted = { ...quartersOf(call.given, nowMs), tenant: onlyTenant(call.given) };
  const found = await withLedger(call, async (database, config, loaded) => {
    if (!database) return noInsights(wanted, config);
    const prices = await pricesToday(call, loaded, database, wanted.range.sinceMs);
    return database.read(() => readInsights(wanted, { database, config, prices, nowMs }));
  });
  if (call.format === "json") await printDocument(call, insightsDocument(found));
  else await printText(call, sanitise(insightsText(found, tableOptions(call).ascii)));
  return 0;
};
