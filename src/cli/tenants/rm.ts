import { tenantRemoval } from "../../config/edit-plans.ts";
import { RiptideError } from "../../core/errors.ts";
import { tenantWord } from "../budgets/edit-scope.ts";
import type { Run } from "../command.ts";
import { editConfigFile } from "../config/edit-file.ts";

/** `riptide tenants rm`: a tenant's block; what it spent stays in the ledger. */
export const run: Run = async (call) => {
  const { given } = call;
  const tenant = tenantWord(given);
  if (given.value("confirm") !== tenant && !given.has("dry-run")) {
    throw new RiptideError("usage", `removing a tenant takes its name once more: --confirm ${tenant}`, {
      hint: `riptide tenants rm ${tenant} --dry-run   shows what would go`,
    });
  }
  return editConfigFile(call, {
    edits: (tree) => tenantRemoval(tree, tenant),
    said: `${tenant} has no block any more; its history stays in the ledger`,
  });
};
