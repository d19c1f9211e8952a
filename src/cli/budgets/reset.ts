import type { Scope } from "../../config/edit-plans.ts";
import { RiptideError } from "../../core/errors.ts";
import { resetBudgets } from "../../store/marks.ts";
import type { Call, Run } from "../command.ts";
import { withLedger } from "../costs/ledger.ts";
import { scopeOf } from "./edit-scope.ts";
import { printBudgets, readScope } from "./read.ts";

/** `riptide budgets reset TENANT --confirm TENANT`: its budgets begin anew; the reports keep what was spent. */
export const run: Run = async (call) => {
  const scope = scopeOf(call.given);
  confirm(call, scope);
  const states = await withLedger(call, async (database, config) => {
    const source = { database, config };
    // A name nobody knows is refused before anything changes.
    const before = readScope(call, scope, source);
    if (!database) return before;
    await resetBudgets(database, scope === "global" ? null : scope.tenant, call.io.clock.wall());
    return readScope(call, scope, source);
  });
  await printBudgets(call, states);
  return 0;
};

/** @throws RiptideError `usage` unless the name stands there twice. */
function confirm({ given }: Call, scope: Scope): void {
  const name = scope === "global" ? scope : scope.tenant;
  const confirmed = given.value("confirm");
  if (confirmed === name) return;
  const hint = `riptide budgets reset ${scope === "global" ? "--global" : name} --confirm ${name}`;
  const problem =
    confirmed === undefined
      ? `resetting the budgets of ${name} needs --confirm ${name}`
      : `--confirm says "${confirmed}", but the budgets are those of ${name}`;
  throw new RiptideError("usage", problem, { hint });
}
