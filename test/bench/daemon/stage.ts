import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { DAEMON_VARIABLES } from "../../../src/cli/daemon/units.ts";
import { type Child, startNode } from "./child.ts";
import type { Door } from "./order.ts";
import { type Usage, usageOf } from "./usage.ts";
import { yamlFor } from "./yaml.ts";

const LAUNCHER = resolve(import.meta.dirname, "../../../bin/riptide.js");
const SIMULATOR = resolve(import.meta.dirname, "../fixtures/daemon-simulator.ts");
const PASS_THROUGH = resolve(import.meta.dirname, "../fixtures/daemon-pass-through.ts");

/** Something that requests are sent to. */
export interface Target {
  readonly door: Door;
  usage(): Promise<Usage>;
  stop(): Promise<void>;
}

/** A daemon of its own, with nothing in its ledger. */
export interface DaemonTarget extends Target {
  /** From the start of its process until it says that it is ready. */
  readonly readyMs: number;
}

/** A simulated provider, and what can stand in front of it. */
export interface Stage {
  /** The provider itself. */
  readonly direct: Target;
  passThrough(): Promise<Target>;
  daemon(): Promise<DaemonTarget>;
  close(): Promise<void>;
}

export async function openStage(): Promise<Stage> {
  const simulator = startNode([SIMULATOR], { core: "load" });
  const port = Number(await simulator.line());
  const folder = mkdtempSync(join(tmpdir(), "riptide-bench-"));
  let daemons = 0;
  const stop = () => Promise.resolve();
  return {
    direct: {
      door: { host: "127.0.0.1", port },
      usage: () => Promise.resolve({ cpuUs: Number.NaN, residentMb: Number.NaN }),
      stop,
    },
    async passThrough() {
      const socket = join(folder, "pass.sock");
      const child = startNode([PASS_THROUGH, socket, `http://127.0.0.1:${port}`], { core: "measured" });
      await child.line();
      return targetOf(child, socket);
    },
    daemon() {
      daemons += 1;
      return startDaemon(join(folder, String(daemons)), port);
    },
    async close() {
      await simulator.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function startDaemon(home: string, port: number): Promise<DaemonTarget> {
  mkdirSync(home);
  const config = join(home, "providers.yaml");
  writeFileSync(config, yamlFor(port));
  const socket = join(home, "run/riptide.sock");
  const startedAt = performance.now();
  const child = startNode([LAUNCHER, "daemon", "run", "-C", config, "--socket", socket], {
    core: "measured",
    env: { ...DAEMON_VARIABLES, HOME: home, RIPTIDE_STATE_DIR: join(home, "state") },
  });
  await child.line();
  return { ...targetOf(child, socket), readyMs: performance.now() - startedAt };
}

const targetOf = (child: Child, socket: string): Target => ({
  door: { path: socket },
  usage: () => usageOf({ pid: child.pid, socket }),
  stop: child.stop,
});
