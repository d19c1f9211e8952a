import type { RiptideError } from "../../core/errors.ts";
import type { Engine } from "../../engine/engine.ts";
import { recordProbes } from "../../store/probes.ts";
import type { Daemon } from "../context.ts";
import { createHealthWatch, type HealthWatch } from "../monitor/health-watch.ts";
import type { Reloader } from "../reload/reload.ts";
import type { Watching } from "../watching.ts";
import type { LedgerAccess } from "./ledger.ts";
import { createLedgerCheck, type LedgerCheck } from "./ledger-check.ts";

/** What the control routes and the monitor need of the process around the daemon. */
export interface ControlParts {
  readonly daemon: Daemon;
  readonly watching: Watching;
  readonly ledger: LedgerAccess;
  readonly reloader: Reloader;
  /** An environment variable of the daemon's own. */
  readonly variable: (name: string) => string | undefined;
  readonly supervisor: "systemd" | "launchd" | "none";
  /** Begins the end of the daemon, and returns at once. @param options.graceMs Absent: what the configuration says. */
  stop(options: { readonly graceMs: number | undefined; readonly force: boolean }): void;
  /** Ends the requests that are running, each with this error. */
  cancelRunning(error: RiptideError): void;
  /** What is wrong with this daemon beside its configuration, such as a socket that is no longer its own. */
  problems?(): readonly string[];
}

/** What every control route works with. */
export interface Control extends ControlParts {
  readonly health: HealthWatch;
  readonly ledgerProblem: LedgerCheck;
  /** An engine on the current generation. */
  engine(): Engine;
}

/** Nobody waits longer than this for what only helps the next process. */
const RECORD_WITHIN_MS = 150;

/** Puts the monitor beside the parts; `health.follow()` starts it, and is called again after each reload. */
export function createControl(parts: ControlParts): Control {
  const { daemon, watching, ledger } = parts;
  const probes = watching.registry.counter("riptide_health_probes_total", "Probes of providers.", [
    ...["provider", "status"],
  ]);
  const health = createHealthWatch({
    daemon,
    book: watching.book,
    isOff: (provider) => watching.switches.look(provider) !== undefined,
    record: (rows) => ledger.write((database) => recordProbes(database, rows, RECORD_WITHIN_MS)),
    onProbe: (provider, status) => probes.of(provider, status).add(),
  });
  watching.health(health);
  const { stages, guard, clock, random } = daemon;
  return {
    ...parts,
    health,
    ledgerProblem: createLedgerCheck(stages, daemon),
    engine: () => ({ generation: daemon.generations.current().generation, stages, guard, clock, random }),
  };
}
