import { dirname } from "node:path";
import { completeSettings } from "../config/complete.ts";
import { discoverProviders } from "../config/discover.ts";
import { placeIssue } from "../config/draft.ts";
import type { Environment } from "../config/environment.ts";
import type { Override } from "../config/override.ts";
import { problemsError } from "../config/problems.ts";
import { systemClock } from "../core/clock.ts";
import type { JsonObject } from "../core/json.ts";
import type { Plugin } from "../providers/plugin.ts";
import type { Registry } from "../providers/registry.ts";
import type { Configured } from "./generation.ts";

interface Around {
  readonly registry: Registry;
  readonly environment: Environment;
  readonly overrides: readonly Override[];
}

/** Checks a tree as a file of its words would be. @throws RiptideError `config_invalid` */
export async function buildConfig(
  tree: JsonObject,
  { registry, environment, overrides }: Around,
): Promise<Configured> {
  const { buildDraft } = await import("../config/build.ts");
  const source = { kind: "discovered", tree } as const;
  const { lookup } = environment;
  const { draft, origins } = await buildDraft({ source, overrides, registry, lookup });
  const { settings, issues } = completeSettings(draft, lookup);
  const problems = issues.map((issue) => placeIssue(issue, draft.places, origins));
  if (problems.some(({ severity }) => severity === "error")) throw problemsError(problems, undefined);
  const config = { ...settings, path: null, revision: draft.revision };
  return { config, registry, placeOf: () => undefined };
}

export interface ConfigFile {
  readonly tree: JsonObject;
  readonly plugins: readonly Plugin[];
}

/** Reads and checks a file with its plugins. @throws RiptideError `config_not_found`, `config_invalid` */
export async function readConfigFile(
  path: string,
  { lookup, overrides }: Environment,
  registryWith: (plugins: readonly Plugin[]) => Registry,
): Promise<ConfigFile> {
  const [{ buildDraft }, { parseYaml }, { readSource }, { loadPlugins }] = await Promise.all([
    import("../config/build.ts"),
    import("../config/parse.ts"),
    import("../config/source.ts"),
    import("../providers/plugins-load.ts"),
  ]);
  const text = await readSource(path, path, { clock: systemClock });
  const plugins: Plugin[] = [];
  await buildDraft({
    ...{ source: { kind: "text", text, shown: path }, overrides, lookup, folder: dirname(path) },
    registry: registryWith([]),
    async loadPlugins(modules, folder) {
      const loaded = await loadPlugins(modules, { folder: folder ?? dirname(path), clock: systemClock });
      plugins.push(...loaded.plugins.map(({ plugin }) => plugin));
      return { registry: registryWith(plugins), failures: loaded.failures };
    },
  });
  const parsing = parseYaml(text);
  if ("problems" in parsing) throw problemsError(parsing.problems, path);
  return { tree: parsing.parsed.tree, plugins };
}

/** What the environment alone describes; a local server is not looked for. */
export const discovered = (environment: Environment): Promise<JsonObject> =>
  discoverProviders(environment, async () => undefined);
