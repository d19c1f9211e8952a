import { dirname } from "node:path";
import { asJson } from "../../config/json-schema.ts";
import { RiptideError } from "../../core/errors.ts";
import type { JsonObject } from "../../core/json.ts";
import { nearest } from "../../core/nearest.ts";
import type { ProviderType } from "../../providers/plugin.ts";
import { type LoadedPlugin, loadPlugins } from "../../providers/plugins-load.ts";
import type { Call, Run } from "../command.ts";
import { printDocument, printTable } from "../print.ts";
import { readConfig } from "../session.ts";

const COLUMNS = [
  { head: "plugin" },
  { head: "version" },
  { head: "api" },
  { head: "types" },
  { head: "path" },
] as const;

/** `riptide plugins list` */
export const list: Run = async (call) => {
  const plugins = await loaded(call);
  if (call.format === "json") await printDocument(call, documentOf(plugins.map(pluginDocument)));
  else await printTable(call, COLUMNS, plugins.map(rowOf));
  return 0;
};

/** `riptide plugins info NAME` */
export const info: Run = async (call) => {
  const plugin = named(call, await loaded(call));
  const types = await Promise.all(Object.entries(plugin.plugin.types).map(typeDocument));
  if (call.format === "json") {
    await printDocument(call, documentOf([{ ...pluginDocument(plugin), details: types }]));
    return 0;
  }
  await printTable(call, COLUMNS, [rowOf(plugin)]);
  await printTable(
    call,
    [
      { head: "type" },
      { head: "aliases" },
      { head: "operations" },
      { head: "keys" },
      { head: "authentication" },
    ],
    types.map(({ type, aliases, operations, options, authentication }) => [
      type,
      ...[aliases, operations, options].map((words) => words.join(", ") || "-"),
      authentication,
    ]),
  );
  return 0;
};

/** The plugins of the configuration; one that cannot be used is an error of the configuration. */
async function loaded(call: Call): Promise<readonly LoadedPlugin[]> {
  const { config, located } = await readConfig(call);
  const folder = dirname(located.kind === "file" ? located.path : call.io.environment.userConfig);
  const modules = config.plugins.map(({ module }) => module);
  return (await loadPlugins(modules, { folder, clock: call.io.clock })).plugins;
}

function named({ given }: Call, plugins: readonly LoadedPlugin[]): LoadedPlugin {
  const [name] = given.words;
  const known = plugins.map((plugin) => plugin.name);
  const found = plugins.find((plugin) => plugin.name === name || plugin.module === name);
  if (found) return found;
  if (name === undefined) throw new RiptideError("usage", "which plugin?", { hint: "riptide plugins list" });
  const near = nearest(name, known);
  throw new RiptideError("usage", `the configuration has no plugin "${name}"`, {
    reasons: [near ? `did you mean "${near}"?` : `it has: ${known.join(", ") || "none"}`],
    hint: "riptide plugins list",
  });
}

const documentOf = (plugins: readonly JsonObject[]): JsonObject => ({ schema: "riptide.plugins/1", plugins });

/** One plugin as `riptide.plugins/1` has it. */
export const pluginDocument = ({ name, version, path, plugin }: LoadedPlugin): JsonObject => ({
  name,
  version,
  api_version: plugin.apiVersion,
  types: Object.keys(plugin.types),
  path,
});

const rowOf = ({ name, version, path, plugin }: LoadedPlugin): readonly string[] => [
  name,
  version ?? "-",
  String(plugin.apiVersion),
  Object.keys(plugin.types).join(", "),
  path,
];

async function typeDocument([type, { aliases = [], operations, authentication, options }]: readonly [
  string,
  ProviderType,
]) {
  const { properties = {} } = asJson(await options());
  return { type, aliases, operations, authentication, options: Object.keys(properties) };
}
