import type { Config } from "../config/config.ts";
import { type LoadedConfig, noProvidersError } from "../config/load.ts";
import { RiptideError } from "../core/errors.ts";
import { isTenantName, TENANT_NAME } from "../core/tenant.ts";
import type { Engine } from "../engine/engine.ts";
import type { Generation } from "../engine/generation.ts";
import { engineOf, newRequestId } from "../library/engine.ts";
import { type Configured, generationOn } from "../library/generation.ts";
import { ledgerStages } from "../library/ledger-stages.ts";
import type { RouteAsk } from "../routing/route.ts";
import { createNodeTransport } from "../wire/transport-node.ts";
import { daemonMode } from "./client/mode.ts";
import type { Call } from "./command.ts";
import { tellWarnings } from "./config-notes.ts";
import { loadFor } from "./configured.ts";
import type { Io } from "./io.ts";

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
  if (!isTold) await tellFound(call, loaded);
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
      io.clock,
    ),
    tenant: tenantOf(call),
    newId: () => newRequestId(io.clock),
    async requireProviders(ask) {
      const namesProvider = ask.providers !== undefined || ask.model?.includes("/") === true;
      const isEmpty = config.providers.every(({ implicit }) => implicit);
      if (isEmpty && !namesProvider) throw noProvidersError(loaded.located);
      await passedOver(call, loaded);
    },
  };
}

/** Who the call is accounted to. */
function tenantOf({ io, given }: Call): string {
  const name = given.value("tenant") ?? io.environment.flags.tenant ?? DEFAULT_TENANT;
  if (isTenantName(name)) return name;
  throw new RiptideError("usage", TENANT_NAME);
}

/** Says which providers stand behind a call that no file configures. */
async function tellFound({ io, given }: Call, { config, located }: LoadedConfig): Promise<void> {
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
export const generationOf = (configured: Configured, io: Io): Generation =>
  generationOn(configured, io, (policy) => createNodeTransport(policy, io.clock));

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
