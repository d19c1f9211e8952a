import { formatTime } from "../core/clock.ts";
import type { JsonObject } from "../core/json.ts";
import type { CircuitReport } from "../engine/circuit-reports.ts";
import type { Column } from "./table.ts";

/** A breaker with the code of what failed last within its window. */
export interface ShownCircuit extends CircuitReport {
  readonly lastError: string | null;
}

/** `riptide.circuits/1` */
export const circuitsDocument = (circuits: readonly ShownCircuit[]): JsonObject => ({
  schema: "riptide.circuits/1",
  circuits: circuits.map(circuitDocument),
});

function circuitDocument(circuit: ShownCircuit): JsonObject {
  const { hold } = circuit;
  return {
    provider: circuit.provider,
    operation: circuit.operation,
    state: circuit.state,
    forced: circuit.forced,
    failures_in_window: circuit.failures,
    requests_in_window: circuit.requests,
    success_rate: circuit.successRate,
    window_ms: circuit.windowMs,
    opened_at: timeOrNull(circuit.openedAtMs),
    retry_at: timeOrNull(circuit.retryAtMs),
    half_open_in_flight: circuit.halfOpenInFlight,
    half_open_max: circuit.halfOpenMax,
    last_error: circuit.lastError,
    hold: hold && { code: hold.code, until: formatTime(hold.untilMs) },
  };
}

export const CIRCUIT_COLUMNS: readonly Column[] = [
  { head: "provider" },
  { head: "operation" },
  { head: "state" },
  { head: "failures", align: "right" },
  { head: "requests", align: "right" },
  { head: "success", align: "right" },
  { head: "retry at" },
];

/** The same as rows of a table. */
export const circuitRows = (circuits: readonly ShownCircuit[]): readonly (readonly string[])[] =>
  circuits.map((circuit) => [
    ...[circuit.provider, circuit.operation, stateText(circuit)],
    ...[String(circuit.failures), String(circuit.requests), shareText(circuit.successRate)],
    retryText(circuit),
  ]);

function stateText({ state, forced, hold }: ShownCircuit): string {
  const words = [state, ...(forced ? ["forced"] : []), ...(hold ? [`held: ${hold.code}`] : [])];
  return words.join(", ");
}

const shareText = (share: number | null) => (share === null ? "-" : `${Math.round(share * 1_000) / 10} %`);

/** When a request is let through again: no earlier than the circuit and the hold allow. */
function retryText({ retryAtMs, hold }: ShownCircuit): string {
  const ends = [retryAtMs, hold?.untilMs ?? null].filter((ms) => ms !== null);
  return ends.length === 0 ? "-" : formatTime(Math.ceil(Math.max(...ends) / 1_000) * 1_000);
}

const timeOrNull = (ms: number | null): string | null => (ms === null ? null : formatTime(ms));
