import { HEALTH_WINDOW_MS, healthOf } from "../health/fold.ts";
import { ttftP50Ms } from "../health/latency.ts";
import type { Snapshot } from "../routing/strategies.ts";
import type { StrategyName } from "../routing/strategy-name.ts";
import { targetText } from "../routing/target.ts";
import type { Candidate } from "./candidates.ts";
import type { Engine } from "./engine.ts";
import { healthRules } from "./health-past.ts";

/** Nothing is known of anybody. */
const BLANK: Snapshot = { ttftP50Ms: () => undefined, health: () => "unknown" };

/** What the ledger remembers of the candidates' providers, read only where the strategy goes by it. */
export async function snapshotFor(
  strategy: StrategyName | "all",
  candidates: readonly Candidate[],
  { generation, stages, clock }: Pick<Engine, "generation" | "stages" | "clock">,
): Promise<Snapshot> {
  const needsTimes = strategy === "fastest-first" || strategy === "all";
  const needsHealth = strategy === "health-based" || strategy === "all";
  if (!needsTimes && !needsHealth) return BLANK;
  const nowMs = clock.wall();
  const sinceMs = nowMs - HEALTH_WINDOW_MS;
  const endpoints = new Map(candidates.map(({ provider, loaded }) => [provider, loaded.endpoint]));
  const known = await stages.samples(sinceMs);
  // What another endpoint of the name did says nothing of this one.
  const samples = known.filter(({ provider, endpoint }) => endpoints.get(provider) === endpoint);
  const probes = needsHealth ? await stages.probes(sinceMs) : [];
  // Asked for by the order and again for the record, and there may be thousands of samples.
  const medians = new Map<string, number | undefined>();
  return {
    ttftP50Ms(target) {
      if (!needsTimes) return undefined;
      const name = targetText(target);
      if (!medians.has(name)) medians.set(name, ttftP50Ms(samples, target));
      return medians.get(name);
    },
    health(provider) {
      const entry = generation.config.providers.find(({ id }) => id === provider);
      const endpoint = endpoints.get(provider);
      if (!needsHealth || !entry || endpoint === undefined) return "unknown";
      const watched = { provider, endpoint, rules: healthRules(entry, generation.config) };
      return healthOf({ samples, probes }, watched, nowMs);
    },
  };
}
