import type { HealthState } from "../core/health.ts";
import { policyText } from "../health/policy.ts";
import { detailOf, type HealthReport, type ProviderHealth } from "../health/report.ts";
import { oneLine } from "./sanitise.ts";

/** Annotations of GitHub Actions: one for each provider that is not healthy, and one for the whole. */
export function githubText(report: HealthReport): string {
  const { status, summary, policy } = report;
  const lines = report.providers.flatMap(annotation);
  const usable = summary.healthy + summary.degraded;
  const whole = `${usable} of ${summary.total - summary.disabled} providers can be used (${policyText(policy)})`;
  return [...lines, command(status === "fail" ? "error" : "notice", "riptide health", whole)].join("");
}

function annotation(provider: ProviderHealth): readonly string[] {
  const level = LEVELS[provider.status];
  if (level === undefined) return [];
  const remedy = provider.checks.find(({ remediation }) => remediation !== null)?.remediation;
  const text = [detailOf(provider), remedy].filter(Boolean).map((part) => oneLine(part ?? ""));
  return [command(level, `${provider.name}: ${provider.status}`, text.join("\n") || provider.status)];
}

type AnnotationLevel = "error" | "warning" | "notice";

const LEVELS: Readonly<Partial<Record<HealthState, AnnotationLevel>>> = {
  degraded: "warning",
  unknown: "warning",
  down: "error",
  misconfigured: "error",
};

/** A workflow command; its properties have more characters to escape than its message (actions/toolkit, command.ts). */
const command = (level: AnnotationLevel, title: string, text: string): string =>
  `::${level} title=${escaped(title).replaceAll(":", "%3A").replaceAll(",", "%2C")}::${escaped(text)}\n`;

const escaped = (text: string): string =>
  text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
