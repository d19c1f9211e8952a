import type { Json, JsonObject } from "../core/json.ts";
import type { Registry } from "../providers/registry.ts";
import type { Settings } from "./draft.ts";
import { expandText, hasReference, type Lookup } from "./expand.ts";
import { type Issue, issuesOf } from "./issues.ts";
import { asJson, keysAt } from "./json-schema.ts";
import { missingVariable } from "./missing.ts";
import { copyTree, type MutableTree, replaceAt, valueAt } from "./override.ts";
import { pathKey, pathText } from "./position.ts";
import { checkProviders } from "./providers.ts";
import { ONE_PARSE } from "./schema/one-parse.ts";
import { root } from "./schema/root.ts";

export interface CheckContext {
  readonly registry: Registry;
  readonly lookup: Lookup;
  /** Paths whose text came from a variable or flag, so that `true` and `5` may mean more than text. */
  readonly texts: ReadonlySet<string>;
  /** The provider that is always there, not written in the tree by its user. */
  readonly implicit: string | undefined;
}

export type CheckResult =
  | {
      readonly settings: Settings;
      /** No variable was put in, so that the settings hold for any environment. */
      readonly untouched: boolean;
    }
  | { readonly issues: readonly Issue[] };

/**
 * Checks a tree against every schema. Where a key wants something other than text, its variables are put in
 * and the text is read as a number, true, false or null.
 */
export async function checkTree(tree: JsonObject, context: CheckContext): Promise<CheckResult> {
  const work: Work = { tree: copyTree(tree), texts: new Set(context.texts), expanded: new Set() };
  for (;;) {
    const result = await checkOnce(work.tree, context);
    if (!("issues" in result)) return { settings: result.settings, untouched: work.expanded.size === 0 };
    const missing: Issue[] = [];
    // The value of a key that should not be there is wanted by nobody.
    const wrongKeys = result.issues.filter(({ part }) => part === "key");
    const changed = result.issues.filter(
      (issue) => issue.part === "value" && reread(work, issue, context.lookup, missing),
    );
    if (missing.length > 0) return { issues: [...wrongKeys, ...missing] };
    if (changed.length === 0) return result;
  }
}

interface Work {
  readonly tree: MutableTree;
  readonly texts: Set<string>;
  readonly expanded: Set<string>;
}

/** Makes the text at an issue's path into what its key may want; false when there is nothing left to try. */
function reread(work: Work, { path }: Issue, lookup: Lookup, missing: Issue[]): boolean {
  const text = valueAt(work.tree, path);
  const key = pathKey(path);
  if (typeof text !== "string") return false;
  if (hasReference(text) && !work.expanded.has(key)) {
    const result = expandText(text, lookup);
    if ("missing" in result) {
      missing.push(missingVariable(result.missing, path));
      return false;
    }
    work.expanded.add(key);
    work.texts.add(key);
    replaceAt(work.tree, path, result.text);
    return true;
  }
  if (!work.texts.delete(key)) return false;
  const scalar = scalarOf(text);
  replaceAt(work.tree, path, scalar);
  return scalar !== text;
}

const WORDS: Readonly<Record<string, Json>> = { true: true, false: false, null: null };

function scalarOf(text: string): Json {
  const word = text.toLowerCase();
  if (Object.hasOwn(WORDS, word)) return WORDS[word] ?? null;
  return /^-?\d{1,15}(\.\d{1,9})?$/.test(text) ? Number(text) : text;
}

type Once = { readonly settings: Settings } | { readonly issues: readonly Issue[] };

async function checkOnce(tree: JsonObject, { registry, implicit }: CheckContext): Promise<Once> {
  const schema = root();
  const whole = schema.safeParse(tree, ONE_PARSE);
  if (!whole.success) {
    const issues = issuesOf(whole.error, {
      prefix: [],
      keysAt: (path) => keysAt(asJson(schema), path),
      value: tree,
      display: pathText,
    });
    return { issues: [...issues, ...(await providerIssues(tree, registry, implicit))] };
  }
  const { version: _version, allowEmpty: _allowEmpty, models, maxCostPerRequest, ...rest } = whole.data;
  const checked = await checkProviders(tree.providers, {
    registry,
    breaker: rest.circuitBreaker,
    implicit,
  });
  if (checked.issues.length > 0) return { issues: checked.issues };
  const aliases = Object.fromEntries(
    Object.entries(models).map(([name, { strategy, ...alias }]) => [
      name,
      { ...alias, strategy: strategy ?? rest.strategy },
    ]),
  );
  return {
    settings: { ...rest, providers: checked.providers, aliases, maxCostPerRequestNano: maxCostPerRequest },
  };
}

/** One report names what is wrong with the providers too, although the rest is wrong already. */
async function providerIssues(tree: JsonObject, registry: Registry, implicit: string | undefined) {
  const breaker = root().parse({}, ONE_PARSE).circuitBreaker;
  return (await checkProviders(tree.providers, { registry, breaker, implicit })).issues;
}
