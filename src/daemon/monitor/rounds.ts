import type { ProviderEntry } from "../../config/config.ts";
import { RiptideError } from "../../core/errors.ts";
import type { Generation } from "../../engine/generation.ts";
import { type Checked, checkProvider } from "../../engine/health-check.ts";
import { type Monitor, type MonitorAsk, startMonitor } from "../../health/monitor.ts";
import type { Generations } from "../generations.ts";
import type { Look } from "./health-view.ts";
import type { HealthWatch, HealthWatchParts } from "./health-watch.ts";

/** Each probe has its own limit; this is for what hears none. */
const SLACK_MS = 1_000;

/** One monitor at a time, also where two reloads come at once. */
export function oneMonitor(begin: () => Promise<Monitor>): Pick<HealthWatch, "follow" | "stop"> {
  let monitor: Monitor | undefined;
  let turn: Promise<void> = Promise.resolve();
  return {
    follow() {
      turn = turn.then(async () => {
        await monitor?.stop();
        monitor = await begin();
      });
      return turn;
    },
    async stop() {
      await turn;
      await monitor?.stop();
    },
  };
}

/** Watches the providers of the current configuration. */
export async function begin(
  daemon: HealthWatchParts["daemon"],
  looks: ReadonlyMap<string, Look>,
  hooks: Pick<MonitorAsk<Checked>, "lastSuccessMs" | "onResult">,
): Promise<Monitor> {
  const { clock, random, generations } = daemon;
  const { generation } = generations.current();
  const { health, timeouts, providers } = generation.config;
  const ids = watched(providers).map(({ id }) => id);
  const known = await unchanged(ids, looks, generation);
  return startMonitor<Checked>({
    ...{ ...hooks, clock, random, providers: ids },
    lastProbeMs: (id) => known.get(id),
    intervalMs: health.intervalMs,
    limitMs: timeouts.healthMs + SLACK_MS,
    probe: (id, signal) => probe(daemon, entryNow(generations, id), signal),
  });
}

/** A provider of the current configuration. */
export const entryNow = (generations: Pick<Generations, "current">, id: string): ProviderEntry | undefined =>
  generations.current().generation.config.providers.find((entry) => entry.id === id);

/** When those providers were last probed whose address and credentials are still the same. */
async function unchanged(
  ids: readonly string[],
  looks: ReadonlyMap<string, Look>,
  generation: Generation,
): Promise<ReadonlyMap<string, number>> {
  const times = ids.map(async (id) => {
    const look = looks.get(id);
    if (look?.endpoint === undefined) return [];
    const loaded = await generation.provider(id).catch(() => undefined);
    return loaded?.endpoint === look.endpoint ? [[id, look.monotonicMs] as const] : [];
  });
  return new Map((await Promise.all(times)).flat());
}

const watched = (providers: readonly ProviderEntry[]): readonly ProviderEntry[] =>
  providers.filter(({ enabled, implicit }) => enabled && !implicit);

function probe(
  daemon: HealthWatchParts["daemon"],
  entry: ProviderEntry | undefined,
  signal: AbortSignal,
): Promise<Checked> {
  if (!entry) throw new RiptideError("cancelled", "the provider is no longer in the configuration");
  const { generation } = daemon.generations.current();
  return checkProvider(
    entry,
    { ...daemon, generation },
    {
      level: "auth",
      probeTimeoutMs: generation.config.timeouts.healthMs,
      retries: 0,
      maxLatencyMs: undefined,
      maxCostNano: 0,
      newId: daemon.newId,
      signal,
    },
  );
}
