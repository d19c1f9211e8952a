import { formatTime } from "../../core/clock.ts";
import { humanUsd } from "../../core/money.ts";
import type { Costs } from "../costs.ts";
import { closingLines } from "../costs-text.ts";
import type { BudgetForecast } from "../forecasts.ts";
import type { Insights } from "../insights.ts";
import type { SpendSeries } from "../spend-series.ts";
import type { Stats } from "../stats.ts";
import { budgetSection } from "./budgets.ts";
import { barChart } from "./charts.ts";
import { costSection } from "./costs.ts";
import { findingSection } from "./findings.ts";
import { html, type Markup } from "./markup.ts";
import { latencySection, reliabilitySection } from "./performance.ts";
import { STYLE } from "./style.ts";

/** All that the page shows. */
export interface ReportFacts {
  readonly version: string;
  readonly madeAtMs: number;
  /** Null for all tenants. */
  readonly tenant: string | null;
  readonly costs: Costs;
  readonly series: SpendSeries | undefined;
  readonly budgets: readonly BudgetForecast[];
  readonly stats: Stats;
  readonly insights: Insights;
}

/**
 * The report as one HTML page that needs nothing else: styles and charts stand in it, it runs no script, loads nothing,
 * and everything that came from elsewhere is escaped.
 */
export function reportPage(facts: ReportFacts): string {
  const { costs, series, budgets, stats, insights, tenant } = facts;
  const title = tenant === null ? "RipTide costs" : `RipTide costs of ${tenant}`;
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${title}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<header>
<h1>${title}</h1>
<p class="soft">${timeText(costs.range.sinceMs)} to ${timeText(costs.range.untilMs)}, days in ${costs.zone}</p>
</header>
${tiles(costs)}
${seriesSection(series)}
${budgetSection(budgets)}
${costSection(costs)}
${reliabilitySection(stats)}
${latencySection(stats)}
${hourSection(stats)}
${findingSection(insights)}
${notes(costs)}
</main>
<footer class="soft">riptide ${facts.version}, ${timeText(facts.madeAtMs)}; figures are those of riptide costs, riptide stats and riptide costs insights for this range</footer>
</body>
</html>
`;
  return page.markup;
}

const timeText = (atMs: number): string =>
  formatTime(atMs)
    .replace("T", " ")
    .replace(/(:00)?(\.\d{3})?Z$/, " UTC");

function tiles({ totals: { sums } }: Costs): Markup {
  const facts: readonly (readonly [string, string])[] = [
    ["spent", humanUsd(sums.costNano)],
    ["requests", count(sums.requests)],
    ["failed", count(sums.failed)],
    ["tokens in", count(sums.inputTokens)],
    ["of them cached", count(sums.cacheReadTokens)],
    ["tokens out", count(sums.outputTokens)],
  ];
  return html`<section class="tiles">${facts.map(([name, value]) => html`<div class="tile"><b>${value}</b>${name}</div>`)}</section>`;
}

/** Thousands apart, as people read them. */
const count = (value: bigint): string => String(value).replace(/\B(?=(\d{3})+$)/g, " ");

function seriesSection(series: SpendSeries | undefined): Markup | null {
  if (!series || series.points.length < 2 || series.points.every(({ costNano }) => costNano === 0n))
    return null;
  const { unit, points } = series;
  const bars = points.map(({ name, costNano }) => ({
    label: shortName(name, unit),
    value: Number(costNano),
    text: `${name}: ${humanUsd(costNano)}`,
  }));
  const title = `Spending per ${unit}`;
  return html`<section><h2>${title}</h2>${barChart(title, bars, (value) => humanUsd(Math.round(value)))}</section>`;
}

/** `11-02` for a day, `14:00` for an hour; years go without saying. */
function shortName(name: string, unit: SpendSeries["unit"]): string {
  if (unit === "month") return name;
  return unit === "hour" ? name.slice(11, 16) : name.slice(5);
}

function hourSection({ hours, zone }: Stats): Markup | null {
  const total = hours.reduce((sum, requests) => sum + requests, 0);
  if (total === 0) return null;
  const bars = hours.map((value, hour) => ({
    label: `${String(hour).padStart(2, "0")}`,
    value,
    text: `${String(hour).padStart(2, "0")}:00 ${zone}: ${value} requests`,
  }));
  const title = `Requests by hour of the day (${zone})`;
  return html`<section><h2>${title}</h2>${barChart(title, bars, (value) => count(BigInt(Math.round(value))))}</section>`;
}

function notes(costs: Costs): Markup | null {
  const lines = closingLines(costs);
  if (lines.length === 0) return null;
  return html`<section><h2>Notes</h2>${lines.map((line) => html`<p>${line}</p>`)}</section>`;
}
