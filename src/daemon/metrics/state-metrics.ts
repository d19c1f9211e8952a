import type { CircuitReport } from "../../engine/circuit-reports.ts";
import type { HealthReport } from "../../health/report.ts";
import type { BudgetState } from "../../output/budgets.ts";
import type { Gauge, Registry } from "./registry.ts";

/** How everything stands at the moment of a scrape. */
export interface State {
  readonly inFlight: number;
  readonly waiting: number;
  readonly generation: number;
  readonly isStale: boolean;
  /** Unix milliseconds. */
  readonly loadedMs: number;
  readonly health: HealthReport;
  readonly circuits: readonly CircuitReport[];
  /** Null where the ledger cannot be read. */
  readonly budgets: readonly BudgetState[] | null;
}

const CIRCUIT_STATES = ["closed", "open", "half_open"] as const;
const HEALTH_STATES = ["unknown", "healthy", "degraded", "down", "misconfigured", "disabled"] as const;
const NANO_PER_USD = 1e9;
const MS_PER_SECOND = 1_000;

/** Gauges of what is, beside the counters of what happened. */
export function createStateMetrics(registry: Registry, version: string): (state: State) => void {
  const gauge = (name: string, help: string, labels?: readonly string[]) =>
    registry.gauge(name, help, labels);
  gauge("riptide_build_info", "Always 1; its labels say what runs.", ["version", "node"])
    .of(version, process.versions.node)
    .set(1);
  const inFlight = gauge("riptide_requests_in_flight", "Requests that are being worked on.").of();
  const waiting = gauge("riptide_queue_waiting", "Requests that wait for a place.").of();
  const generation = gauge("riptide_config_generation", "Number of the configuration in use.").of();
  const current = gauge("riptide_config_current", "1 unless the newest configuration was refused.").of();
  const loaded = gauge(
    "riptide_config_loaded_timestamp_seconds",
    "When the configuration in use was loaded.",
  ).of();
  const ledger = gauge("riptide_ledger_up", "1 when the ledger can be read.").of();
  const perProvider = providerGauges(registry);
  const budgets = budgetGauges(registry);
  return (state) => {
    inFlight.set(state.inFlight);
    waiting.set(state.waiting);
    generation.set(state.generation);
    current.set(state.isStale ? 0 : 1);
    loaded.set(state.loadedMs / MS_PER_SECOND);
    ledger.set(state.budgets ? 1 : 0);
    setProviders(perProvider, state);
    setBudgets(budgets, state.budgets ?? []);
  };
}

const providerGauges = (registry: Registry) => ({
  circuit: registry.gauge("riptide_circuit_state", "1 for the state a circuit breaker is in.", [
    ...["provider", "operation", "state"],
  ]),
  held: registry.gauge("riptide_provider_held", "1 while a provider is left alone, by the reason.", [
    ...["provider", "code"],
  ]),
  health: registry.gauge("riptide_provider_health", "1 for the state a provider is in.", [
    ...["provider", "state"],
  ]),
});

/** Everything anew, so that what is no longer configured is no longer told. */
function setProviders(
  { circuit, held, health }: ReturnType<typeof providerGauges>,
  { circuits, health: report }: State,
): void {
  for (const family of [circuit, held, health]) family.clear();
  for (const { provider, operation, state, hold } of circuits) {
    setOne(CIRCUIT_STATES, state, (each) => circuit.of(provider, operation, each));
    if (hold) held.of(provider, hold.code).set(1);
  }
  for (const { name, status } of report.providers) {
    setOne(HEALTH_STATES, status, (each) => health.of(name, each));
  }
}

/** 1 for the state that it is in, 0 for all others. */
function setOne<State extends string>(
  states: readonly State[],
  now: State,
  gaugeOf: (state: State) => Gauge,
): void {
  for (const state of states) gaugeOf(state).set(state === now ? 1 : 0);
}

const budgetGauges = (registry: Registry) => ({
  limit: registry.gauge("riptide_budget_limit_usd", "Limit of a budget.", ["scope", "tenant", "period"]),
  spent: registry.gauge("riptide_budget_spent_usd", "What the period of a budget has spent.", [
    ...["scope", "tenant", "period"],
  ]),
  reserved: registry.gauge("riptide_budget_reserved_usd", "What running requests may still spend.", [
    ...["scope", "tenant", "period"],
  ]),
});

function setBudgets(
  { limit, spent, reserved }: ReturnType<typeof budgetGauges>,
  states: readonly BudgetState[],
): void {
  for (const family of [limit, spent, reserved]) family.clear();
  for (const { rule, spentNano, heldNano } of states) {
    const labels = [rule.tenant === null ? "global" : "tenant", rule.tenant ?? "", rule.period] as const;
    limit.of(...labels).set(rule.limitNano / NANO_PER_USD);
    spent.of(...labels).set(spentNano / NANO_PER_USD);
    reserved.of(...labels).set(heldNano / NANO_PER_USD);
  }
}
