import { humanUsd } from "../../core/money.ts";
import { costOf, type ReportRow } from "../../ledger/report.ts";
import type { Costs } from "../costs.ts";
import { percentText } from "../costs-figures.ts";
import { cellBar } from "./charts.ts";
import { html, type Markup } from "./markup.ts";

/** The rows of the report, as `riptide costs` has them. */
export function costSection(costs: Costs): Markup {
  const { by, rows, totals, leftOut } = costs;
  const largest = rows.reduce((most, { sums }) => (sums.costNano > most ? sums.costNano : most), 0n);
  const heads = by.map((name) => html`<th>${name}</th>`);
  const body = rows.map((row) => rowMarkup(row, by, largest));
  const more =
    leftOut > 0 ? html`<p class="soft">${leftOut} more rows are left out; the total counts them.</p>` : null;
  return html`<section><h2>Costs by ${by.join(", ")}</h2><div class="scroll"><table>
<thead><tr>${heads}<th class="number">requests</th><th class="number">failed</th><th class="number">tokens in</th><th class="number">tokens out</th><th class="number">cost</th><th class="number">share</th><th></th></tr></thead>
<tbody>${body}</tbody>
<tfoot><tr><td colspan="${by.length}">total</td>${figures(totals)}<td></td></tr></tfoot></table></div>${more}</section>`;
}

function rowMarkup(row: ReportRow, by: Costs["by"], largest: bigint): Markup {
  const names = by.map((dimension) => html`<td class="name">${row.key[dimension] ?? "none"}</td>`);
  const part = largest === 0n ? 0 : Number(row.sums.costNano) / Number(largest);
  return html`<tr>${names}${figures(row)}<td>${cellBar(part)}</td></tr>`;
}

const figures = ({ sums, share }: ReportRow): readonly Markup[] =>
  [
    String(sums.requests),
    String(sums.failed),
    String(sums.inputTokens),
    String(sums.outputTokens),
    humanUsd(costOf(sums)),
    share === null ? "-" : percentText(share),
  ].map((text) => html`<td class="number">${text}</td>`);
