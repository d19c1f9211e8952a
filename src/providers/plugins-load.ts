import { pathToFileURL } from "node:url";
import { asRiptideError, RiptideError } from "../core/errors.ts";
import { type Plugin, type ProviderType, pluginProblem } from "./plugin.ts";
import { lendLibrary } from "./plugin-library.ts";
import { type Found, findModule } from "./plugin-module.ts";
import { isObject } from "./read.ts";
import { createRegistry, type Registry } from "./registry.ts";

/** A plugin that was loaded, and what its package says of it. */
export interface LoadedPlugin extends Found {
  readonly plugin: Plugin;
}

/** A module that is no usable plugin: which of those asked for, and why. */
export interface PluginFailure {
  readonly index: number;
  readonly message: string;
  readonly hint: string;
}

export interface LoadedPlugins {
  readonly plugins: readonly LoadedPlugin[];
  readonly failures: readonly PluginFailure[];
  /** The built-in types and those of all plugins that could be loaded. */
  readonly registry: Registry;
}

/**
 * Loads plugins in this order. Each runs as a part of this process, with all its rights.
 * @param modules Absolute paths, or names of packages.
 * @param folder Where a package is looked for first, such as the folder of the configuration.
 */
export async function loadPlugins(modules: readonly string[], folder: string): Promise<LoadedPlugins> {
  const plugins: LoadedPlugin[] = [];
  const failures: PluginFailure[] = [];
  let registry = createRegistry();
  for (const [index, module] of modules.entries()) {
    try {
      const loaded = await loadPlugin(module, folder);
      registry = createRegistry([...plugins, loaded].map(({ plugin }) => plugin));
      plugins.push(loaded);
    } catch (thrown) {
      const { message, facts } = asRiptideError(thrown);
      const hint = facts.hint ?? `riptide plugins verify ${module}`;
      const said = message.startsWith(module) ? message : `${module} cannot be used: ${message}`;
      failures.push({ index, message: `plugin ${said}`, hint });
    }
  }
  return { plugins, failures, registry };
}

/**
 * Loads one plugin: what its module exports as `plugin`, or by default.
 * @throws RiptideError `config_invalid` that names the file and the reason
 */
export async function loadPlugin(module: string, folder: string): Promise<LoadedPlugin> {
  const found = findModule(module, folder);
  const exported = await importModule(found.path);
  const plugin = exported.plugin ?? exported.default;
  if (plugin === undefined)
    throw broken(found.path, 'it exports no "plugin": export const plugin = definePlugin({ … })');
  const problem = pluginProblem(plugin);
  if (problem !== undefined) throw broken(found.path, problem);
  return { ...found, plugin: blaming(found.path, plugin as Plugin) }; // Its shape was just checked.
}

/** The same plugin; what its own code throws is told as a fault of the plugin and not of this program. */
function blaming(path: string, { apiVersion, types }: Plugin): Plugin {
  const wrapped = Object.entries(types).map(([name, type]) => [
    name,
    blamingType(`${path}: type ${name}`, type),
  ]);
  return { apiVersion, types: Object.fromEntries(wrapped) };
}

function blamingType(where: string, type: ProviderType): ProviderType {
  const { aliases = [], operations, free = false, authentication } = type;
  return {
    ...{ aliases, operations, free, authentication },
    async options() {
      const schema = await attempt(where, () => type.options());
      if (isSchema(schema)) return schema;
      throw broken(where, "options gives no schema of zod, such as fields({ api_key: secretField() })");
    },
    create: (options, context) => attempt(where, () => type.create(options, context)),
  };
}

const isSchema = (value: object | undefined): boolean =>
  value !== undefined && "safeParse" in value && typeof value.safeParse === "function";

async function attempt<T>(where: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    if (thrown instanceof RiptideError) throw thrown;
    throw broken(where, asRiptideError(thrown).message, thrown);
  }
}

/** @throws RiptideError `config_invalid` with what the module has thrown */
export async function importModule(path: string): Promise<{ readonly [name: string]: unknown }> {
  lendLibrary();
  try {
    const exported: unknown = await import(pathToFileURL(path).href);
    return isObject(exported) ? exported : {};
  } catch (cause) {
    throw broken(path, asRiptideError(cause).message, cause);
  }
}

const broken = (path: string, reason: string, cause?: unknown) =>
  new RiptideError("config_invalid", `${path}: ${reason.split("\n")[0]}`, { cause });
