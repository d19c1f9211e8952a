import type { BreakerEffect } from "../core/errors.ts";
import {
  type Breaker,
  type BreakerOptions,
  countsOf,
  newBreaker,
  type Permit,
  record,
  settleTime,
  tally,
} from "./breaker.ts";
import type { ChangeReason, CircuitChange, Forced } from "./circuit.ts";

/** One breaker and what is imposed on it. */
export interface Circuit {
  readonly breaker: Breaker;
  readonly forced: Forced | null;
  /** The latest it was used with; null before anybody asked. */
  readonly options: BreakerOptions | null;
}

/** Circuits by their key. Whatever replaces one tells the change of state, once and in order (CB-12). */
export interface Circuits {
  of(key: string): Circuit;
  /** Puts one there: without a word where there was none, else as a change to which no older attempt belongs. */
  begin(key: string, breaker: Breaker, nowMs: number): void;
  replace(key: string, change: Partial<Circuit>, reason: ChangeReason, atMs: number): void;
  /** The circuit after all that time alone has changed, noted as of the moment when it did. */
  settle(key: string, nowMs: number, options?: BreakerOptions | null): Circuit;
  /** Takes an attempt's outcome. Under a force only trials that were running go on deciding. */
  record(key: string, permit: Permit, effect: BreakerEffect, nowMs: number): void;
}

export function createCircuits(onChange: (change: CircuitChange) => void): Circuits {
  const circuits = new Map<string, Circuit>();
  const of = (key: string): Circuit => circuits.get(key) ?? NEW;

  const replace: Circuits["replace"] = (key, change, reason, atMs) => {
    const before = of(key);
    if (change.breaker === before.breaker && !("forced" in change)) return;
    const next = { ...before, ...change };
    circuits.set(key, next);
    const [from, to] = [stateOf(before), stateOf(next)];
    if (from !== to) onChange({ key, from, to, ...countsBehind(before, next, atMs), reason, atMs });
  };
  const settle: Circuits["settle"] = (key, nowMs, options = of(key).options) => {
    const circuit = of(key);
    if (circuit.options !== options) circuits.set(key, { ...circuit, options });
    if (!options) return circuit;
    const endMs = circuit.forced?.untilMs ?? null;
    if (endMs !== null && nowMs >= endMs) {
      const breaker = settleTime(circuit.breaker, endMs, options);
      replace(key, { breaker, forced: null }, "force_ended", endMs);
    }
    const breaker = settleTime(of(key).breaker, nowMs, options);
    const atMs = breaker.state === "open" ? breaker.openedAtMs : nowMs;
    replace(key, { breaker }, "trials_expired", atMs);
    return of(key);
  };

  return {
    of,
    begin(key, breaker, nowMs) {
      const before = circuits.get(key);
      if (!before) return void circuits.set(key, { ...NEW, breaker });
      const generation = before.breaker.generation + 1;
      replace(key, { breaker: { ...breaker, generation } }, "endpoint_changed", nowMs);
    },
    replace,
    settle,
    record(key, permit, effect, nowMs) {
      const { breaker, forced, options } = settle(key, nowMs);
      if (!options) return;
      const take = forced && !permit.trial ? tally : recordedWith(permit);
      const next = take(breaker, effect, nowMs, options);
      replace(key, { breaker: next }, next.state === "open" ? next.reason : "trials_passed", nowMs);
    },
  };
}

const NEW: Circuit = { breaker: newBreaker, forced: null, options: null };

const recordedWith =
  (permit: Permit): typeof tally =>
  (breaker, effect, nowMs, options) =>
    record(breaker, permit, effect, nowMs, options);

/** What callers meet: a force hides the breaker. */
const stateOf = ({ breaker, forced }: Circuit) => forced?.state ?? breaker.state;

/** The counts that led to a change. Closing and a reset begin a new window, so theirs are those of before. */
function countsBehind(before: Circuit, next: Circuit, nowMs: number) {
  const options = next.options ?? before.options;
  const { breaker } = next.breaker.state === "closed" ? before : next;
  return options ? countsOf(breaker, nowMs, options) : { requests: 0, failures: 0 };
}
