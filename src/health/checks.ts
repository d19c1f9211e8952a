import type { HealthState } from "../core/health.ts";
import type { ProbeRow } from "../core/sample.ts";
import type { HealthCheck, HealthLevel, ProviderHealth } from "./report.ts";

/** A level that did not run: it proves nothing. */
export const notRun = (id: HealthLevel, why: Partial<HealthCheck> = {}): HealthCheck => ({
  ...{ id, status: "unknown", ms: null, attempts: 0, code: null, message: null, remediation: null },
  ...why,
});

/**
 * What its checks say of a provider. `unchanged`: it refused for the rate of requests, which says nothing new of it
 * (HM-3).
 */
export function statusOf(checks: readonly HealthCheck[]): HealthState | "unchanged" {
  const failed = checks.find(({ status }) => status === "fail");
  if (failed) return failed.id === "config" || isCredential(failed) ? "misconfigured" : "down";
  const open = checks.find(({ status }) => status === "unknown");
  if (open) return open.code === "rate_limited" ? "unchanged" : "unknown";
  return checks.some(({ status }) => status === "warn") ? "degraded" : "healthy";
}

const isCredential = ({ code }: HealthCheck): boolean =>
  code === "auth_failed" || code === "quota_exhausted" || code === "model_not_found";

/** An open circuit keeps requests away, so its provider counts as down whatever a probe says (HM-5). */
export const inView = (state: HealthState, circuit: ProviderHealth["circuit"]): HealthState =>
  circuit === "open" && state !== "misconfigured" && state !== "disabled" ? "down" : state;

/** The level that decided; where all is well, the last one that was looked at. */
export function levelOf(checks: readonly HealthCheck[]): HealthLevel {
  const open = checks.find(({ status }) => status === "fail" || status === "unknown");
  return (open ?? checks.findLast(isAnswered))?.id ?? "config";
}

/** How long the last call took that was answered well. */
export const latencyOf = (checks: readonly HealthCheck[]): number | null =>
  checks.findLast((check) => check.id !== "config" && isAnswered(check))?.ms ?? null;

const isAnswered = ({ status }: HealthCheck): boolean => status === "pass" || status === "warn";

/** A refusal for its rate that names no wait is left alone for so long (HO-3). */
const SHORT_HOLD_MS = 1_000;

/** What the ledger keeps of a look at a provider; undefined where no call was made to its end. */
export function probeRow(
  { name, checks, latencyMs }: Pick<ProviderHealth, "name" | "checks" | "latencyMs">,
  { endpoint, atMs }: Pick<ProbeRow, "endpoint" | "atMs">,
): ProbeRow | undefined {
  const made = checks.filter(({ id, ms }) => id !== "config" && ms !== null);
  for (const status of ["fail", "unknown", "warn", "pass"] as const) {
    const found = made.findLast((check) => check.status === status);
    if (found) {
      const holdUntilMs = found.code === "rate_limited" ? atMs + (found.retryAfterMs ?? SHORT_HOLD_MS) : null;
      const { id: level, code } = found;
      return { provider: name, endpoint, level, status, latencyMs, code, atMs, holdUntilMs };
    }
  }
  return undefined;
}
