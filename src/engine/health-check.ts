import type { ProviderEntry } from "../config/config.ts";
import { RiptideError } from "../core/errors.ts";
import type { ProbeRow } from "../core/sample.ts";
import { inView, latencyOf, levelOf, notRun, probeRow, statusOf } from "../health/checks.ts";
import { HEALTH_LEVELS, type HealthCheck, type HealthLevel, type ProviderHealth } from "../health/report.ts";
import type { Engine } from "./engine.ts";
import type { LoadedProvider } from "./generation.ts";
import type { CircuitState } from "./guard.ts";
import { checkCall, type FreeCall } from "./health-call.ts";
import { checkConfig } from "./health-config.ts";
import { checkDeep } from "./health-deep.ts";
import { pastHealth } from "./health-past.ts";
import { startLimit, untilAborted } from "./limit.ts";

/** How providers are looked at. */
export interface HealthAsk {
  readonly level: HealthLevel;
  /** Limit of each call, and of reading the secrets. */
  readonly probeTimeoutMs: number;
  /** Further tries of a free call that failed; to pass only then is to be degraded. */
  readonly retries: number;
  /** An answer that takes longer is degraded. */
  readonly maxLatencyMs: number | undefined;
  /** The most one deep probe may cost, in nano-dollars. */
  readonly maxCostNano: number;
  newId(): string;
  /** Aborted when nobody wants to know any more, or when the whole look has taken too long. */
  readonly signal: AbortSignal;
}

/** A provider's health, and what the ledger keeps of it: undefined where no call was made. */
export interface Checked {
  readonly health: ProviderHealth;
  readonly row: ProbeRow | undefined;
}

/**
 * Looks at one provider, level by level, until one does not pass.
 * @throws RiptideError `cancelled` when the caller gives up; all else is in the result.
 */
export async function checkProvider(entry: ProviderEntry, engine: Engine, ask: HealthAsk): Promise<Checked> {
  if (!entry.enabled) return { health: disabled(entry), row: undefined };
  const { check, loaded } = await checkConfig(entry, engine, ask);
  if (!loaded) return { health: unloaded(entry, [check, ...unreached(ask.level)]), row: undefined };
  const circuit = circuitOf(loaded, engine, ask);
  const call = ask.level === "config" ? NO_CALL : await checkCall(loaded, engine, ask);
  const deep = ask.level === "deep" ? [await checkDeep(loaded, engine, { ask, before: call.checks })] : [];
  return checkedOf(loaded, engine, {
    checks: [check, ...call.checks, ...deep],
    modelsFound: call.modelsFound,
    circuit: await circuit,
  });
}

const NO_CALL: FreeCall = { checks: [], modelsFound: null };

async function checkedOf(
  loaded: LoadedProvider,
  engine: Engine,
  seen: Pick<ProviderHealth, "checks" | "modelsFound"> & { readonly circuit: CircuitState },
): Promise<Checked> {
  const { id, type } = loaded.entry;
  const { checks, modelsFound, circuit } = seen;
  const said = statusOf(checks);
  const health = {
    name: id,
    type,
    status: inView(said === "unchanged" ? await pastHealth(loaded, engine) : said, circuit),
    level: levelOf(checks),
    latencyMs: latencyOf(checks),
    ...{ circuit, modelsFound, checks },
  };
  return { health, row: probeRow(health, { endpoint: loaded.endpoint, atMs: engine.clock.wall() }) };
}

/** A provider that could not even be built. */
function unloaded({ id, type }: ProviderEntry, checks: readonly HealthCheck[]): ProviderHealth {
  const said = statusOf(checks);
  const status = said === "unchanged" ? "unknown" : said;
  return {
    ...{ name: id, type, status, level: levelOf(checks), latencyMs: null, circuit: "closed" },
    ...{ modelsFound: null, checks },
  };
}

/** Levels that a look did not come to. */
const unreached = (level: HealthLevel): readonly HealthCheck[] =>
  HEALTH_LEVELS.slice(1, HEALTH_LEVELS.indexOf(level) + 1).map((id) => notRun(id));

const disabled = ({ id, type }: ProviderEntry): ProviderHealth => ({
  ...{ name: id, type, status: "disabled", level: "config", latencyMs: null, circuit: null },
  modelsFound: null,
  checks: [notRun("config", { status: "skip", message: "disabled in the configuration" })],
});

/** The state of its breaker for completions; a ledger that does not answer in time says nothing of it. */
async function circuitOf(loaded: LoadedProvider, engine: Engine, ask: HealthAsk): Promise<CircuitState> {
  const { guard, clock } = engine;
  const candidate = { provider: loaded.entry.id, model: "", loaded };
  const limit = startLimit(clock, ask.signal);
  limit.set(ask.probeTimeoutMs, () => new RiptideError("ledger_unavailable", "the ledger takes too long"));
  await untilAborted(guard.refresh([candidate], "completion"), limit.signal).catch(() => undefined);
  limit.dispose();
  return guard.circuit(candidate, "completion");
}
