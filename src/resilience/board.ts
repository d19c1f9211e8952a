import type { BreakerEffect } from "../core/errors.ts";
import {
  acquire,
  type Breaker,
  type BreakerOptions,
  cleared,
  ordinaryPermit,
  type Permit,
  retryAt,
  trip,
} from "./breaker.ts";
import {
  type CircuitChange,
  type CircuitView,
  circuitView,
  type Forced,
  type ForcedState,
} from "./circuit.ts";
import { createCircuits } from "./circuits.ts";

export type { CircuitChange, CircuitView } from "./circuit.ts";

export interface Refused {
  /** Infinite when only an operator can end it. */
  readonly retryAtMs: number;
}

/**
 * The breakers of a process by their key (CB-1). A key's options may change from call to call, as a configuration does;
 * an attempt that ends is judged by the latest.
 */
export interface BreakerBoard {
  /** Why a caller would be refused now; null when not. Takes nothing. */
  look(key: string, options: BreakerOptions, nowMs: number): Refused | null;
  /** @param leaseMs The attempt's limit. The permit has to come back by {@link release}. */
  acquire(key: string, options: BreakerOptions, nowMs: number, leaseMs: number): Permit | Refused;
  /** The first content has come: a trial has succeeded (CB-8). */
  commit(key: string, permit: Permit, nowMs: number): void;
  /** The attempt has ended. */
  release(key: string, permit: Permit, effect: BreakerEffect, nowMs: number): void;
  /** The state to begin with (CB-13), which is no change; or that of another endpoint in its place (CB-11). */
  restore(key: string, breaker: Breaker, nowMs: number): void;
  /** Forgets all that was counted; a force stays (CB-10). */
  reset(key: string, nowMs: number): void;
  trip(key: string, nowMs: number, untilMs: number): void;
  /**
   * Lets nobody or everybody through, until then or until it is taken back with null. Outcomes are counted meanwhile,
   * but decide nothing.
   */
  force(key: string, state: ForcedState | null, untilMs: number | null, nowMs: number): void;
  view(key: string, options: BreakerOptions, nowMs: number): CircuitView;
}

/** @param onChange Is told each change of state once, in order (CB-12). */
export function createBoard(onChange: (change: CircuitChange) => void = () => {}): BreakerBoard {
  const circuits = createCircuits(onChange);
  /** Permits whose success is counted already. */
  const committed = new WeakSet<Permit>();
  return {
    look(key, options, nowMs) {
      const { breaker, forced } = circuits.settle(key, nowMs, options);
      const retryAtMs = forced ? refusedUntil(forced) : retryAt(breaker, nowMs, options);
      return retryAtMs === null ? null : { retryAtMs };
    },
    acquire(key, options, nowMs, leaseMs) {
      const { breaker, forced } = circuits.settle(key, nowMs, options);
      const forcedUntilMs = forced && refusedUntil(forced);
      if (forcedUntilMs !== null) return { retryAtMs: forcedUntilMs };
      if (forced) return ordinaryPermit(breaker);
      const acquired = acquire(breaker, nowMs, options, leaseMs);
      circuits.replace(key, { breaker: acquired.breaker }, "time", nowMs);
      return acquired.ok ? acquired.permit : { retryAtMs: acquired.retryAtMs };
    },
    commit(key, permit, nowMs) {
      if (!permit.trial || committed.has(permit)) return;
      committed.add(permit);
      circuits.record(key, permit, "success", nowMs);
    },
    release(key, permit, effect, nowMs) {
      if (!committed.has(permit) || effect === "failure") circuits.record(key, permit, effect, nowMs);
    },
    restore: (key, breaker, nowMs) => circuits.begin(key, breaker, nowMs),
    reset(key, nowMs) {
      const { breaker } = circuits.settle(key, nowMs);
      circuits.replace(key, { breaker: cleared(breaker) }, "reset", nowMs);
    },
    trip(key, nowMs, untilMs) {
      const { breaker } = circuits.settle(key, nowMs);
      circuits.replace(key, { breaker: trip(breaker, nowMs, untilMs) }, "tripped", nowMs);
    },
    force(key, state, untilMs, nowMs) {
      circuits.settle(key, nowMs);
      const forced = state && { state, untilMs };
      circuits.replace(key, { forced }, forced ? "forced" : "force_ended", nowMs);
    },
    view(key, options, nowMs) {
      const { breaker, forced } = circuits.settle(key, nowMs, options);
      return circuitView(breaker, forced, options, nowMs);
    },
  };
}

/** Null: everybody is let through. */
const refusedUntil = ({ state, untilMs }: Forced): number | null =>
  state === "open" ? (untilMs ?? Number.POSITIVE_INFINITY) : null;
