import type { HealthReport } from "../../health/report.ts";
import { healthDocument, healthText, type Reporter } from "../../output/health.ts";
import { HEALTH_COLUMNS, healthRows } from "../../output/health-table.ts";
import type { Call } from "../command.ts";
import { printDocument, printTable, printText } from "../print.ts";

/** Prints a report on stdout, in one of its forms. */
export async function printReport(call: Call, report: HealthReport, reporter: Reporter): Promise<void> {
  if (reporter === "text") await printTable(call, HEALTH_COLUMNS, healthRows(report));
  else if (reporter === "json") await printDocument(call, healthDocument(report));
  else await printText(call, await healthText(report, reporter));
}
