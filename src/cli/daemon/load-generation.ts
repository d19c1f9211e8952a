import { createHash } from "node:crypto";
import type { LoadedConfig } from "../../config/load.ts";
import { type Located, locateConfig } from "../../config/locate.ts";
import { resolveSecret } from "../../config/secrets.ts";
import { lookAt } from "../../config/watch/look.ts";
import { asRiptideError, RiptideError } from "../../core/errors.ts";
import { createPools, type PoolLease, type Pools } from "../../daemon/reload/pools.ts";
import type { BuiltGeneration, ConfigSource, ReadConfig } from "../../daemon/reload/source.ts";
import { tenantKeys } from "../../daemon/tenant-keys.ts";
import type { Generation } from "../../engine/generation.ts";
import { generationOn, secretContext } from "../../library/generation.ts";
import { createUndiciTransport } from "../../wire/transport-undici.ts";
import type { Call } from "../command.ts";
import { shownConfig } from "../config/shown.ts";
import { loadFor } from "../configured.ts";
import type { Io } from "../io.ts";

/** The configurations of a daemon: the first and all that follow come the same way. */
export interface DaemonConfigs extends ConfigSource {
  /** What to watch, and what it was before anything was read; undefined where it came through a pipe. */
  readonly watched: { readonly path: string; readonly seen: string } | undefined;
}

/**
 * Where the configuration of this daemon comes from. A file that stands nowhere yet is watched for.
 * @throws RiptideError `config_not_found` when a named file does not exist
 */
export async function daemonConfigs(call: Call): Promise<DaemonConfigs> {
  const { io, given } = call;
  const located = await locateConfig(given.value("config"), io.environment, io.cwd);
  const path = watchedPath(located, io);
  const seen = path === undefined ? undefined : await lookAt(path);
  const pools = createPools((policy) => createUndiciTransport(policy, io.clock), io.clock);
  let isFirst = true;
  return {
    watched: path === undefined || seen === undefined ? undefined : { path, seen },
    async read() {
      if (!isFirst && located.kind === "stdin") throw readOnce();
      isFirst = false;
      // The file itself is read (HR-2), since what is kept of one does not hold its words.
      const loaded = await loadFor(call, { useCache: false });
      return readConfigOf(loaded, io, pools);
    },
  };
}

function watchedPath(located: Located, { environment }: Io): string | undefined {
  if (located.kind === "stdin") return undefined;
  return located.kind === "file" ? located.path : environment.userConfig;
}

const readOnce = () =>
  new RiptideError("restart_required", "the configuration came through standard input, which is read once", {
    hint: "start the daemon with --config PATH",
  });

function readConfigOf(loaded: LoadedConfig, io: Io, pools: Pools): ReadConfig {
  const { config, placeOf, warnings, notice } = loaded;
  return {
    config,
    placeOf,
    warnings: notice === undefined ? warnings : [...warnings, notice],
    build: () => build(loaded, io, pools.lease()),
  };
}

async function build(loaded: LoadedConfig, io: Io, lease: PoolLease): Promise<BuiltGeneration> {
  const generation = generationOn(loaded, io, lease.transport);
  try {
    const { endpoints, misconfigured } = await loadAll(generation);
    const around = secretContext(loaded.placeOf, io);
    const keys = await tenantKeys(loaded.config, (source, owner, path) =>
      resolveSecret(source, { ...around, owner, path }),
    );
    const problems = [...misconfigured].map(([id, { code, message }]) => [id, code, message]);
    const fingerprints = [...keys].map(([tenant, key]) => [tenant, key.fingerprint()]);
    const identity = [[...endpoints], problems, lease.policies(), fingerprints];
    return {
      ...{ generation, keys, endpoints, misconfigured },
      loadedMs: io.clock.wall(),
      warnings: loaded.problems,
      shown: async () => (await shownConfig(loaded)).tree,
      fingerprint: createHash("sha256").update(JSON.stringify(identity)).digest("hex"),
      retire: lease.retire,
      close: lease.close,
    };
  } catch (thrown) {
    await lease.close();
    throw thrown;
  }
}

/** Loads every enabled provider, so that what is missing shows now and not at a request (HR-3). */
async function loadAll(
  generation: Generation,
): Promise<Pick<BuiltGeneration, "endpoints" | "misconfigured">> {
  const endpoints = new Map<string, string>();
  const misconfigured = new Map<string, RiptideError>();
  const wanted = generation.config.providers.filter(({ enabled, implicit }) => enabled && !implicit);
  const loading = wanted.map(async ({ id }) => {
    try {
      return (await generation.provider(id)).endpoint;
    } catch (thrown) {
      const error = asRiptideError(thrown);
      if (error.exit === 3) return error;
      throw error;
    }
  });
  for (const [index, outcome] of (await Promise.all(loading)).entries()) {
    const id = wanted[index]?.id ?? "";
    if (outcome instanceof RiptideError) misconfigured.set(id, outcome);
    else endpoints.set(id, outcome);
  }
  return { endpoints, misconfigured };
}
