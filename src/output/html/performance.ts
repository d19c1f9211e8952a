import type { StatsRow } from "../../ledger/stats.ts";
import { type Stats, sloLines, statsTable } from "../stats.ts";
import { barChart } from "./charts.ts";
import { html, type Markup } from "./markup.ts";

/** How providers and models did, as `riptide stats` has it. */
export function reliabilitySection(stats: Stats): Markup | null {
  if (stats.rows.length === 0) return null;
  const { columns, rows } = statsTable(stats);
  const cell = (text: string, at: number, tag: "th" | "td"): Markup => {
    const kind = columns[at]?.align === "right" ? "number" : "name";
    return tag === "th" ? html`<th class="${kind}">${text}</th>` : html`<td class="${kind}">${text}</td>`;
  };
  const targets = sloLines(stats.slos).map((line) => html`<p>${line}</p>`);
  return html`<section><h2>Success and speed</h2><div class="scroll"><table>
<thead><tr>${columns.map(({ head }, at) => cell(head, at, "th"))}</tr></thead>
<tbody>${rows.map((row) => html`<tr>${row.map((text, at) => cell(text, at, "td"))}</tr>`)}</tbody></table></div>${targets}</section>`;
}

/** The most rows a chart of names stays readable with. */
const MOST_BARS = 12;

/** How long the slowest of twenty answers took, row by row. */
export function latencySection({ rows }: Stats): Markup | null {
  const timed = rows.filter(({ total }) => total !== null).slice(0, MOST_BARS);
  if (timed.length < 2) return null;
  const bars = timed.map((row) => {
    const name = nameOf(row);
    const p95Ms = row.total?.p95Ms ?? 0;
    return {
      label: name.length > 14 ? `${name.slice(0, 13)}…` : name,
      value: p95Ms,
      text: `${name}: ${p95Ms} ms`,
    };
  });
  const title = "95th percentile of answer times, in milliseconds";
  return html`<section><h2>${title}</h2>${barChart(title, bars, (value) => String(Math.round(value)))}</section>`;
}

const nameOf = ({ key }: StatsRow): string => key.model ?? Object.values(key).filter(Boolean).join(" ");
