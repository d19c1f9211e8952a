import { failingUnder, policyText } from "../health/policy.ts";
import type { HealthCheck, HealthReport, ProviderHealth } from "../health/report.ts";
import { oneLine } from "./sanitise.ts";

/**
 * A JUnit report as Jenkins and Surefire read it (jenkins-junit.xsd, surefire-test-report.xsd): a suite for each
 * provider with a case for each level, and one for the policy. A level that could not run is skipped, never passed.
 */
export function junitText(report: HealthReport): string {
  const suites = [...report.providers.map(providerSuite), policySuite(report)];
  const body = suites.map((suite) => suiteXml(suite, report.checkedAt)).join("");
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="riptide health" ${totals(suites)}>\n${body}</testsuites>\n`;
}

interface Suite {
  readonly name: string;
  readonly cases: readonly Case[];
}

interface Case {
  readonly name: string;
  readonly ms: number;
  readonly outcome: "passed" | "failed" | "skipped";
  readonly type: string;
  readonly message: string | null;
  readonly more: string | null;
}

const providerSuite = (provider: ProviderHealth): Suite => ({
  name: provider.name,
  cases: provider.checks.map(caseOf),
});

const caseOf = ({ id, status, ms, code, message, remediation }: HealthCheck): Case => ({
  name: id,
  ms: ms ?? 0,
  outcome: status === "fail" ? "failed" : status === "pass" || status === "warn" ? "passed" : "skipped",
  type: code ?? status,
  message: status === "unknown" ? (message ?? "could not run") : message,
  more: remediation,
});

function policySuite({ status, policy, providers }: HealthReport): Suite {
  const names = failingUnder(providers, policy).map(({ name, status }) => `${name} is ${status}`);
  const failed = {
    outcome: "failed",
    type: "health_policy",
    message: `not met: ${names.join(", ") || "no provider"}`,
  } as const;
  const passed = { outcome: "passed", type: "", message: null } as const;
  const outcome = status === "fail" ? failed : passed;
  return { name: "policy", cases: [{ name: policyText(policy), ms: 0, more: null, ...outcome }] };
}

function suiteXml(suite: Suite, checkedAt: string): string {
  // The schema's times have no zone.
  const timestamp = checkedAt.replace(/(\.\d+)?Z$/, "");
  const cases = suite.cases.map((item) => caseXml(item, `riptide.health.${suite.name}`)).join("");
  return `  <testsuite name="${escaped(suite.name)}" ${totals([suite])} timestamp="${timestamp}">\n${cases}  </testsuite>\n`;
}

function totals(suites: readonly Suite[]): string {
  const cases = suites.flatMap((suite) => suite.cases);
  const count = (outcome: Case["outcome"]) => cases.filter((item) => item.outcome === outcome).length;
  const ms = cases.reduce((sum, item) => sum + item.ms, 0);
  return `tests="${cases.length}" failures="${count("failed")}" errors="0" skipped="${count("skipped")}" time="${seconds(ms)}"`;
}

function caseXml({ name, ms, outcome, type, message, more }: Case, classname: string): string {
  const head = `    <testcase name="${escaped(name)}" classname="${escaped(classname)}" time="${seconds(ms)}"`;
  const said = message === null ? "" : ` message="${escaped(oneLine(message))}"`;
  const body = [message, more].filter((text) => text !== null).map((text) => oneLine(text));
  if (outcome === "failed")
    return `${head}>\n      <failure${said} type="${escaped(type)}">${escaped(body.join("\n"))}</failure>\n    </testcase>\n`;
  if (outcome === "skipped") return `${head}>\n      <skipped${said}/>\n    </testcase>\n`;
  return message === null
    ? `${head}/>\n`
    : `${head}>\n      <system-out>${escaped(oneLine(message))}</system-out>\n    </testcase>\n`;
}

const seconds = (ms: number): string => (ms / 1_000).toFixed(3);

/** XML 1.0 has no place for control characters, halves of pairs and the two non-characters, not even escaped. */
const escaped = (text: string): string =>
  text
    .replace(/[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu, "")
    .replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);
