import { ERRORS, unreachable } from "../core/errors.ts";
import type { HealthState } from "../core/health.ts";
import {
  type HealthPolicy,
  type HealthReport,
  type HealthVerdict,
  isUsable,
  type ProviderHealth,
} from "./report.ts";

/** What a look at providers came to under a policy. */
export function reportOf(
  providers: readonly ProviderHealth[],
  { policy, via, checkedAt }: Pick<HealthReport, "policy" | "via" | "checkedAt">,
): HealthReport {
  const status = verdictOf(providers, policy);
  return { status, via, checkedAt, policy, summary: summaryOf(providers), providers };
}

/** Whether providers meet a policy. Disabled ones are left out: nobody expects anything of them. */
function verdictOf(providers: readonly ProviderHealth[], policy: HealthPolicy): HealthVerdict {
  const judged = judgedBy(providers, policy);
  if (!isMet(judged, policy)) return "fail";
  return judged.every(({ status }) => status === "healthy") ? "pass" : "warn";
}

/** How a look at providers ends, as an exit code (HM-7): 0, 5, 3 or 4 where only keys are wrong, or 12. */
export function exitOf(
  { status, providers, policy }: Pick<HealthReport, "status" | "providers" | "policy">,
  { failOnDegraded }: { readonly failOnDegraded: boolean },
): number {
  if (status === "pass") return 0;
  if (status === "warn") return failOnDegraded ? DEGRADED : 0;
  return familyOf(failingUnder(providers, policy));
}

const DEGRADED = 12;

/** How many providers are in each state. */
function summaryOf(providers: readonly ProviderHealth[]): HealthReport["summary"] {
  const count = (state: HealthState) => providers.filter(({ status }) => status === state).length;
  return {
    total: providers.length,
    healthy: count("healthy"),
    degraded: count("degraded"),
    down: count("down"),
    misconfigured: count("misconfigured"),
    unknown: count("unknown"),
    disabled: count("disabled"),
  };
}

/** The providers a policy speaks of that cannot be used. */
export const failingUnder = (
  providers: readonly ProviderHealth[],
  policy: HealthPolicy,
): readonly ProviderHealth[] => judgedBy(providers, policy).filter((provider) => !isUsable(provider));

/** A policy in words. */
export function policyText(policy: HealthPolicy): string {
  switch (policy.mode) {
    case "all":
      return "every enabled provider is usable";
    case "require":
      return `usable: ${policy.value.join(", ")}`;
    case "min_healthy":
      return `at least ${policy.value} ${policy.value === 1 ? "provider is" : "providers are"} usable`;
    case "any":
      return "at least one provider is usable";
    default:
      return unreachable(policy);
  }
}

function judgedBy(providers: readonly ProviderHealth[], policy: HealthPolicy): readonly ProviderHealth[] {
  if (policy.mode === "require") return providers.filter(({ name }) => policy.value.includes(name));
  return providers.filter(({ status }) => status !== "disabled");
}

function isMet(judged: readonly ProviderHealth[], policy: HealthPolicy): boolean {
  switch (policy.mode) {
    case "all":
    case "require":
      return judged.every(isUsable);
    case "min_healthy":
      return judged.filter(isUsable).length >= policy.value;
    case "any":
      return judged.some(isUsable);
    default:
      return unreachable(policy);
  }
}

/** The configuration comes first: without its secret a provider cannot even refuse it. */
function familyOf(failing: readonly ProviderHealth[]): number {
  const exits = new Set(failing.map(exitOfProvider));
  const { exit } = ERRORS.health_policy;
  if (exits.size === 0 || [...exits].some((family) => family !== 3 && family !== 4)) return exit;
  return exits.has(3) ? 3 : 4;
}

function exitOfProvider({ checks }: ProviderHealth): number {
  const code = checks.find(({ status }) => status === "fail")?.code;
  return code ? ERRORS[code].exit : ERRORS.health_policy.exit;
}
