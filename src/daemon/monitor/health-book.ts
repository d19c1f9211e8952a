import type { HealthState } from "../../core/health.ts";
import type { ProbeRow } from "../../core/sample.ts";
import type { Attempt } from "../../engine/events.ts";
import { findingOfRow } from "../../health/fold.ts";
import { createLatencyWindow, type LatencyWindow } from "../../health/latency.ts";
import {
  type Health,
  type HealthRules,
  newHealth,
  stateOf,
  TRAFFIC_MS,
  withEvent,
} from "../../health/state.ts";

/** How the providers stand by all that this process sees of them: its probes and its traffic (HM-4, HM-6). */
export interface HealthBook {
  probed(provider: string, row: ProbeRow, rules: HealthRules): void;
  tried(attempt: Attempt, rules: HealthRules): void;
  /** @param nowMs Unix milliseconds. `unknown` before anything was seen. */
  stateOf(provider: string, rules: HealthRules, nowMs: number): HealthState;
  /** The address or the credentials are other ones now. */
  forget(provider: string): void;
}

/** A change in how a provider stands, seen at an event. */
export interface HealthChange {
  readonly provider: string;
  readonly from: HealthState;
  readonly to: HealthState;
}

interface Page {
  health: Health;
  readonly latencies: LatencyWindow;
}

export function createHealthBook(onChange: (change: HealthChange) => void): HealthBook {
  const pages = new Map<string, Page>();
  const pageOf = (provider: string): Page => {
    const page = pages.get(provider) ?? { health: newHealth, latencies: createLatencyWindow() };
    pages.set(provider, page);
    return page;
  };
  const turn = (provider: string, next: (page: Page) => Health) => {
    const page = pageOf(provider);
    const from = page.health.shown;
    page.health = next(page);
    const to = page.health.shown;
    if (from !== to) onChange({ provider, from, to });
  };
  return {
    probed(provider, row, rules) {
      const event = { kind: "probe", finding: findingOfRow(row) } as const;
      turn(provider, ({ health }) => withEvent(health, event, row.atMs, rules));
    },
    tried(attempt, rules) {
      const { provider, effect, firstTokenMs, ms, endedMs } = attempt;
      turn(provider, ({ health, latencies }) => {
        latencies.note({ effect, ttftMs: firstTokenMs, totalMs: ms, endedMs });
        return withEvent(health, { kind: "attempt", effect }, endedMs, rules);
      });
    },
    stateOf(provider, { sliceMs }, nowMs) {
      const page = pages.get(provider);
      if (!page) return "unknown";
      const { firstToken } = page.latencies.over(TRAFFIC_MS, nowMs);
      return stateOf(page.health, nowMs, { sliceMs, firstTokenP95Ms: firstToken?.p95Ms });
    },
    forget: (provider) => void pages.delete(provider),
  };
}
