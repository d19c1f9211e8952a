import { crossIssues } from "./cross.ts";
import type { Draft, Settings } from "./draft.ts";
import { expandValue, type Lookup } from "./expand.ts";
import type { Issue } from "./issues.ts";
import { missingVariable } from "./missing.ts";

/** A draft with the environment's values in it, and what is wrong with the whole. */
export function completeSettings(
  draft: Draft,
  lookup: Lookup,
): { readonly settings: Settings; readonly issues: readonly Issue[] } {
  const missing = new Map<string, Issue>();
  const settings = expandValue(draft.settings, lookup, (name) => {
    missing.set(name, missingVariable(name, draft.variables[name] ?? []));
  });
  return { settings, issues: missing.size > 0 ? [...missing.values()] : crossIssues(settings) };
}
