import type { ProviderEntry } from "../../config/config.ts";
import type { HealthState } from "../../core/health.ts";
import { pastHealth } from "../../engine/health-past.ts";
import { inView, notRun } from "../../health/checks.ts";
import type { ProviderHealth } from "../../health/report.ts";
import type { Daemon } from "../context.ts";

/** The last probe of a provider. */
export interface Look {
  readonly health: ProviderHealth;
  readonly endpoint: string | undefined;
  /** Unix milliseconds. */
  readonly atMs: number;
  /** The same moment by the monotonic clock. */
  readonly monotonicMs: number;
}

export interface Known {
  readonly look: Look | undefined;
  readonly seen: HealthState;
  readonly isOff: boolean;
}

/** A provider as it stands now: the last look, and what was seen of it since then. */
export async function shownHealth(
  entry: ProviderEntry,
  { look, seen, isOff }: Known,
  daemon: Pick<Daemon, "clock" | "random" | "generations" | "stages" | "guard">,
): Promise<ProviderHealth> {
  const { id: name, type } = entry;
  const bare = { name, type, level: "config", latencyMs: null, modelsFound: null } as const;
  if (!entry.enabled)
    return { ...bare, status: "disabled", circuit: null, checks: [skipped("in the configuration")] };
  const { generation } = daemon.generations.current();
  const loaded = await generation.provider(name).catch(() => undefined);
  const circuit = loaded
    ? daemon.guard.circuit({ provider: name, model: "", loaded }, "completion")
    : "closed";
  // What was seen at another address, or with another key, says nothing of this one.
  const isOld = look?.endpoint !== undefined && loaded !== undefined && look.endpoint !== loaded.endpoint;
  const last = isOld ? undefined : look?.health;
  const health = last ?? { ...bare, status: "unknown" as const, checks: [notRun("config")] };
  if (isOff) return { ...health, status: "disabled", circuit };
  const status = await standing(last, isOld ? "unknown" : seen, async () =>
    loaded ? pastHealth(loaded, { ...daemon, generation }) : "misconfigured",
  );
  return { ...health, status: inView(status, circuit), circuit };
}

const skipped = (where: string) => notRun("config", { status: "skip", message: `disabled ${where}` });

/** Probes and traffic say most; before either, what the ledger remembers. */
async function standing(
  last: ProviderHealth | undefined,
  seen: HealthState,
  past: () => Promise<HealthState>,
): Promise<HealthState> {
  if (last?.status === "misconfigured") return "misconfigured";
  if (seen !== "unknown") return seen;
  return last?.status ?? (await past());
}
