import { usdText } from "../core/money.ts";
import type { ReportRow } from "../ledger/report.ts";
import type { Costs } from "./costs.ts";
import { changeOf, knownUsd, ratioOf, repricedUsd } from "./costs-figures.ts";
import { type CsvCell, csvText } from "./csv.ts";
import { oneLine } from "./sanitise.ts";

type Field = readonly [name: string, cell: (row: ReportRow) => CsvCell];

/** The rows as CSV: plain decimals, no total, so that a column can be added up. What is unknown is empty. */
export function costsCsv(costs: Costs): string {
  const fields = fieldsOf(costs);
  return csvText(
    fields.map(([name]) => name),
    costs.rows.map((row) => fields.map(([, cell]) => cell(row))),
  );
}

/** The rows and the total as a table of GitHub's Markdown. */
export function costsMarkdown(costs: Costs): string {
  const fields = fieldsOf(costs);
  const keys = costs.by.length;
  const line = (cells: readonly CsvCell[]) => `| ${cells.map(markdownCell).join(" | ")} |\n`;
  const cells = (row: ReportRow) => fields.map(([, cell]) => cell(row));
  const total = fields.map(([, cell], index) =>
    index === 0 ? "total" : index < keys ? "" : cell(costs.totals),
  );
  return [
    line(fields.map(([name]) => name)),
    `| ${fields.map((_, index) => (index < keys ? "---" : "---:")).join(" | ")} |\n`,
    ...costs.rows.map((row) => line(cells(row))),
    line(total),
  ].join("");
}

function fieldsOf({ by, totals }: Costs): readonly Field[] {
  const compared: readonly Field[] = [
    ["previous_cost_usd", ({ previous }) => (previous ? knownUsd(previous) : null)],
    ["change", (row) => ratioOf(changeOf(row))],
  ];
  const repriced: readonly Field[] = [
    ["repriced_usd", (row) => (row.repriced ? repricedUsd(row.repriced) : null)],
  ];
  return [
    ...by.map((dimension): Field => [dimension, ({ key }) => key[dimension] ?? null]),
    ["requests", ({ sums }) => sums.requests],
    ["failed", ({ sums }) => sums.failed],
    ["attempts", ({ sums }) => sums.attempts],
    ["unpriced_requests", ({ sums }) => sums.unpriced],
    ["input_tokens", ({ sums }) => sums.inputTokens],
    ["output_tokens", ({ sums }) => sums.outputTokens],
    ["cache_read_tokens", ({ sums }) => sums.cacheReadTokens],
    ["cache_write_tokens", ({ sums }) => sums.cacheWriteTokens],
    ["reasoning_tokens", ({ sums }) => sums.reasoningTokens],
    ["cost_usd", ({ sums }) => knownUsd(sums)],
    ["share", ({ share }) => ratioOf(share)],
    ["unreconciled_usd", ({ sums }) => usdText(sums.unreconciledNano)],
    ...(totals.previous ? compared : []),
    ...(totals.repriced ? repriced : []),
  ];
}

/** What Markdown would read as markup, an end of the cell or an element is escaped. */
function markdownCell(cell: CsvCell): string {
  if (cell === null) return "";
  return oneLine(String(cell), Number.POSITIVE_INFINITY).replace(/[\\`*[\]<>|~&]/g, "\\$&");
}
