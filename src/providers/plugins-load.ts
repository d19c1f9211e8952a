import { pathToFileURL } from "node:url";
import type { Clock } from "../core/clock.ts";
import { formatDuration } from "../core/duration.ts";
import { asRiptideError, RiptideError } from "../core/errors.ts";
import { guarded } from "./outside.ts";
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

/** Where plugins are looked for, and the time they have. */
export interface PluginLoading {
  /** Where a package is looked for first, such as the folder of the configuration. */
  readonly folder: string;
  readonly clock: Clock;
}

/** A module, its options and its adapter need no network, so that one that takes longer waits for nothing. */
const MOST_MS = 10_000;

/**
 * Loads plugins in this order. Each runs as a part of this process, with all its rights.
 * @param modules Absolute paths, or names of packages.
 */
export async function loadPlugins(
  modules: readonly string[],
  loading: PluginLoading,
): Promise<LoadedPlugins> {
  const plugins: LoadedPlugin[] = [];
  const failures: PluginFailure[] = [];
  let registry = createRegistry();
  for (const [index, module] of modules.entries()) {
    try {
      const loaded = await loadPlugin(module, loading);
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
export async function loadPlugin(module: string, { folder, clock }: PluginLoading): Promise<LoadedPlugin> {
  const found = findModule(module, folder);
  const exported = await importModule(found.path, clock);
  const plugin = exported.plugin ?? exported.default;
  if (plugin === undefined)
    throw broken(found.path, 'it exports no "plugin": export const plugin = definePlugin({ … })');
  const problem = pluginProblem(plugin);
  if (problem !== undefined) throw broken(found.path, problem);
  return { ...found, plugin: blaming(found.path, plugin as Plugin, clock) }; // Its shape was just checked.
}

/** The same plugin; what its own code throws is told as a fault of the plugin and not of this program. */
function blaming(path: string, { apiVersion, types }: Plugin, clock: Clock): Plugin {
  const wrapped = Object.entries(types).map(([name, type]) => [
    name,
    blamingType(path, { name, type }, clock),
  ]);
  return { apiVersion, types: Object.fromEntries(wrapped) };
}

function blamingType(
  path: string,
  { name, type }: { readonly name: string; readonly type: ProviderType },
  clock: Clock,
): ProviderType {
  const where = `${path}: type ${name}`;
  const { aliases = [], operations, free = false, authentication } = type;
  return {
    ...{ aliases, operations, free, authentication },
    async options() {
      const schema = await attempt(where, clock, () => type.options());
      if (isSchema(schema)) return schema;
      throw broken(where, "options gives no schema of zod, such as fields({ api_key: secretField() })");
    },
    create: async (options, context) =>
      guarded(await attempt(where, clock, () => type.create(options, context)), name),
  };
}

const isSchema = (value: object | undefined): boolean =>
  value !== undefined && "safeParse" in value && typeof value.safeParse === "function";

async function attempt<T>(where: string, clock: Clock, work: () => Promise<T>): Promise<T> {
  try {
    return await inTime(work(), where, clock);
  } catch (thrown) {
    if (thrown instanceof RiptideError) throw thrown;
    throw broken(where, asRiptideError(thrown).message, thrown);
  }
}

/** What waits for nothing never settles, and Node ends a process that waits for it without a word. */
function inTime<T>(work: T | Promise<T>, where: string, clock: Clock): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  const late = () => reject(broken(where, `it has not come to an end after ${formatDuration(MOST_MS)}`));
  const cancel = clock.timer(MOST_MS, late);
  Promise.resolve(work).then(resolve, reject).finally(cancel);
  return promise;
}

/** @throws RiptideError `config_invalid` with what the module has thrown */
export async function importModule(
  path: string,
  clock: Clock,
): Promise<{ readonly [name: string]: unknown }> {
  lendLibrary();
  const importing = import(pathToFileURL(path).href).catch((cause: unknown) => {
    throw broken(path, asRiptideError(cause).message, cause);
  });
  const exported: unknown = await inTime(importing, path, clock);
  return isObject(exported) ? exported : {};
}

const broken = (path: string, reason: string, cause?: unknown) =>
  new RiptideError("config_invalid", `${path}: ${reason.split("\n")[0]}`, { cause });
