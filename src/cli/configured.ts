import { dirname } from "node:path";
import type { LoadPlugins } from "../config/build.ts";
import { type LoadedConfig, loadConfig } from "../config/load.ts";
import { readPipe } from "../config/pipe.ts";
import { createRegistry, type Registry } from "../providers/registry.ts";
import type { Call } from "./command.ts";
import type { Io } from "./io.ts";

/**
 * Loads the configuration a call names, with everything that was set for it.
 * @throws RiptideError for a configuration that cannot be used
 */
export const loadFor = (
  { io, given }: Pick<Call, "io" | "given">,
  { useCache = true, isOffline = false }: { readonly useCache?: boolean; readonly isOffline?: boolean } = {},
): Promise<LoadedConfig> =>
  loadConfig({
    environment: io.environment,
    configFlag: given.value("config"),
    sets: given.values("set"),
    cwd: io.cwd,
    readStdin: () => readPipe(io.stdin, "<stdin>", io),
    registry: createRegistry(),
    loadPlugins: pluginsFor(io),
    installedModel: async (baseUrl) =>
      isOffline ? undefined : (await import("./installed-model.ts")).installedModel(baseUrl, io),
    clock: io.clock,
    version: io.version,
    signal: io.signal,
    useCache,
  });

/** The types of the configuration's plugins, too, where there is a configuration that can be used. */
export const knownTypes = (call: Call): Promise<Registry> =>
  loadFor(call, { isOffline: true }).then(
    ({ registry }) => registry,
    () => createRegistry(),
  );

/** Where plugins come from that are named in a text without a folder of its own: the user's. */
export const pluginsFor =
  ({ environment, clock }: Pick<Io, "environment" | "clock">): LoadPlugins =>
  async (modules, folder) => {
    const { loadPlugins } = await import("../providers/plugins-load.ts");
    return loadPlugins(modules, { folder: folder ?? dirname(environment.userConfig), clock });
  };
