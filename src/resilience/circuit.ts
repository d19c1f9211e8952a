import {
  type Breaker,
  type BreakerOptions,
  countsOf,
  type OpenReason,
  retryAt,
  settleTime,
} from "./breaker.ts";

/** `half_open` is also shown for an open circuit whose time is over: the next caller is let through. */
export type CircuitState = "closed" | "open" | "half_open";

/** One breaker as an operator sees it (CB-12); times in milliseconds of the breaker's clock. */
export interface CircuitView {
  readonly state: CircuitState;
  readonly forced: ForcedState | null;
  /** Within the window. */
  readonly failures: number;
  readonly requests: number;
  /** Null without a request. */
  readonly successRate: number | null;
  /** When it last opened; null when it is closed. */
  readonly openedAtMs: number | null;
  /** Until when callers are refused; null when they are not, or when only an operator can end it. */
  readonly retryAtMs: number | null;
  readonly halfOpenInFlight: number;
  readonly halfOpenMax: number;
}

export type ForcedState = "open" | "closed";

/** What an operator imposed on a breaker (CB-10). */
export interface Forced {
  readonly state: ForcedState;
  /** Null: until it is taken back. */
  readonly untilMs: number | null;
}

/** A circuit that changed its state (CB-12). */
export interface CircuitChange {
  readonly key: string;
  readonly from: CircuitState;
  readonly to: CircuitState;
  /** Within the window when it changed. */
  readonly requests: number;
  readonly failures: number;
  readonly reason: ChangeReason;
  readonly atMs: number;
}

/** `time`: the recovery time is over and somebody asked. */
export type ChangeReason =
  | OpenReason
  | "trials_passed"
  | "time"
  | "reset"
  | "forced"
  | "force_ended"
  | "endpoint_changed";

/** What {@link Breaker} and force together look like now. */
export function circuitView(
  breaker: Breaker,
  forced: Forced | null,
  options: BreakerOptions,
  nowMs: number,
): CircuitView {
  const settled = settleTime(breaker, nowMs, options);
  const { requests, failures } = countsOf(settled, nowMs, options);
  const isOver = settled.state === "open" && nowMs >= settled.untilMs;
  return {
    state: forced?.state ?? (isOver ? "half_open" : settled.state),
    forced: forced?.state ?? null,
    failures,
    requests,
    successRate: requests === 0 ? null : (requests - failures) / requests,
    openedAtMs: settled.state === "closed" ? null : settled.openedAtMs,
    retryAtMs: forced ? openUntil(forced) : retryAt(settled, nowMs, options),
    halfOpenInFlight: settled.state === "half_open" ? settled.leases.length : 0,
    halfOpenMax: options.halfOpenMaxRequests,
  };
}

const openUntil = ({ state, untilMs }: Forced): number | null => (state === "open" ? untilMs : null);
