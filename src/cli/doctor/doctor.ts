import type { Call, Run } from "../command.ts";
import { printDocument, printText } from "../print.ts";
import { oneOf } from "../values.ts";
import { CATEGORIES, type Category, type Examine, type Finding, findingOf } from "./check.ts";
import { examineConfig, examineSecrets } from "./configuration.ts";
import { examineDaemon } from "./daemon.ts";
import { examineNetwork } from "./network.ts";
import { examinePermissions } from "./permissions.ts";
import { examineRuntime } from "./runtime.ts";

const EXAMINATIONS: Readonly<Record<Category, Examine>> = {
  runtime: examineRuntime,
  config: examineConfig,
  secrets: examineSecrets,
  daemon: examineDaemon,
  network: examineNetwork,
  permissions: examinePermissions,
};

interface Check extends Finding {
  readonly category: Category;
  readonly ms: number;
}

const WARNED = 12;

/** `riptide doctor`: 0 where nothing is wrong, 1 where something is, 12 for warnings where these are asked for. */
export const run: Run = async (call) => {
  const checks: Check[] = [];
  for (const category of categoriesAsked(call)) checks.push(...(await examined(call, category)));
  const has = (status: Finding["status"]) => checks.some((check) => check.status === status);
  const status = has("fail") ? "fail" : has("warn") ? "warn" : "ok";
  if (call.format === "json") await printDocument(call, documentOf(status, checks));
  else await printText(call, textOf(checks));
  if (status === "fail") return 1;
  return status === "warn" && call.given.has("fail-on") ? WARNED : 0;
};

function categoriesAsked({ given }: Call): readonly Category[] {
  const asked = given
    .value("only")
    ?.split(",")
    .map((word) => oneOf(word.trim(), CATEGORIES, "--only"));
  return CATEGORIES.filter(
    (category) => (asked?.includes(category) ?? true) && !(category === "network" && given.has("offline")),
  );
}

async function examined(call: Call, category: Category): Promise<readonly Check[]> {
  const { clock } = call.io;
  const startedAt = clock.now();
  const findings = await EXAMINATIONS[category](call).catch((thrown: unknown) => [
    findingOf("usable", thrown),
  ]);
  const ms = Math.round(clock.now() - startedAt);
  return findings.map((finding) => ({ ...finding, category, ms }));
}

const documentOf = (status: Finding["status"], checks: readonly Check[]) => ({
  schema: "riptide.doctor/1",
  status,
  checks: checks.map(({ name, category, status, summary, details, remediation, ms }) => ({
    id: `${category}.${name}`,
    ...{ category, status, summary },
    details: details ?? null,
    remediation: remediation ?? null,
    ms,
  })),
});

/** One line for each finding; what to do stands under it. */
function textOf(checks: readonly Check[]): string {
  const width = Math.max(...checks.map(({ category, name }) => category.length + name.length + 1), 0);
  return checks
    .map(({ status, category, name, summary, details, remediation }) => {
      const under = [details, remediation && `-> ${remediation}`].filter(Boolean);
      const head = `${status.padEnd(4)}  ${`${category}.${name}`.padEnd(width)}  ${summary}\n`;
      return head + under.map((line) => `      ${line}\n`).join("");
    })
    .join("");
}
