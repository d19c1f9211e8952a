import { policyText } from "../health/policy.ts";
import type { HealthReport, HealthVerdict } from "../health/report.ts";
import { HEALTH_COLUMNS, healthCells } from "./health-table.ts";

/** A heading and a table, for a job summary or a comment. */
export function markdownText(report: HealthReport): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |\n`;
  const rows = report.providers.map((provider) => line(healthCells(provider).map(escaped)));
  return [
    `### Providers: ${WORDS[report.status]}\n\n`,
    line(HEALTH_COLUMNS.map(({ head }) => head)),
    line(HEALTH_COLUMNS.map(() => "---")),
    ...rows,
    `\n${escaped(policyText(report.policy))}; checked at ${report.checkedAt}\n`,
  ].join("");
}

const WORDS: Readonly<Record<HealthVerdict, string>> = {
  pass: "all healthy",
  warn: "usable, with warnings",
  fail: "policy not met",
};

/** What a stranger wrote stays text: no markup, links or mentions. */
const escaped = (text: string): string =>
  text.replace(/[\\`*_{}[\]<>#|~&@]/g, (char) => `&#${char.charCodeAt(0)};`).replaceAll("://", "&#58;//");
