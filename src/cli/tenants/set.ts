import { moneyValue, type TenantValues, tenantEdits } from "../../config/edit-plans.ts";
import { RiptideError } from "../../core/errors.ts";
import type { Json } from "../../core/json.ts";
import { tenantWord, valueUnlessEmpty } from "../budgets/edit-scope.ts";
import type { Run } from "../command.ts";
import { editConfigFile } from "../config/edit-file.ts";
import type { Given } from "../flags.ts";
import { integerOf, listOf, moneyOf } from "../values.ts";

/** `riptide tenants set`: limits and permissions of a tenant; a tenant without a block gets one. */
export const run: Run = async (call) => {
  const { given } = call;
  const tenant = tenantWord(given);
  const values = valuesOf(given);
  const named = Object.entries(values).flatMap(([block, inner]) =>
    Object.entries(inner).flatMap(([key, value]) =>
      value === undefined ? [] : [block === "" ? key : `${block}.${key}`],
    ),
  );
  return editConfigFile(call, {
    edits: (tree) => tenantEdits(tree, tenant, values),
    said: named.length === 0 ? `${tenant} has a block` : `set for ${tenant}: ${named.join(", ")}`,
  });
};

function valuesOf(given: Given): TenantValues {
  return {
    limits: {
      requests_per_minute: countOf(given, "requests-per-minute"),
      tokens_per_minute: countOf(given, "tokens-per-minute"),
      cost_per_hour: valueUnlessEmpty(given, "cost-per-hour", () =>
        moneyValue(moneyOf(given, "cost-per-hour") ?? 0),
      ),
      max_concurrent: countOf(given, "max-concurrent"),
    },
    models: { allow: valueUnlessEmpty(given, "models", namesOf) },
    providers: {
      allow: valueUnlessEmpty(given, "allow-providers", namesOf),
      deny: valueUnlessEmpty(given, "deny-providers", namesOf),
    },
    "": { priority: valueUnlessEmpty(given, "priority", () => wholeOf(given, "priority", 0, 1_000_000)) },
  };
}

const countOf = (given: Given, flag: string) =>
  valueUnlessEmpty(given, flag, () => wholeOf(given, flag, 1, Number.MAX_SAFE_INTEGER));

const wholeOf = (given: Given, flag: string, min: number, max: number): Json =>
  integerOf(given, flag, { min, max }) ?? null;

function namesOf(text: string): readonly string[] {
  const names = [...new Set(listOf(text))];
  if (names.length > 0) return names;
  throw new RiptideError("usage", `"${text}" names nothing; an empty value removes the list`);
}
