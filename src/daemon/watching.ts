import type { Alert } from "../core/budget.ts";
import { type Clock, formatTime } from "../core/clock.ts";
import { usdText } from "../core/money.ts";
import type { Stages } from "../engine/stages.ts";
import type { CircuitChange } from "../resilience/board.ts";
import { createSwitches, type Switches } from "./control/switches.ts";
import type { DaemonEvent } from "./events/event.ts";
import { createNewest } from "./events/newest.ts";
import { createEventRing, type EventRing } from "./events/ring.ts";
import { workEvents } from "./events/work-events.ts";
import type { Generations } from "./generations.ts";
import { createLabels } from "./metrics/labels.ts";
import { createRegistry, type Registry } from "./metrics/registry.ts";
import { createRequestMetrics } from "./metrics/request-metrics.ts";
import { createHealthBook, type HealthBook } from "./monitor/health-book.ts";
import type { HealthWatch } from "./monitor/health-watch.ts";
import type { Observer } from "./observer.ts";
import { problemsIn } from "./reload/problems.ts";
import type { ReloadReport } from "./reload/verdict.ts";

/**
 * Everything that looks on while the daemon works: events, metrics, health. It is made before the guard, the stages and
 * the daemon itself, which are handed what it wants to hear of:
 *
 * - `createGuard({ …, onChange: watching.circuit })`, then `watching.switches.guarding(guard)`
 * - `watching.stages(ledgerStages(…))`
 * - `createReloader({ …, onVerdict: watching.reload })`
 * - `observer: watching.observer` of the daemon
 */
export interface Watching {
  readonly ring: EventRing;
  /** What a dashboard tells of, the newest first. */
  readonly newest: () => readonly DaemonEvent[];
  readonly registry: Registry;
  readonly switches: Switches;
  readonly book: HealthBook;
  readonly observer: Observer;
  circuit(change: CircuitChange): void;
  /** The stages, heard for budgets that reach a threshold. */
  stages(stages: Stages): Stages;
  reload(report: ReloadReport): void;
  lifecycle(state: LifeState): void;
  /** From now on it hears of every attempt. */
  health(watch: Pick<HealthWatch, "tried">): void;
}

export type LifeState = "ready" | "draining" | "stopping";

export function createWatching(clock: Clock, generations: Pick<Generations, "current">): Watching {
  const ring = createEventRing(clock.wall);
  const registry = createRegistry();
  const counts = createRequestMetrics(registry, createLabels(generations));
  const events = workEvents(ring, clock);
  let health: Pick<HealthWatch, "tried"> | undefined;
  const families = changeFamilies(registry);
  return {
    ...{ ring, newest: createNewest(ring), registry, switches: createSwitches(clock) },
    book: createHealthBook((change) => ring.add("health", { ...change })),
    observer: {
      began: () => {},
      ended(work, ending) {
        counts.ended(work, ending);
        events.ended(work, ending);
        // How long an embedding or a whole answer takes says nothing of a first token.
        const seen = work.stream ? {} : { firstTokenMs: null };
        if (work.class === "completion")
          for (const each of ending.attempts) health?.tried({ ...each, ...seen });
      },
    },
    circuit(change) {
      const { provider, operation } = nameOf(change);
      const { from, to, reason, requests, failures } = change;
      families.circuits.of(provider, operation, to).add();
      ring.add("circuit", { provider, operation, from, to, reason, requests, failures });
    },
    stages: (stages) => ({
      ...stages,
      async settle(settlement) {
        const settled = await stages.settle(settlement);
        for (const alert of settled.alerts) {
          families.alerts.of(alert.budget.tenant === null ? "global" : "tenant", alert.budget.period).add();
          ring.add("budget", alertFacts(alert));
        }
        return settled;
      },
    }),
    reload(report) {
      if (report.verdict.dryRun) return;
      families.reloads.of(report.verdict.result).add();
      ring.add("reload", reloadFacts(report));
    },
    lifecycle: (state) => ring.add("lifecycle", { state }),
    health(watch) {
      health = watch;
    },
  };
}

const changeFamilies = (registry: Registry) => ({
  circuits: registry.counter("riptide_circuit_changes_total", "Changes of a circuit breaker's state.", [
    ...["provider", "operation", "to"],
  ]),
  alerts: registry.counter("riptide_budget_alerts_total", "Thresholds that budgets have reached.", [
    ...["scope", "period"],
  ]),
  reloads: registry.counter("riptide_config_reloads_total", "Reloads by what became of them.", ["result"]),
});

/** The key of a breaker is its provider and the class of its operations; see `breakerKey` of engine/guard.ts. */
function nameOf({ key }: CircuitChange) {
  const space = key.lastIndexOf(" ");
  return { provider: key.slice(0, space), operation: key.slice(space + 1) };
}

function alertFacts({ budget, threshold, spentNano, resetsAtMs }: Alert) {
  return {
    scope: budget.tenant === null ? "global" : "tenant",
    tenant: budget.tenant,
    period: budget.period,
    threshold,
    spent_usd: usdText(spentNano),
    limit_usd: usdText(budget.limitNano),
    resets_at: formatTime(resetsAtMs),
  };
}

function reloadFacts({ verdict, triggers, tookMs }: ReloadReport) {
  const { result } = verdict;
  const facts = { result, triggers: [...triggers], took_ms: Math.round(tookMs) };
  if (verdict.result === "refused") {
    const { code, message } = verdict.error;
    return { ...facts, code, message, problems: problemsIn(verdict.error) };
  }
  return { ...facts, revision: verdict.revision, generation: verdict.generation };
}
