import type { BudgetState } from "../../output/budgets.ts";
import type { Call, Run } from "../command.ts";
import { withLedger } from "../costs/ledger.ts";
import { scopeOf } from "./edit-scope.ts";
import { printBudgets, readAll, readScope, type Source } from "./read.ts";

/** `riptide budgets list` */
export const list: Run = async (call) => {
  await printBudgets(call, await reading(call, (source) => readAll(call, source)));
  return 0;
};

/** `riptide budgets show TENANT` */
export const show: Run = async (call) => {
  const scope = scopeOf(call.given);
  await printBudgets(call, await reading(call, (source) => readScope(call, scope, source)));
  return 0;
};

/** Reads it all as it is at one moment. */
const reading = (
  call: Call,
  read: (source: Source) => readonly BudgetState[],
): Promise<readonly BudgetState[]> =>
  withLedger(call, (database, config) =>
    database ? database.read(() => read({ database, config })) : read({ database, config }),
  );
