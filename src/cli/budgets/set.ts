import { type BudgetAsk, budgetEdits, moneyValue, type Scope, type Values } from "../../config/edit-plans.ts";
import { RiptideError } from "../../core/errors.ts";
import { humanUsd } from "../../core/money.ts";
import type { Call, Run } from "../command.ts";
import { editConfigFile } from "../config/edit-file.ts";
import type { Given } from "../flags.ts";
import { listOf, moneyOf } from "../values.ts";
import { periodOf, scopeOf, scopeText, valueUnlessEmpty } from "./edit-scope.ts";

/** `riptide budgets set`: one budget of a tenant or of the whole installation, and the cap of its requests. */
export const run: Run = async (call) => {
  const ask = askOf(call);
  return editConfigFile(call, { edits: (tree) => budgetEdits(tree, ask), said: saidOf(call, ask.scope) });
};

function askOf({ given }: Call): BudgetAsk {
  const limit = moneyOf(given, "limit");
  const period = periodOf(given);
  const maxCost = valueUnlessEmpty(given, "max-cost", () => moneyValue(moneyOf(given, "max-cost") ?? 0));
  const scope = scopeOf(given);
  if (limit !== undefined && period !== undefined) {
    return { scope, maxCost, budget: { period, values: { limit: moneyValue(limit), ...shapeOf(given) } } };
  }
  if (maxCost !== undefined) return { scope, maxCost };
  throw new RiptideError(
    "usage",
    "budgets set wants a limit and its period, a cap on each request, or both",
    {
      hint: "riptide budgets set acme --limit 50 --period month   or   --max-cost 0.50",
    },
  );
}

function shapeOf(given: Given): Values {
  return {
    thresholds: valueUnlessEmpty(given, "thresholds", (text) => listOf(text).map(shareOf)),
    on_exceeded: valueUnlessEmpty(given, "on-exceeded", onExceeded),
  };
}

function shareOf(text: string): number {
  const share = /^\d(\.\d{1,9})?$|^\.\d{1,9}$/.test(text) ? Number(text) : 0;
  if (share > 0 && share <= 1) return share;
  throw new RiptideError(
    "usage",
    `--thresholds wants shares above 0 and up to 1, such as 0.5,0.9, not "${text}"`,
  );
}

function onExceeded(text: string): string {
  if (/^(reject|degrade:.+)$/.test(text)) return text;
  throw new RiptideError("usage", `--on-exceeded wants reject or degrade:ALIAS, not "${text}"`);
}

function saidOf({ given }: Call, scope: Scope): string {
  const whose = scopeText(scope);
  const limit = moneyOf(given, "limit");
  const cap = given.value("max-cost");
  return [
    ...(limit === undefined ? [] : [`${whose} may spend ${humanUsd(limit)} per ${given.value("period")}`]),
    ...(cap === "" ? [`no cap on a request of ${whose}`] : []),
    ...(cap ? [`a request of ${whose} may cost ${humanUsd(moneyOf(given, "max-cost") ?? 0)}`] : []),
  ].join("; ");
}
