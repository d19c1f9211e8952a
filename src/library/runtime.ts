import type { Config } from "../config/config.ts";
import { readEnvironment } from "../config/environment.ts";
import { type Clock, systemClock } from "../core/clock.ts";
import type { Engine } from "../engine/engine.ts";
import type { LiveGuard } from "../engine/live-guard.ts";
import type { Database } from "../store/database.ts";
import { settleLeftovers } from "../store/leftovers.ts";
import { memoryDatabase } from "../store/memory.ts";
import { thisProcess } from "../store/owner.ts";
import type { EndpointPolicy, Transport } from "../wire/http.ts";
import { createRedactor, type Redactor } from "../wire/redact.ts";
import { createUndiciTransport } from "../wire/transport-undici.ts";
import type { Around } from "./around.ts";
import { engineOf } from "./engine.ts";
import { type Configured, generationOn } from "./generation.ts";
import { openLedger } from "./ledger.ts";
import { ledgerStages } from "./ledger-stages.ts";
import type { LlmRegistry } from "./registry.ts";

export interface RuntimeOptions {
  /** `machine`: the one of every `riptide` of this user; `memory`: forgotten with the client; else a file's path. */
  readonly ledger: "machine" | "memory" | (string & {});
  readonly warn: (line: string) => void;
}

/** What a client works with, made at its first call. */
export interface Runtime {
  readonly clock: Clock;
  readonly redactor: Redactor;
  /** The engine by what the registry says now. @throws RiptideError `config_invalid` */
  engine(): Promise<Engine>;
  /** The ledger to read from, with what processes that died had left in it. @throws RiptideError `ledger_unavailable` */
  ledger(): Promise<Database>;
  /** Closes connections and the ledger. */
  close(): Promise<void>;
}

/** A program has no `reload`: a key that was not there a moment ago may be there now. */
const REBUILDING = { rebuildAfterMs: 1_000 };

interface Current {
  readonly edition: number;
  readonly engine: Engine & { readonly guard: LiveGuard };
}

/** What a registry says at one moment. */
interface Wanted {
  readonly edition: number;
  readonly configured: Promise<Configured>;
}

function wantedOf(registry: LlmRegistry): Wanted {
  const configured = registry.configured();
  // Whoever waits for it is told.
  configured.catch(() => undefined);
  return { edition: registry.edition, configured };
}

export function createRuntime(registry: LlmRegistry, { ledger, warn }: RuntimeOptions): Runtime {
  const around: Around = { environment: readEnvironment(), clock: systemClock, redactor: createRedactor() };
  const { clock, redactor } = around;
  const memory = ledger === "memory" ? memoryDatabase(clock) : undefined;
  const connections = createConnections(clock);
  const opened = new Set(memory && [memory]);
  let opening: Promise<Database> | undefined;
  let current: Promise<Current> | undefined;
  let wanted: Wanted | undefined;
  let config: Config | undefined;
  /** The stages ask only once there is an engine. */
  const configNow = (): Config => placed(config as Config, ledger);
  const stages = ledgerStages(configNow, around, {
    warn,
    ...(memory && { memory }),
    onOpen: (database) => opened.add(database),
  });
  const build = async (before: Current | undefined, { edition, ...said }: Wanted): Promise<Current> => {
    if (before?.edition === edition) return before;
    const configured = await said.configured;
    const generation = generationOn(configured, around, connections.transport, REBUILDING);
    if (before) forgetChanged(before, configured.config);
    config = configured.config;
    return {
      edition,
      engine: before ? { ...before.engine, generation } : engineOf(generation, stages, clock),
    };
  };
  const openSettled = async (): Promise<Database> => {
    const database = await openLedger(configNow(), around);
    opened.add(database);
    await settleLeftovers(database, { owner: thisProcess(), nowMs: clock.wall() });
    return database;
  };
  const refresh = async (last: Promise<Current> | undefined, now: Wanted) =>
    build(await last?.catch(() => undefined), now);
  return {
    clock,
    redactor,
    async engine() {
      // A call goes by what the registry says when it is made, whatever is said while it waits.
      if (wanted?.edition !== registry.edition) wanted = wantedOf(registry);
      current = refresh(current, wanted);
      return (await current).engine;
    },
    async ledger() {
      opening ??= memory ? Promise.resolve(memory) : openSettled();
      return opening.catch((error: unknown) => {
        opening = undefined;
        throw error;
      });
    },
    async close() {
      await connections.close();
      for (const database of opened) database.close();
      opened.clear();
    },
  };
}

function placed(config: Config, ledger: RuntimeOptions["ledger"]): Config {
  if (ledger === "machine" || ledger === "memory") return config;
  return { ...config, ledger: { ...config.ledger, path: ledger } };
}

/** What a provider did under another address or key says nothing of the new one (CB-11). */
function forgetChanged({ engine }: Current, { providers }: Config): void {
  const before = new Map(
    engine.generation.config.providers.map((entry) => [entry.id, JSON.stringify(entry)]),
  );
  for (const entry of providers) {
    if (before.has(entry.id) && before.get(entry.id) !== JSON.stringify(entry)) engine.guard.forget(entry.id);
  }
}

/** One pool of connections for each policy, kept when the configuration changes. */
function createConnections(clock: Clock) {
  const pools = new Map<string, ReturnType<typeof createUndiciTransport>>();
  return {
    transport(policy: EndpointPolicy): Transport {
      const key = JSON.stringify(policy);
      const pool = pools.get(key) ?? createUndiciTransport(policy, clock);
      pools.set(key, pool);
      return pool.transport;
    },
    async close(): Promise<void> {
      const all = [...pools.values()];
      pools.clear();
      await Promise.all(all.map((pool) => pool.close()));
      for (const pool of all) pool.destroy();
    },
  };
}
