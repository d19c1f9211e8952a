import type { ErrorCode } from "../core/errors.ts";
import type { HealthState } from "../core/health.ts";

/** How far a provider is looked at, each level after the ones before it. */
export const HEALTH_LEVELS = ["config", "reach", "auth", "deep"] as const;
export type HealthLevel = (typeof HEALTH_LEVELS)[number];

/** `unknown`: could not run, so it proves nothing. `skip`: there is nothing to check. */
export type CheckStatus = "pass" | "warn" | "fail" | "unknown" | "skip";

/** One level of one provider. */
export interface HealthCheck {
  readonly id: HealthLevel;
  readonly status: CheckStatus;
  /** Null when it did not run. */
  readonly ms: number | null;
  readonly attempts: number;
  readonly code: ErrorCode | null;
  readonly message: string | null;
  /** What to do about it. */
  readonly remediation: string | null;
  /** How long the provider asks to be left alone, where it says so. */
  readonly retryAfterMs?: number;
}

export interface ProviderHealth {
  readonly name: string;
  readonly type: string;
  readonly status: HealthState;
  /** The level that decided, or the last one that was asked for. */
  readonly level: HealthLevel;
  /** Of the last call that was answered. */
  readonly latencyMs: number | null;
  readonly circuit: "closed" | "open" | "half_open" | null;
  readonly modelsFound: number | null;
  readonly checks: readonly HealthCheck[];
}

/** What has to hold for the command to succeed. */
export type HealthPolicy =
  | { readonly mode: "all"; readonly value: null }
  | { readonly mode: "require"; readonly value: readonly string[] }
  | { readonly mode: "min_healthy"; readonly value: number }
  | { readonly mode: "any"; readonly value: null };

/** `pass`: all is well; `warn`: the policy is met, but not everything is healthy; `fail`: it is not met. */
export type HealthVerdict = "pass" | "warn" | "fail";

export interface HealthReport {
  readonly status: HealthVerdict;
  readonly via: "in-process" | "daemon";
  /** RFC 3339. */
  readonly checkedAt: string;
  readonly policy: HealthPolicy;
  readonly summary: Readonly<Record<HealthState | "total", number>>;
  readonly providers: readonly ProviderHealth[];
}

/** What a reader should know of a provider in one line: what is wrong, else what was found. */
export function detailOf({ checks, circuit }: ProviderHealth): string {
  const failed = checks.find(({ status }) => status === "fail");
  if (failed?.message) return failed.message;
  if (circuit === "open") return "its circuit is open";
  const open = checks.find(({ status, message }) => status === "unknown" && message !== null);
  const doubt = open ?? checks.find(({ status }) => status === "warn");
  if (doubt?.code) return `${doubt.code}: ${doubt.message ?? ""}`;
  const told = doubt ?? checks.findLast(({ status }) => status === "pass") ?? checks[0];
  return told?.message ?? "";
}

/** Whether requests may be sent there with hope. */
export const isUsable = ({ status }: Pick<ProviderHealth, "status">): boolean =>
  status === "healthy" || status === "degraded";
