import { readFile } from "node:fs/promises";
import type { Config } from "../config/config.ts";
import { type LoadedConfig, loadConfig } from "../config/load.ts";
import { readPipe } from "../config/pipe.ts";
import { resolveOptions, type SecretContext } from "../config/secrets.ts";
import { createGeneration, type Generation, type Surroundings } from "../engine/generation.ts";
import { createRegistry } from "../providers/registry.ts";
import { announcing } from "../wire/redact.ts";
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
    installedModel: async (baseUrl) =>
      isOffline ? undefined : (await import("./installed-model.ts")).installedModel(baseUrl, io),
    clock: io.clock,
    version: io.version,
    signal: io.signal,
    useCache,
  });

/** What the secrets of a configuration are resolved with. */
export const secretContext = (placeOf: LoadedConfig["placeOf"], io: Io): SecretContext => ({
  environment: io.environment,
  clock: io.clock,
  placeOf,
  onSecret: io.redactor.add,
});

/** Everything built from a configuration, on connections that announce their secrets to the redactor. */
export function generationOn(
  { config, placeOf }: { readonly config: Config; readonly placeOf: LoadedConfig["placeOf"] },
  io: Io,
  createTransport: Surroundings["createTransport"],
): Generation {
  const { environment, clock, redactor } = io;
  const around = secretContext(placeOf, io);
  return createGeneration(config, {
    clock,
    registry: createRegistry(),
    environment: environment.lookup,
    readFile: (path) => readFile(path, "utf8"),
    resolve: (value, { id }, path) =>
      resolveOptions(value, { ...around, owner: `provider ${id}`, path: ["providers", id, ...path] }),
    createTransport: (policy) => announcing(createTransport(policy), redactor),
    ...(environment.proxy && { proxy: environment.proxy }),
  });
}
