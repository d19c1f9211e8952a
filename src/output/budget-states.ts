import type { Config } from "../config/config.ts";
import type { BudgetRule } from "../core/budget.ts";
import { installationBudgets, tenantBudgets } from "../engine/tenant-rules.ts";
import type { Database } from "../store/database.ts";
import { spendOf } from "../store/spends.ts";
import type { BudgetState } from "./budgets.ts";
import { knownTenants } from "./known-tenants.ts";

/** The budgets in force: those of one tenant, or of the installation and of every configured tenant. */
export const budgetRules = (
  config: Pick<Config, "budgets" | "tenants">,
  only?: string,
): readonly BudgetRule[] =>
  only === undefined
    ? [
        ...installationBudgets(config),
        ...Object.keys(config.tenants.list).flatMap((name) => tenantBudgets(config, name)),
      ]
    : tenantBudgets(config, only);

/** What each budget's period has seen. Without a ledger nothing was spent. */
export const budgetStates = (
  rules: readonly BudgetRule[],
  database: Database | undefined,
  atMs: number,
): readonly BudgetState[] =>
  rules.map((rule) => ({
    rule,
    atMs,
    ...(database ? spendOf(database, rule, atMs) : { spentNano: 0, heldNano: 0 }),
  }));

/** Every budget in force, with those that default limits give to tenants the ledger has seen. */
export function allBudgets(
  config: Pick<Config, "budgets" | "tenants">,
  database: Database | undefined,
  nowMs: number,
): readonly BudgetState[] {
  const rules: readonly BudgetRule[] = [
    ...installationBudgets(config),
    ...knownTenants(config, database, nowMs).flatMap((name) => tenantBudgets(config, name)),
  ];
  return budgetStates(rules, database, nowMs);
}
