import type { Access } from "../admission/access.ts";
import { type AdmissionRules, needsLedger } from "../admission/rules.ts";
import type { Budget, Config, Tenant, TenantLimits } from "../config/config.ts";
import type { BudgetRule } from "../core/budget.ts";
import { RiptideError } from "../core/errors.ts";
import { nearest } from "../core/nearest.ts";

/** What the configuration says about one tenant. */
export interface TenantRules {
  readonly rules: AdmissionRules;
  readonly access: Access;
  /** Providers that go first, in this order. */
  readonly prefer: readonly string[];
}

/** The tenant of a caller who names none. */
export const DEFAULT_TENANT = "default";
/** Who pays for looking at providers; it is always admitted. */
export const HEALTH_TENANT = "_health";

/**
 * The rules for a tenant's requests (TA-8).
 *
 * Its key is not looked at: in the caller's own process the ledger and the configuration are the user's own files, so
 * a key would protect nothing, and tenants are a matter of accounting there. On a socket it is asked for before.
 * @throws RiptideError `tenant_denied` for a suspended tenant and, under `tenants.strict`, for an unknown one.
 */
export function tenantRules(
  config: Config,
  tenant: string,
  ask: { readonly maxCostNano?: number | undefined },
): TenantRules {
  const { list, strict } = config.tenants;
  const own = blockOf(config, tenant);
  if (!own && strict && tenant !== HEALTH_TENANT) throw unknownTenant(tenant, Object.keys(list));
  if (own?.suspended) throw suspendedTenant(tenant);
  return {
    rules: rulesFor(config, tenant, { own, maxCostNano: ask.maxCostNano }),
    access: {
      models: own?.models ?? OPEN,
      providers: own?.providers ?? OPEN,
      aliases: config.aliases,
    },
    prefer: own?.providers.prefer ?? [],
  };
}

const OPEN = { allow: [], deny: [] } as const;

function rulesFor(
  config: Config,
  tenant: string,
  { own, maxCostNano }: { readonly own: Tenant | undefined; readonly maxCostNano: number | undefined },
): AdmissionRules {
  const limits = limitsOf(config, tenant);
  const caps = [config.maxCostPerRequestNano, own?.maxCostPerRequestNano, maxCostNano].filter(
    (nano) => nano !== undefined,
  );
  return {
    tenant,
    requestsPerMinute: limits.requestsPerMinute,
    tokensPerMinute: limits.tokensPerMinute,
    maxConcurrent: limits.maxConcurrent,
    budgets: [...tenantBudgets(config, tenant), ...installationBudgets(config)],
    capNano: caps.length > 0 ? Math.min(...caps) : undefined,
    unpriced: config.unpriced,
  };
}

/** The tenant's own block; a tenant may be called as something every object has. */
export const blockOf = ({ tenants: { list } }: TenantsOnly, tenant: string): Tenant | undefined =>
  Object.hasOwn(list, tenant) ? list[tenant] : undefined;

type TenantsOnly = Pick<Config, "tenants">;

/** The limits that hold for a tenant, whether or not it is admitted: its own, else the default ones (TA-8). */
export const limitsOf = (config: TenantsOnly, tenant: string): TenantLimits =>
  blockOf(config, tenant)?.limits ?? defaultLimits(config, tenant);

/** Nobody who names no tenant should meet limits that were meant for others, nor should a look at providers. */
const defaultLimits = ({ tenants }: TenantsOnly, tenant: string): TenantLimits =>
  (tenant === DEFAULT_TENANT || tenant === HEALTH_TENANT ? null : tenants.defaultLimits) ?? {};

/** The budgets of a tenant, whether or not it is admitted; a cost per hour is one of them. */
export const tenantBudgets = (config: TenantsOnly, tenant: string): readonly BudgetRule[] => [
  ...(blockOf(config, tenant)?.budgets ?? []).map((budget) => budgetRule(tenant, budget)),
  ...hourBudget(tenant, limitsOf(config, tenant)),
];

/** The budgets that all tenants share. */
export const installationBudgets = ({ budgets }: Pick<Config, "budgets">): readonly BudgetRule[] =>
  budgets.map((budget) => budgetRule(null, budget));

const budgetRule = (
  tenant: string | null,
  { limitNano, period, thresholds, onExceeded }: Budget,
): BudgetRule => ({
  ...{ tenant, limitNano, period, thresholds },
  degradeTo: onExceeded.action === "degrade" ? onExceeded.alias : null,
});

/** A cost per hour is a budget that warns nobody. */
const hourBudget = (tenant: string, { costPerHourNano }: TenantLimits): readonly BudgetRule[] =>
  costPerHourNano === undefined
    ? []
    : [{ tenant, period: "hour", limitNano: costPerHourNano, thresholds: [], degradeTo: null }];

function unknownTenant(tenant: string, known: readonly string[]): RiptideError {
  const near = nearest(tenant, known);
  const message =
    tenant === DEFAULT_TENANT
      ? "no tenant was named, and tenants.strict admits only those that are listed"
      : `unknown tenant "${tenant}", and tenants.strict admits only those that are listed`;
  return new RiptideError("tenant_denied", message, {
    reasons: [near ? `did you mean "${near}"?` : `known: ${known.slice(0, 8).join(", ") || "none"}`],
    hint: "name one with --tenant or RIPTIDE_TENANT, or add it to tenants.list in providers.yaml",
  });
}

const suspendedTenant = (tenant: string): RiptideError =>
  new RiptideError("tenant_denied", `tenant ${tenant} is suspended in the configuration; nothing was sent`, {
    hint: `set tenants.list.${tenant}.suspended: false in providers.yaml`,
  });

/** True where some tenant's requests are limited, so that what the ledger says must not be lost. */
export const limitsAnyone = (config: Config): boolean =>
  config.tenants.defaultLimits !== null ||
  [DEFAULT_TENANT, ...Object.keys(config.tenants.list)].some((tenant) =>
    needsLedger(rulesFor(config, tenant, { own: blockOf(config, tenant), maxCostNano: undefined })),
  );
