import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { Config } from "../config/config.ts";
import { type LoadedConfig, loadConfig, noProvidersError } from "../config/load.ts";
import { resolveOptions } from "../config/secrets.ts";
import type { Engine } from "../engine/engine.ts";
import { createGeneration } from "../engine/generation.ts";
import { requestId } from "../engine/request-id.ts";
import { openStages } from "../engine/stages.ts";
import { createRegistry } from "../providers/registry.ts";
import type { RouteAsk } from "../routing/route.ts";
import type { EndpointPolicy } from "../wire/http.ts";
import { createNodeTransport } from "../wire/transport-node.ts";
import type { Call } from "./command.ts";
import type { Io } from "./io.ts";

/** What a command that talks to providers works with. */
export interface Session {
  readonly config: Config;
  readonly engine: Engine;
  readonly tenant: string;
  newId(): string;
}

const DEFAULT_TENANT = "default";

/**
 * Makes an engine of the configuration; no provider is contacted.
 * @param ask Where the call wants to go; with nothing configured only a provider named in it can be asked.
 * @throws RiptideError for a configuration that cannot be used.
 */
export async function openSession(call: Call, ask: RouteAsk): Promise<Session> {
  const { io } = call;
  const loaded = await readConfig(call);
  const { config } = loaded;
  const namesProvider = ask.providers !== undefined || ask.model?.includes("/") === true;
  if (config.providers.every(({ implicit }) => implicit) && !namesProvider)
    throw noProvidersError(loaded.located);
  return {
    config,
    engine: { generation: generationOf(loaded, io), stages: openStages, clock: io.clock },
    tenant: DEFAULT_TENANT,
    newId: () => requestId(io.clock.wall(), randomBytes(16)),
  };
}

/** Everything built from a configuration, for this process. */
export const generationOf = ({ config, placeOf }: LoadedConfig, io: Io) => configOnly(config, io, placeOf);

/** The same, where it is not known what stands where in the file. */
export function configOnly(config: Config, io: Io, placeOf: LoadedConfig["placeOf"] = () => undefined) {
  const { environment, clock, redactor } = io;
  return createGeneration(config, {
    clock,
    registry: createRegistry(),
    environment: environment.lookup,
    readFile: (path) => readFile(path, "utf8"),
    resolve: (value, { id }, path) =>
      resolveOptions(value, {
        environment,
        clock,
        onSecret: redactor.add,
        owner: `provider ${id}`,
        path: ["providers", id, ...path],
        placeOf,
      }),
    createTransport: (policy: EndpointPolicy) => createNodeTransport(policy, clock),
    ...(environment.proxy && { proxy: environment.proxy }),
  });
}

/** Loads the configuration of this call and prints its warnings. */
export async function readConfig({ io, given }: Call, { useCache = true } = {}): Promise<LoadedConfig> {
  const loaded = await loadConfig({
    environment: io.environment,
    configFlag: given.value("config"),
    sets: given.values("set"),
    cwd: io.cwd,
    readStdin: () => readAll(io.stdin),
    registry: createRegistry(),
    installedModel: async (baseUrl) => (await import("./installed-model.ts")).installedModel(baseUrl, io),
    clock: io.clock,
    version: io.version,
    useCache,
  });
  if (!given.has("quiet"))
    for (const warning of loaded.warnings) await io.stderr.write(`warning: ${warning}\n`);
  return loaded;
}

/** Every byte of a stream. */
export async function readAll(stream: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}
