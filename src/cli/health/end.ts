import { formatDuration } from "../../core/duration.ts";
import { RiptideError } from "../../core/errors.ts";
import { exitOf, failingUnder, policyText } from "../../health/policy.ts";
import { detailOf, type HealthReport, type ProviderHealth } from "../../health/report.ts";
import type { Call } from "../command.ts";
import type { HealthAsks } from "./asks.ts";

const DEGRADED = 12;

/** The exit code of a look, whatever it was printed as; stderr says in a few lines why it is not 0 (HM-7). */
export async function endOf(
  { io, given }: Call,
  report: HealthReport,
  { asks, wasCut }: { readonly asks: HealthAsks; readonly wasCut: boolean },
): Promise<number> {
  const error = wasCut ? cutShort(report, asks) : failure(report, asks);
  if (!error) return 0;
  if (error.exit === DEGRADED) {
    if (!given.has("quiet")) await io.stderr.write(`warning: ${error.message}\n`);
    return error.exit;
  }
  const { errorText } = await import("../../output/error-text.ts");
  await io.stderr.write(errorText(error, { command: "health", config: given.value("config") }));
  return error.exit;
}

function cutShort({ providers }: HealthReport, { timeoutMs }: HealthAsks): RiptideError {
  const open = providers.filter(({ status }) => status === "unknown").map(({ name }) => name);
  return new RiptideError(
    "deadline_exceeded",
    `not every probe ended within ${formatDuration(timeoutMs ?? 0)}`,
    {
      reasons: [`still open: ${open.join(", ")}`],
      hint: "raise --timeout, or lower --probe-timeout",
    },
  );
}

function failure(report: HealthReport, { policy, failOnDegraded }: HealthAsks): RiptideError | undefined {
  const exit = exitOf(report, { failOnDegraded });
  if (exit === 0) return undefined;
  if (exit === DEGRADED) {
    const names = report.providers.filter(({ status }) => status !== "healthy" && status !== "disabled");
    const said = names.map(({ name, status }) => `${name} is ${status}`).join(", ");
    return new RiptideError("health_policy", said, { exit });
  }
  const failing = failingUnder(report.providers, policy);
  return new RiptideError("health_policy", `not met: ${policyText(policy)}`, {
    reasons: failing.map(reasonOf),
    hint: remedyOf(failing),
    exit,
  });
}

const reasonOf = (provider: ProviderHealth): string =>
  `${provider.name}: ${provider.status}, ${detailOf(provider) || "nothing is known of it"}`;

const remedyOf = (failing: readonly ProviderHealth[]): string => {
  const remedies = failing.flatMap(({ checks }) => checks.flatMap(({ remediation }) => remediation ?? []));
  return remedies[0] ?? "riptide circuits   (what keeps requests away)";
};
