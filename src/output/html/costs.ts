import { humanUsd } from "../../core/money.ts";
import { costOf, type ReportRow } from "../../ledger/report.ts";
import type { Costs } from "../costs.ts";
import { percentText } from "../costs-figures.ts";
import { changeText, repricedText } from "../costs-text.ts";
import { cellBar } from "./charts.ts";
import { html, type Markup } from "./markup.ts";

/** The rows of the report, as `riptide costs` has them. */
export function costSection(costs: Costs): Markup {
  const { by, rows, totals, leftOut } = costs;
  const largest = rows.reduce((most, { sums }) => (sums.costNano > most ? sums.costNano : most), 0n);
  const heads = by.map((name) => html`<th scope="col">${name}</th>`);
  const figures = figuresOf(totals);
  const body = rows.map((row) => rowMarkup(row, by, { largest, figures }));
  const more =
    leftOut > 0 ? html`<p class="soft">${leftOut} more rows are left out; the total counts them.</p>` : null;
  return html`<section><h2>Costs by ${by.join(", ")}</h2><div class="scroll"><table>
<thead><tr>${heads}${figures.map(([name]) => html`<th scope="col" class="number">${name}</th>`)}<td></td></tr></thead>
<tbody>${body}</tbody>
<tfoot><tr><td colspan="${by.length}">total</td>${cells(totals, figures)}<td></td></tr></tfoot></table></div>${more}</section>`;
}

interface Drawn {
  readonly largest: bigint;
  readonly figures: readonly Figure[];
}

function rowMarkup(row: ReportRow, by: Costs["by"], { largest, figures }: Drawn): Markup {
  const names = by.map((dimension) => html`<td class="name">${row.key[dimension] ?? "none"}</td>`);
  const part = largest === 0n ? 0 : Number(row.sums.costNano) / Number(largest);
  return html`<tr>${names}${cells(row, figures)}<td>${cellBar(part)}</td></tr>`;
}

const cells = (row: ReportRow, figures: readonly Figure[]): readonly Markup[] =>
  figures.map(([, text]) => html`<td class="number">${text(row)}</td>`);

type Figure = readonly [name: string, text: (row: ReportRow) => string];

/** The columns of the report; the range before and today's prices stand in it where they were asked for. */
const figuresOf = ({ previous, repriced }: ReportRow): readonly Figure[] => [
  ["requests", ({ sums }) => String(sums.requests)],
  ["failed", ({ sums }) => String(sums.failed)],
  ["tokens in", ({ sums }) => String(sums.inputTokens)],
  ["tokens out", ({ sums }) => String(sums.outputTokens)],
  ["cost", ({ sums }) => humanUsd(costOf(sums))],
  ["share", ({ share }) => (share === null ? "-" : percentText(share))],
  ...(previous ? [["change", changeText] as const] : []),
  ...(repriced ? [["today's prices", repricedText] as const] : []),
];
