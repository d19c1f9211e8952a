import { budgetRemovals } from "../../config/edit-plans.ts";
import type { Run } from "../command.ts";
import { editConfigFile } from "../config/edit-file.ts";
import { periodOf, scopeOf, scopeText } from "./edit-scope.ts";

/** `riptide budgets rm`: all budgets of a scope, or those of one period. */
export const run: Run = async (call) => {
  const scope = scopeOf(call.given);
  const period = periodOf(call.given);
  const what = period === undefined ? "budget" : `budget per ${period}`;
  return editConfigFile(call, {
    edits: (tree) => budgetRemovals(tree, scope, period),
    said: `${scopeText(scope)} has no ${what} any more`,
  });
};
