import { requestRate, take, tokenRate } from "../admission/gcra.ts";
import type { Config, TenantLimits } from "../config/config.ts";
import { blockOf, installationBudgets, limitsOf, tenantBudgets } from "../engine/tenant-rules.ts";
import type { Database } from "../store/database.ts";
import { readSuspensions } from "../store/marks.ts";
import { NO_USAGE, readTenantUsage, type TenantUsage } from "../store/tenant-usage.ts";
import { budgetStates } from "./budget-states.ts";
import { stateOf } from "./budgets.ts";
import type { Suspension, TenantReport, TenantStatus } from "./tenants.ts";

/** What these tenants may do and have done. Without a ledger they have done nothing. */
export function tenantReports(
  config: Config,
  names: readonly string[],
  { database, nowMs }: Moment,
): readonly TenantReport[] {
  const usages = database && readTenantUsage(database, names, nowMs);
  const marks: ReadonlyMap<string, number> = database ? readSuspensions(database) : new Map();
  return names.map((name) => {
    const own = blockOf(config, name);
    const limits = limitsOf(config, name);
    const usage = usages?.get(name) ?? NO_USAGE;
    const suspension = suspensionOf(config, name, marks.get(name));
    const rules = [...tenantBudgets(config, name), ...installationBudgets(config)];
    const isSpent = budgetStates(rules, database, nowMs).some((state) => stateOf(state) === "exceeded");
    return {
      ...{ name, limits, usage, suspension },
      status: statusOf({ suspension, isSpent, isThrottled: isThrottled(limits, usage, nowMs) }),
      models: own?.models ?? ALL,
      providers: own?.providers ?? ALL,
      priority: own?.priority ?? DEFAULT_PRIORITY,
      hasKey: own?.key !== undefined,
      socket: own?.socket?.path ?? null,
    };
  });
}

interface Moment {
  readonly database: Database | undefined;
  readonly nowMs: number;
}

const ALL = { allow: [], deny: [] } as const;
/** Of a tenant without a block (TA-8). */
const DEFAULT_PRIORITY = 100;

function suspensionOf(config: Config, name: string, sinceMs: number | undefined): Suspension | undefined {
  const own = blockOf(config, name);
  if (own?.suspended) return { by: "config" };
  if (sinceMs !== undefined) return { by: "operator", sinceMs };
  return own || !config.tenants.strict ? undefined : { by: "strict" };
}

function statusOf(facts: {
  readonly suspension: Suspension | undefined;
  readonly isSpent: boolean;
  readonly isThrottled: boolean;
}): TenantStatus {
  if (facts.suspension) return "suspended";
  if (facts.isSpent) return "budget_exceeded";
  return facts.isThrottled ? "throttled" : "active";
}

/** Whether the smallest request would have to wait. */
function isThrottled(limits: TenantLimits, usage: TenantUsage, nowMs: number): boolean {
  const { requestsPerMinute, tokensPerMinute, maxConcurrent } = limits;
  return (
    (maxConcurrent !== undefined && usage.inFlight >= maxConcurrent) ||
    (requestsPerMinute !== undefined &&
      !take(usage.requestsTatUs, requestRate(requestsPerMinute), nowMs).ok) ||
    (tokensPerMinute !== undefined && !take(usage.tokensTatUs, tokenRate(1, tokensPerMinute), nowMs).ok)
  );
}
