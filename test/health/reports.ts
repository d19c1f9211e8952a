import type { ErrorCode } from "../../src/core/errors.ts";
import type { HealthState } from "../../src/core/health.ts";
import { reportOf } from "../../src/health/policy.ts";
import type { HealthCheck, HealthPolicy, ProviderHealth } from "../../src/health/report.ts";

export const checkOf = (more: Partial<HealthCheck> = {}): HealthCheck => ({
  id: "auth",
  status: "pass",
  ms: 12,
  attempts: 1,
  code: null,
  message: null,
  remediation: null,
  ...more,
});

/** A provider in this state, for this reason. */
export const providerOf = (
  name: string,
  status: HealthState = "healthy",
  more: Partial<ProviderHealth> = {},
): ProviderHealth => ({
  name,
  type: "openai",
  status,
  level: "auth",
  latencyMs: status === "healthy" ? 212 : null,
  circuit: status === "disabled" ? null : "closed",
  modelsFound: null,
  checks: [checkOf({ message: "38 models" })],
  ...more,
});

/** A provider whose check failed with this code. */
export const failedWith = (
  name: string,
  code: ErrorCode,
  status: HealthState = "down",
  message: string = code,
): ProviderHealth =>
  providerOf(name, status, {
    checks: [
      checkOf({
        id: status === "misconfigured" ? "config" : "reach",
        status: "fail",
        code,
        message,
        remediation: `mend ${name}`,
      }),
    ],
  });

export const ALL: HealthPolicy = { mode: "all", value: null };

export const reportFor = (providers: readonly ProviderHealth[], policy: HealthPolicy = ALL) =>
  reportOf(providers, { policy, via: "in-process", checkedAt: "2026-11-22T15:00:00.125Z" });
