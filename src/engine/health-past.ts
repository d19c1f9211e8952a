import type { Config, ProviderEntry } from "../config/config.ts";
import type { HealthState } from "../core/health.ts";
import { HEALTH_WINDOW_MS, healthOf } from "../health/fold.ts";
import type { HealthRules } from "../health/state.ts";
import { sliceMs } from "../resilience/deadline.ts";
import type { Engine } from "./engine.ts";
import type { LoadedProvider } from "./generation.ts";

/** How a provider stands by what the ledger remembers of the last minutes. */
export async function pastHealth(
  { entry, endpoint }: Pick<LoadedProvider, "entry" | "endpoint">,
  { stages, clock, generation }: Engine,
): Promise<HealthState> {
  const nowMs = clock.wall();
  const sinceMs = nowMs - HEALTH_WINDOW_MS;
  const [samples, probes] = await Promise.all([stages.samples(sinceMs), stages.probes(sinceMs)]);
  const rules = healthRules(entry, generation.config);
  return healthOf({ samples, probes }, { provider: entry.id, endpoint, rules }, nowMs);
}

/** By what a provider's health is judged. Its attempts usually have another candidate behind them. */
export const healthRules = (entry: ProviderEntry, { health, timeouts }: Config): HealthRules => ({
  fall: health.fall,
  rise: health.rise,
  sliceMs: Math.min(
    sliceMs({
      remainingMs: timeouts.completionMs,
      candidatesLeft: 2,
      attemptCapMs: entry.timeouts.attemptMs,
    }),
    entry.timeouts.firstTokenMs ?? Number.POSITIVE_INFINITY,
  ),
});
