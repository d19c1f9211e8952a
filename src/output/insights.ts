import { formatTime } from "../core/clock.ts";
import type { JsonObject } from "../core/json.ts";
import { humanUsd, usdText } from "../core/money.ts";
import type { Insight } from "../ledger/insights/insight.ts";
import type { TimeRange } from "../ledger/range.ts";
import { cutLine } from "./stats.ts";
import { symbols } from "./style.ts";

/** Everything `riptide costs insights` says. */
export interface Insights {
  /** What was looked at. */
  readonly range: TimeRange;
  /** More was asked for, but the rows before are no longer kept. */
  readonly isCut: boolean;
  readonly zone: string;
  /** Requests that were looked at. */
  readonly requests: number;
  readonly costNano: number;
  readonly insights: readonly Insight[];
  /** Rules that the ledger has not what they need for, and why. */
  readonly unavailable: readonly { readonly rule: string; readonly reason: string }[];
}

/** `riptide.insights/1` */
export const insightsDocument = (found: Insights): JsonObject => ({
  schema: "riptide.insights/1",
  range: {
    since: formatTime(found.range.sinceMs),
    until: formatTime(found.range.untilMs),
    tz: found.zone,
  },
  requests: found.requests,
  cost_usd: usdText(found.costNano),
  insights: found.insights.map((insight) => ({
    rule: insight.rule,
    tenant: insight.tenant,
    summary: insight.summary,
    evidence: insight.evidence,
    method: insight.method,
    saving_usd: usdText(insight.savingNano),
    confidence: insight.confidence,
    apply: insight.apply,
  })),
  unavailable: found.unavailable.map((each) => ({ ...each })),
});

/** More is not read; the document has all. */
const MOST_SHOWN = 20;

/** The same for people: a paragraph for each finding. */
export function insightsText(found: Insights, ascii: boolean): string {
  const { requests, costNano, insights, unavailable } = found;
  const { dot } = symbols(ascii);
  const looked = `${counted(requests, "request")} (${humanUsd(costNano)})`;
  const findings = counted(insights.length, "finding");
  const head =
    insights.length === 0
      ? `nothing to act on in ${looked}`
      : `${findings} in ${looked}${insights.length === 1 ? "" : "; savings may be parts of the same money"}`;
  const paragraphs = insights
    .slice(0, MOST_SHOWN)
    .map(({ rule, tenant, summary, method, savingNano, confidence, apply }) =>
      [
        `${rule} ${dot} ${tenant === null ? "all tenants" : `tenant ${tenant}`} ${dot} ${savingText(savingNano)} ${dot} confidence ${confidence}`,
        `  ${summary}`,
        `  how: ${method}`,
        ...appliedLines(apply),
      ].join("\n"),
    );
  const more =
    insights.length > MOST_SHOWN
      ? [`${insights.length - MOST_SHOWN} more: riptide costs insights --json`]
      : [];
  const notes = [
    ...(found.isCut ? [cutLine(found.range)] : []),
    ...unavailable.map(({ rule, reason }) => `not looked for: ${rule} (${reason})`),
  ];
  return `${[head, ...paragraphs, ...more, ...(notes.length > 0 ? [notes.join("\n")] : [])].join("\n\n")}\n`;
}

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? "" : "s"}`;

const savingText = (nano: number): string => (nano === 0 ? "no money" : `saves ${humanUsd(nano)}`);

function appliedLines(apply: string): readonly string[] {
  const lines = apply.trimEnd().split("\n");
  const [only] = lines;
  if (only?.startsWith("riptide ")) return [`  do: ${only}`];
  return ["  do, in providers.yaml:", ...lines.map((line) => `    ${line}`)];
}
