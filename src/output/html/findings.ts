import { humanUsd } from "../../core/money.ts";
import type { Insight } from "../../ledger/insights/insight.ts";
import type { Insights } from "../insights.ts";
import { html, type Markup } from "./markup.ts";

const MOST_SHOWN = 20;

/** What `riptide costs insights` finds. */
export function findingSection({ insights, requests }: Insights): Markup | null {
  if (requests === 0) return null;
  const body =
    insights.length === 0
      ? html`<p>Nothing to act on in ${requests} request${requests === 1 ? "" : "s"}.</p>`
      : insights.slice(0, MOST_SHOWN).map(finding);
  const more =
    insights.length > MOST_SHOWN
      ? html`<p class="soft">${insights.length - MOST_SHOWN} more: riptide costs insights --json</p>`
      : null;
  return html`<section><h2>Findings</h2>${body}${more}</section>`;
}

function finding({ rule, tenant, summary, method, savingNano, confidence, apply }: Insight): Markup {
  const whose = tenant === null ? "all tenants" : `tenant ${tenant}`;
  const saving = savingNano === 0 ? "no money" : `saves ${humanUsd(savingNano)}`;
  return html`<article class="finding"><b>${rule}</b> <span class="soft">${whose}, ${saving}, confidence ${confidence}</span><p>${summary}</p><p class="soft">How: ${method}.</p><pre>${apply.trimEnd()}</pre></article>`;
}
