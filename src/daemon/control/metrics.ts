import { RiptideError } from "../../core/errors.ts";
import { circuitReports } from "../../engine/circuit-reports.ts";
import { budgetRules, budgetStates } from "../../output/budget-states.ts";
import { createProcessMetrics } from "../metrics/process-metrics.ts";
import { createStateMetrics, type State } from "../metrics/state-metrics.ts";
import type { Control } from "./control.ts";
import type { Handler } from "./control-route.ts";
import { atOnce } from "./ledger.ts";

/** Of the Prometheus text exposition format. */
const TYPE = "text/plain; version=0.0.4; charset=utf-8";

/** `GET /metrics`. Made once, with its metrics of the process. */
export function metricsHandler({ daemon, watching }: Control): Handler {
  const { registry } = watching;
  const setState = createStateMetrics(registry, daemon.version);
  const ofProcess = createProcessMetrics(registry, daemon.clock, daemon.place.startedMs);
  return async (_exchange, control) => {
    if (!daemon.generations.current().generation.config.telemetry.prometheus) {
      throw new RiptideError("not_found", "metrics are switched off by telemetry.prometheus");
    }
    setState(await stateNow(control));
    ofProcess.sample();
    return { text: registry.text(), type: TYPE };
  };
}

/** Budgets of configured tenants only: their number has to be bounded. */
export async function stateNow(control: Control): Promise<State> {
  const { daemon, reloader, ledger } = control;
  const { generation, number, loadedMs } = daemon.generations.current();
  const { config } = generation;
  const names = config.providers.filter(({ implicit }) => !implicit).map(({ id }) => id);
  const [health, circuits, budgets] = await Promise.all([
    control.health.report(),
    circuitReports(names, control.engine()),
    ledger
      .read((database) =>
        atOnce(database, () => budgetStates(budgetRules(config), database, daemon.clock.wall())),
      )
      .catch(() => null),
  ]);
  return {
    inFlight: daemon.gate.inFlight(),
    waiting: daemon.gate.waiting(),
    generation: number,
    isStale: reloader.status().state === "stale",
    ...{ loadedMs, health, circuits, budgets },
  };
}
