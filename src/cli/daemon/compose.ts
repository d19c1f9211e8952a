import { randomBytes } from "node:crypto";
import { join } from "node:path";
import type { RiptideError } from "../../core/errors.ts";
import { seededRandom } from "../../core/random.ts";
import type { Daemon } from "../../daemon/context.ts";
import { type Control, createControl } from "../../daemon/control/control.ts";
import { createLedgerAccess } from "../../daemon/control/ledger.ts";
import { createGate } from "../../daemon/gate.ts";
import { createGenerations } from "../../daemon/generations.ts";
import { type OpenLog, openLog } from "../../daemon/life/log.ts";
import type { Notifier } from "../../daemon/life/notify.ts";
import { createRunning } from "../../daemon/life/running.ts";
import { createOtlp, type Otlp } from "../../daemon/otlp/otlp.ts";
import type { ReadConfig } from "../../daemon/reload/source.ts";
import { startReloading } from "../../daemon/reload/start.ts";
import { createWatching, type Watching } from "../../daemon/watching.ts";
import { followingGuard } from "../../engine/following-guard.ts";
import { createGuard } from "../../engine/live-guard.ts";
import { requestIds } from "../../engine/request-id.ts";
import { ledgerStages } from "../../library/ledger-stages.ts";
import type { Call } from "../command.ts";
import { hasLedger, openLedger } from "../open-ledger.ts";
import type { DaemonConfigs } from "./load-generation.ts";

/** A daemon that is whole, and listens nowhere yet. */
export interface Composed {
  readonly daemon: Daemon;
  readonly control: Control;
  readonly watching: Watching;
  readonly reloading: ReturnType<typeof startReloading>;
  readonly otlp: Otlp;
  readonly log: OpenLog;
}

/** What only the process that runs the daemon can do. */
export interface ProcessParts {
  readonly configs: DaemonConfigs;
  /** The first configuration. */
  readonly read: ReadConfig;
  /** Path of the socket. */
  readonly socket: string;
  readonly notifier: Notifier;
  stop(options: { readonly graceMs: number | undefined; readonly force: boolean }): void;
  problems(): readonly string[];
}

/**
 * Builds the daemon of a call from its configuration.
 * @throws RiptideError for a configuration that cannot be used
 */
export async function compose(
  call: Call,
  { configs, read, socket, notifier, stop, problems }: ProcessParts,
): Promise<Composed> {
  const { io, given } = call;
  const { clock, environment, redactor } = io;
  const first = await read.build();
  const log = logOf(call, first.generation.config.daemon.log.level);
  const random = seededRandom(randomBytes(4).readUInt32LE());
  const generations = createGenerations(first);
  const watching = createWatching(clock, generations);
  const warn = (line: string) => log.warn({}, line);
  const current = () => generations.current().generation.config;
  const stages = watching.stages(ledgerStages(current, io, { warn, later: setImmediate }));
  const { circuits: history } = stages;
  const retryBudget = {
    get ratio() {
      return current().failover.retryBudget.ratio;
    },
    get floor() {
      return current().failover.retryBudget.floor;
    },
  };
  const following = followingGuard(
    createGuard({ clock, random, retryBudget, history, onChange: watching.circuit }),
  );
  const running = createRunning();
  const daemon: Daemon = {
    version: io.version,
    place: { pid: process.pid, socket, stateDir: environment.stateDir, startedMs: clock.wall() },
    ...{ clock, random, generations, stages, running, log },
    guard: watching.switches.guarding(following),
    gate: createGate(clock),
    // A reload may put an exporter beside those who watch.
    get observer() {
      return otlp.observer();
    },
    newId: requestIds(clock.wall, randomBytes),
    redact: redactor.redact,
  };
  let control: Control | undefined;
  const reloading = startReloading({
    ...{ clock, generations, first, log, source: configs, guard: following },
    watched: given.has("no-watch") ? undefined : configs.watched,
    onBegin: notifier.reloading,
    onVerdict(report) {
      if (!report.verdict.dryRun) notifier.ready();
      watching.reload(report);
      if (report.verdict.result !== "reloaded" || report.verdict.dryRun) return;
      log.setLevel(current().daemon.log.level);
      void otlp.follow(current().telemetry.otlpEndpoint);
      void control?.health.follow();
    },
  });
  control = createControl({
    ...{ daemon, watching, reloader: reloading, stop, problems },
    ledger: createLedgerAccess({
      exists: () => hasLedger(current(), io),
      open: () => openLedger(current(), io),
    }),
    variable: environment.lookup,
    supervisor: environment.lookup("INVOCATION_ID") ? "systemd" : "none",
    cancelRunning: (error: RiptideError) => running.cancelAll(error),
  });
  const whole = control;
  const otlp = createOtlp({
    ...{ log, watching: watching.observer },
    exporters: async () =>
      (await import("../../daemon/otlp/exporters.ts")).exporters(whole, environment.proxy),
  });
  await otlp.follow(current().telemetry.otlpEndpoint);
  return { daemon, control, watching, reloading, otlp, log };
}

const logOf = ({ io }: Call, level: "error" | "warn" | "info" | "debug"): OpenLog =>
  openLog({
    path: join(io.environment.stateDir, "daemon.log"),
    ...{ level, clock: io.clock, redact: io.redactor.redact },
    fallback: (text) => void io.stderr.write(text),
  });
