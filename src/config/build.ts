import type { Json, JsonObject } from "../core/json.ts";
import type { Registry } from "../providers/registry.ts";
import { hash } from "./cache.ts";
import { checkTree } from "./check.ts";
import { type Draft, placeIssue, type Settings, secretsIn } from "./draft.ts";
import {
  hasReference,
  isBroken,
  isPureReference,
  type Lookup,
  neededVariables,
  reference,
} from "./expand.ts";
import type { Issue } from "./issues.ts";
import { applyOverrides, type MutableTree, type Origins, type Override } from "./override.ts";
import { parseYaml } from "./parse.ts";
import { type Path, pathKey } from "./position.ts";
import { type ParsedFile, type Problem, problemsError } from "./problems.ts";
import { isModule } from "./schema/runtime.ts";

/**
 * Loads the modules a file names: the registry that knows their types too, and those that are no plugins.
 * @param folder Where packages are looked for first; absent where the text comes from no file.
 */
export type LoadPlugins = (modules: readonly string[], folder: string | undefined) => Promise<PluginTypes>;

export interface PluginTypes {
  readonly registry: Registry;
  readonly failures: readonly { readonly index: number; readonly message: string; readonly hint: string }[];
}

/** What a draft is made of. */
export interface BuildInput {
  readonly source:
    | { readonly kind: "text"; readonly text: string; readonly shown: string }
    | { readonly kind: "discovered"; readonly tree: JsonObject };
  readonly overrides: readonly Override[];
  readonly registry: Registry;
  readonly loadPlugins?: LoadPlugins | undefined;
  /** The folder of the file. */
  readonly folder?: string | undefined;
  readonly lookup: Lookup;
}

export interface Built {
  readonly draft: Draft;
  /** It says nothing secret and nothing of this moment's environment. */
  readonly cacheable: boolean;
  /** The file's own words with the overrides set. */
  readonly tree: JsonObject;
  readonly origins: Origins;
  /** Every type the draft may name. */
  readonly registry: Registry;
}

/**
 * Parses and checks a configuration. This file loads the YAML parser and every schema, so it is itself loaded
 * only where no cached draft serves.
 * @throws RiptideError `config_invalid`
 */
export async function buildDraft(input: BuildInput): Promise<Built> {
  const result = await tryBuild(input);
  if ("built" in result) return result.built;
  throw problemsError(result.problems, input.source.kind === "text" ? input.source.shown : undefined);
}

export type BuildResult = { readonly built: Built } | { readonly problems: readonly Problem[] };

/** The same, with the problems as data. */
export async function tryBuild(input: BuildInput): Promise<BuildResult> {
  const { source, overrides, lookup } = input;
  const parsing =
    source.kind === "text" ? parseYaml(source.text) : { parsed: { tree: source.tree, places: {} } };
  if ("problems" in parsing) return parsing;
  const { parsed } = parsing;
  const { registry, failures } = await typesOf(input, modulesOf(parsed.tree));
  if (failures.length > 0) {
    return {
      problems: failures.map((failure) => placeIssue(pluginIssue(failure), parsed.places, new Map())),
    };
  }
  const implicit = implicitProvider(parsed.tree, registry);
  const base = implicit ? withProvider(parsed.tree, implicit) : parsed.tree;
  const { tree, origins } = applyOverrides(base, overrides);
  const texts = new Set(origins.keys());
  const checked = await checkTree(tree, { registry, lookup, texts, implicit });
  const issues = [
    ...("issues" in checked ? checked.issues : secretArguments(checked.settings, tree, origins)),
    ...brokenReferences(tree),
    ...(source.kind === "text" ? emptyFile(parsed.tree) : []),
  ];
  if ("issues" in checked || issues.length > 0) {
    return { problems: issues.map((issue) => placeIssue(issue, parsed.places, origins)) };
  }
  const draft = draftOf(checked.settings, tree, parsed, revisionOf(source, overrides));
  const isFree = checked.untouched && overrides.length === 0 && checked.settings.plugins.length === 0;
  const cacheable = isFree && !hasLiteralSecret(checked.settings);
  return { built: { draft, tree, origins, registry, cacheable } };
}

async function typesOf(
  { loadPlugins, registry, folder }: BuildInput,
  modules: readonly string[],
): Promise<PluginTypes> {
  if (!loadPlugins || modules.length === 0) return { registry, failures: [] };
  return loadPlugins(modules, folder);
}

const pluginIssue = ({ index, message, hint }: PluginTypes["failures"][number]): Issue => ({
  ...{ path: ["plugins", index, "module"], part: "value", code: "unusable", message, suggestion: hint },
});

/** None where one of them is no name of a module, which the schema then says. */
function modulesOf({ plugins }: JsonObject): readonly string[] {
  if (!Array.isArray(plugins)) return [];
  const modules = plugins.map((plugin) => (isMap(plugin) ? plugin.module : undefined));
  return modules.every(isModule) ? modules : [];
}

/** The provider that everything can be tried with, unless the file has its own of that name. */
const IMPLICIT = "mock";
const IMPLICIT_MODEL = "mock-small";

function implicitProvider(tree: JsonObject, registry: Registry): string | undefined {
  const { providers } = tree;
  const isTaken = isMap(providers) && Object.hasOwn(providers, IMPLICIT);
  return isTaken || !registry.find(IMPLICIT) ? undefined : IMPLICIT;
}

function withProvider(tree: JsonObject, id: string): JsonObject {
  const { providers = {} } = tree;
  if (!isMap(providers)) return tree;
  return { ...tree, providers: { ...providers, [id]: { type: id, default_model: IMPLICIT_MODEL } } };
}

function emptyFile({ providers, allow_empty: allowEmpty }: JsonObject): readonly Issue[] {
  const isEmpty = providers === undefined || (isMap(providers) && Object.keys(providers).length === 0);
  if (!isEmpty || allowEmpty === true) return [];
  const suggestion = "add one, or allow_empty: true";
  return [
    { path: ["providers"], part: "key", code: "unusable", message: "the file has no providers", suggestion },
  ];
}

const isMap = (value: Json | undefined): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** What is mistyped would go out as it stands, perhaps as a key. */
function brokenReferences(tree: MutableTree): readonly Issue[] {
  const message = `"\${" begins no variable here`;
  const suggestion = `write ${reference("NAME")} or ${reference("NAME:-fallback")}; a plain "\${" is written "$\${"`;
  return leaves(tree)
    .filter(({ text }) => isBroken(text))
    .map(({ path }) => ({ path, part: "value", code: "bad_value", message, suggestion }));
}

/** What stands on a command line is seen by every process of the machine (S-3). */
function secretArguments(settings: Settings, tree: MutableTree, origins: Origins): readonly Issue[] {
  const literal = new Set(literalSecrets(settings));
  return leaves(tree).flatMap(({ path, text }): Issue[] => {
    const override = origins.get(pathKey(path));
    if (override?.from !== "flag" || !literal.has(text)) return [];
    return [
      {
        path,
        part: "value",
        code: "secret_in_argument",
        message: "a secret cannot be given on the command line",
        suggestion: `name a variable that holds it: ${reference("NAME")}`,
      },
    ];
  });
}

const literalSecrets = (settings: Settings): readonly string[] =>
  secretsIn(settings).flatMap((source) =>
    source.from === "text" && !isPureReference(source.text) ? [source.text] : [],
  );

const hasLiteralSecret = (settings: Settings) => literalSecrets(settings).length > 0;

function draftOf(settings: Settings, tree: MutableTree, { places }: ParsedFile, revision: string): Draft {
  const secrets = new Set(
    secretsIn(settings).flatMap((source) => (source.from === "text" ? [source.text] : [])),
  );
  const variables: Record<string, Path> = {};
  for (const { path, text } of leaves(tree)) {
    if (!hasReference(text) || secrets.has(text)) continue;
    for (const name of neededVariables(text)) variables[name] ??= path;
  }
  return { settings, places, revision, variables };
}

function leaves(value: Json, path: Path = []): readonly { readonly path: Path; readonly text: string }[] {
  if (typeof value === "string") return [{ path, text: value }];
  if (typeof value !== "object" || value === null) return [];
  const entries = Array.isArray(value) ? [...value.entries()] : Object.entries(value);
  return entries.flatMap(([step, item]) => leaves(item, [...path, step]));
}

function revisionOf(source: BuildInput["source"], overrides: readonly Override[]): string {
  const content = source.kind === "text" ? source.text : JSON.stringify(source.tree);
  const added = overrides.map(({ path, text }) => JSON.stringify([path, text])).join();
  return hash(added === "" ? content : `${content}\0${added}`).slice(0, 12);
}
