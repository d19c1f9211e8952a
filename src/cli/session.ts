import { randomBytes } from "node:crypto";
import type { Config } from "../config/config.ts";
import { type LoadedConfig, noProvidersError } from "../config/load.ts";
import { unenforced } from "../config/unenforced.ts";
import { RiptideError } from "../core/errors.ts";
import { seededRandom } from "../core/random.ts";
import { isTenantName, TENANT_NAME } from "../core/tenant.ts";
import type { Engine } from "../engine/engine.ts";
import type { Generation } from "../engine/generation.ts";
import { createGuard } from "../engine/live-guard.ts";
import { requestId } from "../engine/request-id.ts";
import type { Stages } from "../engine/stages.ts";
import type { RouteAsk } from "../routing/route.ts";
import { createNodeTransport } from "../wire/transport-node.ts";
import { daemonMode } from "./client/mode.ts";
import type { Call } from "./command.ts";
import { tellUnenforced, tellWarnings } from "./config-notes.ts";
import { generationOn, loadFor } from "./configured.ts";
import type { Io } from "./io.ts";
import { ledgerStages } from "./ledger-stages.ts";

/** What a command that talks to providers works with. */
export interface Session {
  readonly config: Config;
  readonly engine: Engine;
  readonly tenant: string;
  newId(): string;
  /**
   * Says which file was passed over, once it is known that the call can go on without it.
   * @throws RiptideError `no_providers` when nothing is configured and the call names no provider.
   */
  requireProviders(ask: RouteAsk): Promise<void>;
}

const DEFAULT_TENANT = "default";

/**
 * Makes an engine of the configuration; no provider is contacted.
 * @param options.isTold What should be known of the configuration has been said.
 * @throws RiptideError for a configuration that cannot be used, and without a daemon that is required.
 */
export async function openSession(
  call: Call,
  { isTold = false }: { readonly isTold?: boolean } = {},
): Promise<Session> {
  const mode = daemonMode(call);
  const loaded = await loadFor(call);
  if (!isTold) await tellWarnings(call, loaded.warnings);
  if (mode === "require") {
    const { lookForDaemon, refuseWithout } = await import("./client/choose.ts");
    const verdict = await lookForDaemon(call, loaded.config);
    if (!verdict.daemon) refuseWithout(call, verdict);
  }
  if (!isTold) await notes(call, loaded);
  return sessionOf(call, loaded);
}

/** The same for a configuration that was loaded before. */
export function sessionOf(call: Call, loaded: LoadedConfig): Session {
  const { io } = call;
  const { config } = loaded;
  const warn = (line: string) => void io.stderr.write(`warning: ${line}\n`);
  return {
    config,
    engine: engineOf(
      generationOf(loaded, io),
      ledgerStages(() => config, io, { warn }),
      io,
    ),
    tenant: tenantOf(call),
    newId: () => requestId(io.clock.wall(), randomBytes(16)),
    async requireProviders(ask) {
      const namesProvider = ask.providers !== undefined || ask.model?.includes("/") === true;
      const isEmpty = config.providers.every(({ implicit }) => implicit);
      if (isEmpty && !namesProvider) throw noProvidersError(loaded.located);
      await passedOver(call, loaded);
    },
  };
}

function engineOf(generation: Generation, stages: Stages, { clock }: Io): Engine {
  const random = seededRandom(randomBytes(4).readUInt32LE());
  const { retryBudget } = generation.config.failover;
  const guard = createGuard({ clock, random, retryBudget, history: stages.circuits });
  return { generation, stages, guard, clock, random };
}

/** Who the call is accounted to. */
function tenantOf({ io, given }: Call): string {
  const name = given.value("tenant") ?? io.environment.flags.tenant ?? DEFAULT_TENANT;
  if (isTenantName(name)) return name;
  throw new RiptideError("usage", TENANT_NAME);
}

/** What a caller should know of the configuration before relying on it. */
async function notes(call: Call, { config, located }: LoadedConfig): Promise<void> {
  const { io, given } = call;
  await tellUnenforced(call, unenforced(config));
  if (located.kind !== "none" || !given.has("verbose")) return;
  const found = config.providers.filter(({ implicit }) => !implicit).map(({ id }) => id);
  await io.stderr.write(`providers found in the environment: ${found.join(", ") || "none"}\n`);
}

/** The file's own words, which only a configuration that did not come from the cache has. */
export function documentOf({ document }: LoadedConfig): NonNullable<LoadedConfig["document"]> {
  if (document) return document;
  throw new RiptideError("internal", "the configuration was read without its document");
}

/** Everything built from a configuration, for this process. */
export const generationOf = ({ config, placeOf }: LoadedConfig, io: Io) => configOnly(config, io, placeOf);

/** The same, where it is not known what stands where in the file. */
export const configOnly = (
  config: Config,
  io: Io,
  placeOf: LoadedConfig["placeOf"] = () => undefined,
): Generation => generationOn({ config, placeOf }, io, (policy) => createNodeTransport(policy, io.clock));

/** Loads the configuration of this call and prints what should be known of it. */
export async function readConfig(call: Call, options: { readonly useCache?: boolean } = {}) {
  const loaded = await loadFor(call, options);
  await tellWarnings(call, loaded.warnings);
  await passedOver(call, loaded);
  return loaded;
}

/** An error that there is no configuration says the same by itself. */
async function passedOver({ io, given }: Call, { notice }: LoadedConfig): Promise<void> {
  if (notice !== undefined && !given.has("quiet")) await io.stderr.write(`warning: ${notice}\n`);
}
