import { RiptideError } from "../core/errors.ts";
import type { Json, JsonObject } from "../core/json.ts";
import { usdText } from "../core/money.ts";
import type { Edit } from "./edit.ts";
import type { Path } from "./position.ts";

/** Whose budgets: a tenant's, or those of the whole installation. */
export type Scope = { readonly tenant: string } | "global";

/** New values by their keys in the file; null takes a key out, undefined leaves it. */
export type Values = Readonly<Record<string, Json | undefined>>;

export interface BudgetAsk {
  readonly scope: Scope;
  /** The budget of this period is changed, or made. */
  readonly budget?: { readonly period: string; readonly values: Values } | undefined;
  readonly maxCost: Json | undefined;
}

/** The changes that set one budget of a scope, its cap on a request, or both. */
export function budgetEdits(tree: JsonObject, { scope, budget, maxCost }: BudgetAsk): readonly Edit[] {
  const above = pathOf(scope);
  const cap = valueEdits(tree, above, { max_cost_per_request: maxCost });
  if (!budget) return cap;
  const { period, values } = budget;
  const list = [...above, "budgets"];
  const [first, ...others] = positionsOf(tree, scope, period);
  if (first === undefined) {
    const { limit, ...rest } = values;
    return [{ kind: "append", path: list, value: given({ limit, period, ...rest }) }, ...cap];
  }
  // A second budget of the same period would go on beside the new one.
  const doubles = others.toReversed().map((index): Edit => ({ kind: "remove", path: [...list, index] }));
  return [...doubles, ...valueEdits(tree, [...list, first], values), ...cap];
}

/** The changes that take the budgets of a scope out, or those of one period. @throws RiptideError `not_found` */
export function budgetRemovals(tree: JsonObject, scope: Scope, period: string | undefined): readonly Edit[] {
  const list = [...pathOf(scope), "budgets"];
  const found = positionsOf(tree, scope, period);
  if (found.length === 0) throw noBudget(scope, period);
  if (found.length === listAt(tree, list).length) return [{ kind: "remove", path: list }];
  return found.toReversed().map((index) => ({ kind: "remove", path: [...list, index] }));
}

/** Values of a tenant, by the block they stand in; `""` is the tenant's own. */
export type TenantValues = Readonly<Record<"" | "limits" | "models" | "providers", Values>>;

/** The changes that set values of a tenant, and make its block where it has none. */
export function tenantEdits(tree: JsonObject, tenant: string, values: TenantValues): readonly Edit[] {
  const above = pathOf({ tenant });
  const edits = Object.entries(values).flatMap(([block, inner]) => {
    const path = block === "" ? above : [...above, block];
    const taken = Object.keys(inner).filter(
      (key) => inner[key] === null && valueAt(tree, [...path, key]) !== undefined,
    );
    const isEmptied = taken.length > 0 && leftIn(valueAt(tree, path), inner).length === 0;
    return block !== "" && isEmptied ? [removal(path)] : valueEdits(tree, path, inner);
  });
  const isKnown = valueAt(tree, above) !== undefined;
  return edits.length > 0 || isKnown ? edits : [{ kind: "set", path: above, value: {} }];
}

/** The change that takes a tenant's block out. @throws RiptideError `not_found` */
export function tenantRemoval(tree: JsonObject, tenant: string): readonly Edit[] {
  const path = pathOf({ tenant });
  if (valueAt(tree, path) !== undefined) return [removal(path)];
  throw new RiptideError("not_found", `the file has no block for the tenant ${tenant}`, {
    hint: "riptide tenants list",
  });
}

/** An amount as a file says it: a number where that has an exact plain form, else text. */
export function moneyValue(nano: number): Json {
  const text = usdText(nano);
  const number = Number(text);
  return text.replace(/\D/g, "").length <= 15 && String(number) === text ? number : text;
}

const removal = (path: Path): Edit => ({ kind: "remove", path });

const pathOf = (scope: Scope): Path => (scope === "global" ? [] : ["tenants", "list", scope.tenant]);

function valueEdits(tree: JsonObject, above: Path, values: Values): readonly Edit[] {
  return Object.entries(values).flatMap(([key, value]): readonly Edit[] => {
    const path = [...above, key];
    const old = valueAt(tree, path);
    if (value === undefined || JSON.stringify(old) === JSON.stringify(value)) return [];
    if (value !== null) return [{ kind: "set", path, value }];
    return old === undefined ? [] : [removal(path)];
  });
}

const given = (values: Values): JsonObject =>
  Object.fromEntries(
    Object.entries(values).flatMap(([key, value]) =>
      value === undefined || value === null ? [] : [[key, value]],
    ),
  );

/** The keys a block will hold. */
const leftIn = (block: Json | undefined, values: Values): readonly string[] =>
  Object.keys({ ...(isObject(block) ? block : {}), ...given(values) }).filter((key) => values[key] !== null);

function positionsOf(tree: JsonObject, scope: Scope, period: string | undefined): readonly number[] {
  return listAt(tree, [...pathOf(scope), "budgets"]).flatMap((item, index) =>
    period === undefined || (isObject(item) && item.period === period) ? [index] : [],
  );
}

function listAt(tree: JsonObject, path: Path): readonly Json[] {
  const value = valueAt(tree, path);
  return Array.isArray(value) ? value : [];
}

function valueAt(tree: Json, path: Path): Json | undefined {
  return path.reduce<Json | undefined>((node, step) => {
    if (Array.isArray(node)) return node[Number(step)];
    return isObject(node) && Object.hasOwn(node, step) ? node[step] : undefined;
  }, tree);
}

const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function noBudget(scope: Scope, period: string | undefined): RiptideError {
  const what = period === undefined ? "budget" : `budget per ${period}`;
  const whose = scope === "global" ? "the whole installation" : scope.tenant;
  return new RiptideError("not_found", `the file has no ${what} for ${whose}`, {
    hint: "riptide budgets list",
  });
}
