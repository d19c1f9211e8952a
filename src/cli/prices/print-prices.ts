import { type PriceRow, pricesCsv, pricesDocument, priceTable } from "../../output/prices.ts";
import type { Call } from "../command.ts";
import { printDocument, printTable } from "../print.ts";

/** Prints models with their prices in the format that was asked for. */
export async function printPrices(call: Call, version: string, rows: readonly PriceRow[]): Promise<void> {
  const { format, io } = call;
  if (format === "json") return printDocument(call, pricesDocument(version, rows));
  if (format === "csv") return io.stdout.write(io.redactor.redact(pricesCsv(rows)));
  const table = priceTable(rows);
  if (rows.length > 0) await printTable(call, table.columns, table.rows);
}
