import type { Config } from "../../config/config.ts";
import type { Scope } from "../../config/edit-plans.ts";
import { installationBudgets, tenantBudgets } from "../../engine/tenant-rules.ts";
import { allBudgets, budgetStates } from "../../output/budget-states.ts";
import { type BudgetState, budgetsDocument, budgetTable } from "../../output/budgets.ts";
import { knownTenants, noSuchTenant } from "../../output/known-tenants.ts";
import type { Database } from "../../store/database.ts";
import type { Call } from "../command.ts";
import { printDocument, printTable, tableOptions } from "../print.ts";

/**
 * The budgets of one scope, and what they have seen.
 * @throws RiptideError `not_found` for a tenant nobody knows.
 */
export function readScope({ io }: Call, scope: Scope, { database, config }: Source): readonly BudgetState[] {
  const nowMs = io.clock.wall();
  const known = knownTenants(config, database, nowMs);
  if (scope === "global") return budgetStates(installationBudgets(config), database, nowMs);
  if (!known.includes(scope.tenant)) throw noSuchTenant(scope.tenant, known);
  return budgetStates(tenantBudgets(config, scope.tenant), database, nowMs);
}

/** Every budget in force, with those that default limits give to tenants the ledger has seen. */
export const readAll = ({ io }: Call, { database, config }: Source): readonly BudgetState[] =>
  allBudgets(config, database, io.clock.wall());

export interface Source {
  /** Undefined where nothing was ever recorded. */
  readonly database: Database | undefined;
  readonly config: Config;
}

export async function printBudgets(call: Call, states: readonly BudgetState[]): Promise<void> {
  if (call.format === "json") return printDocument(call, budgetsDocument(states));
  if (states.length === 0) return noBudgets(call);
  const { ascii, width } = tableOptions(call);
  const isDecorated = width !== undefined && !call.given.has("plain");
  const { columns, rows } = budgetTable(states, isDecorated ? { ascii, width } : undefined);
  await printTable(call, columns, rows);
}

async function noBudgets({ io, given }: Call): Promise<void> {
  if (given.has("quiet")) return;
  await io.stderr.write("no budget is configured; riptide budgets set TENANT --limit 50 --period month\n");
}
