import { formatTime } from "../../core/clock.ts";
import { humanUsd } from "../../core/money.ts";
import { budgetName } from "../budget-name.ts";
import { stateOf } from "../budgets.ts";
import type { BudgetForecast } from "../forecasts.ts";
import { gauge } from "./charts.ts";
import { html, type Markup } from "./markup.ts";

/** Each budget with what is used of it, and where its period will end. */
export function budgetSection(budgets: readonly BudgetForecast[]): Markup | null {
  if (budgets.length === 0) return null;
  return html`<section><h2>Budgets now</h2><div class="scroll"><table>
<thead><tr><th scope="col">budget</th><th scope="col" class="number">spent</th><th scope="col" class="number">limit</th><th scope="col">used</th><th scope="col" class="number">forecast (80 %)</th><th scope="col">resets</th></tr></thead>
<tbody>${budgets.map(row)}</tbody></table></div></section>`;
}

function row({ state, forecast, endMs }: BudgetForecast): Markup {
  const { rule, spentNano } = state;
  const level = stateOf(state);
  const used = spentNano / rule.limitNano;
  const ending = forecast.kind === "known" ? forecast.meanNano / rule.limitNano : null;
  const name = budgetName(rule);
  const title = `${name}: ${(used * 100).toFixed(1)} % used, ${level}`;
  const expected =
    forecast.kind === "known"
      ? `${humanUsd(forecast.meanNano)} (${humanUsd(forecast.lowNano)} to ${humanUsd(forecast.highNano)})`
      : "not enough days";
  return html`<tr><td class="name">${name}</td><td class="number">${humanUsd(spentNano)}</td><td class="number">${humanUsd(rule.limitNano)}</td><td>${gauge(title, { used, forecast: ending, level })}<span class="soft">${(used * 100).toFixed(1)} %, ${level}</span></td><td class="number">${expected}</td><td class="date">${formatTime(endMs).slice(0, 10)}</td></tr>`;
}
