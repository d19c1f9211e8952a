import type { StatsRow } from "../../ledger/stats.ts";
import { cutLine, type Stats, sloLines, statsTable } from "../stats.ts";
import { cellBar } from "./charts.ts";
import { html, type Markup } from "./markup.ts";

/** How providers and models did, as `riptide stats` has it. */
export function reliabilitySection(stats: Stats): Markup | null {
  if (stats.rows.length === 0) return null;
  const { columns, rows } = statsTable(stats);
  const cell = (text: string, at: number, tag: "th" | "td"): Markup => {
    const kind = columns[at]?.align === "right" ? "number" : "name";
    return tag === "th"
      ? html`<th scope="col" class="${kind}">${text}</th>`
      : html`<td class="${kind}">${text}</td>`;
  };
  const targets = sloLines(stats.slos).map((line) => html`<p>${line}</p>`);
  const cut = stats.isCut ? html`<p class="soft">${cutLine(stats.range)}</p>` : null;
  return html`<section><h2>Success and speed</h2><div class="scroll"><table>
<thead><tr>${columns.map(({ head }, at) => cell(head, at, "th"))}</tr></thead>
<tbody>${rows.map((row) => html`<tr>${row.map((text, at) => cell(text, at, "td"))}</tr>`)}</tbody></table></div>${cut}${targets}</section>`;
}

/** More bars than this are not compared by anybody. */
const MOST_BARS = 20;

/** How long the slowest of twenty answers took, row by row: names are longer than there is room for under a bar. */
export function latencySection({ rows }: Stats): Markup | null {
  const times = rows
    .flatMap(({ key, total }) => (total ? [{ name: nameOf(key), p95Ms: total.p95Ms }] : []))
    .slice(0, MOST_BARS);
  if (times.length < 2) return null;
  const most = Math.max(...times.map(({ p95Ms }) => p95Ms), 1);
  const body = times.map(
    ({ name, p95Ms }) =>
      html`<tr><td class="name">${name}</td><td class="wide">${cellBar(p95Ms / most)}</td><td class="number">${p95Ms} ms</td></tr>`,
  );
  return html`<section><h2>95 of 100 answers took no longer than</h2><div class="scroll"><table><tbody>${body}</tbody></table></div></section>`;
}

const nameOf = (key: StatsRow["key"]): string => key.model ?? Object.values(key).filter(Boolean).join(" ");
