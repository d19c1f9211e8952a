import { ERRORS, type ErrorCode, unreachable } from "../core/errors.ts";
import type { HealthState } from "../core/health.ts";
import type { ProbeRow, Sample } from "../core/sample.ts";
import { createLatencyWindow } from "./latency.ts";
import {
  type Finding,
  type HealthEvent,
  type HealthRules,
  newHealth,
  stateOf,
  TRAFFIC_MS,
  withEvent,
} from "./state.ts";

/** A new process judges providers by so much of the past (HM-1). */
export const HEALTH_WINDOW_MS = 300_000;

/** What the ledger remembers of all providers, in any order. */
export interface HealthPast {
  readonly samples: readonly Sample[];
  readonly probes: readonly ProbeRow[];
}

/** A provider as it is configured now; what another endpoint of that name did says nothing of it. */
export interface Watched {
  readonly provider: string;
  readonly endpoint: string;
  readonly rules: HealthRules;
}

/** How a provider stands by the probes and attempts of the last five minutes; times are Unix milliseconds. */
export function healthOf(past: HealthPast, watched: Watched, nowMs: number): HealthState {
  const { rules } = watched;
  const latencies = createLatencyWindow();
  let health = newHealth;
  for (const { atMs, event, sample } of eventsOf(past, watched, nowMs)) {
    if (sample) latencies.note(sample);
    health = withEvent(health, event, atMs, rules);
  }
  const { firstToken } = latencies.over(TRAFFIC_MS, nowMs);
  return stateOf(health, nowMs, { sliceMs: rules.sliceMs, firstTokenP95Ms: firstToken?.p95Ms });
}

interface Seen {
  readonly atMs: number;
  readonly event: HealthEvent;
  readonly sample?: Sample;
}

/** A clock that was set back leaves rows in the future, which say nothing of now. */
const MAX_AHEAD_MS = 1_000;

function eventsOf({ samples, probes }: HealthPast, watched: Watched, nowMs: number): readonly Seen[] {
  const isOwn = (row: Sample | ProbeRow, atMs: number) =>
    row.provider === watched.provider &&
    row.endpoint === watched.endpoint &&
    atMs > nowMs - HEALTH_WINDOW_MS &&
    atMs <= nowMs + MAX_AHEAD_MS;
  const attempts = samples
    .filter((sample) => isOwn(sample, sample.endedMs))
    .map(
      (sample): Seen => ({ atMs: sample.endedMs, event: { kind: "attempt", effect: sample.effect }, sample }),
    );
  const looks = probes
    .filter((row) => isOwn(row, row.atMs))
    .map((row): Seen => ({ atMs: row.atMs, event: { kind: "probe", finding: findingOfRow(row) } }));
  return [...attempts, ...looks].toSorted((a, b) => a.atMs - b.atMs);
}

/** What a kept probe says of its provider (HM-3). */
export function findingOfRow({ status, code }: ProbeRow): Finding {
  switch (status) {
    case "pass":
    case "warn":
      return "success";
    case "unknown":
      return code === "rate_limited" ? "limited" : "unclear";
    case "fail":
      return isCredential(code) ? "refused" : "failure";
    default:
      return unreachable(status);
  }
}

/** Secrets and credentials have exit codes of their own (cli.md 1.3); a code of a later version is none of them. */
function isCredential(code: string | null): boolean {
  if (code === null || !Object.hasOwn(ERRORS, code)) return false;
  const { exit } = ERRORS[code as ErrorCode]; // It has just been found there.
  return exit === 3 || exit === 4;
}
