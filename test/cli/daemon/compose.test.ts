import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import type { Call } from "../../../src/cli/command.ts";
import { compose } from "../../../src/cli/daemon/compose.ts";
import { daemonConfigs } from "../../../src/cli/daemon/load-generation.ts";
import { parseFlags } from "../../../src/cli/flags.ts";
import { openLedger } from "../../../src/cli/open-ledger.ts";
import { readEnvironment } from "../../../src/config/environment.ts";
import { systemClock } from "../../../src/core/clock.ts";
import { createRedactor } from "../../../src/wire/redact.ts";
import { settlementFor } from "../../helpers/ledger-settlements.ts";

const DAY_MS = 86_400_000;

/** The parts of a daemon on this file; it listens nowhere, and watches nothing. */
async function composed(text: string) {
  const folder = mkdtempSync(join(tmpdir(), "riptide-compose-"));
  const path = join(folder, "providers.yaml");
  writeFileSync(path, text);
  const said: string[] = [];
  const io = {
    environment: { ...readEnvironment({ RIPTIDE_STATE_DIR: folder }, folder), userConfig: path },
    ...{ cwd: folder, clock: systemClock, redactor: createRedactor(), version: "1.0.0" },
    signal: new AbortController().signal,
    stderr: { write: async (line: string) => void said.push(line) },
  };
  // Nothing else of a call is looked at by what composes a daemon.
  const call = { io, given: parseFlags([{ name: "no-watch", text: "" }], ["--no-watch"]) } as unknown as Call;
  const configs = await daemonConfigs(call);
  const told: string[] = [];
  const note = (word: string) => () => void told.push(word);
  const parts = await compose(call, {
    ...{ configs, read: await configs.read(), socket: join(folder, "s") },
    notifier: { ready: note("ready"), reloading: note("reloading"), stopping: note("stopping") },
    stop: () => {},
    problems: () => [],
  });
  onTestFinished(async () => {
    await parts.reloading.close();
    await parts.control.health.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  const { generations } = parts.daemon;
  return {
    ...{ ...parts, told },
    write: (next: string) => writeFileSync(path, next),
    log: () => readFileSync(join(folder, "daemon.log"), "utf8"),
    ledger: () => openLedger(generations.current().generation.config, call.io),
  };
}

const yaml = (more: string) => `version: 1
providers: { fake: { type: mock } }
models: { default: { targets: [fake/m] } }
${more}`;

it("what a reload changes counts at once, also where it outlives configurations (HR-5)", async () => {
  const place = await composed(
    yaml("failover: { retry_budget: { ratio: 0, floor: 1 } }\ndaemon: { log: { level: error } }"),
  );
  const { daemon, reloading, told } = place;
  const spend = (times: number) => Array.from({ length: times }, () => daemon.guard.spendRetry());
  daemon.log.info({}, "not yet");
  expect(spend(2)).toEqual([true, false]);
  place.write(
    yaml("failover: { retry_budget: { ratio: 0, floor: 3 } }\nledger: { retention: 2d, durability: full }"),
  );
  expect(await reloading.reload("signal")).toMatchObject({ result: "reloaded" });
  expect(told).toEqual(["reloading", "ready"]);
  expect(spend(3)).toEqual([true, true, false]);
  daemon.log.info({}, "from now on");
  daemon.log.error({}, "last");
  expect([place.log().includes("not yet"), place.log().includes("from now on")]).toEqual([false, true]);
  await daemon.stages.settle(settlementFor("rq_old", Date.now() - 10 * DAY_MS));
  const database = await place.ledger();
  expect(database.prepare("SELECT id FROM operations").all()).toEqual([]);
  database.close();
});

it("a dry run tells the service manager of no reload, and changes nothing", async () => {
  const { reloading, told, write, daemon } = await composed(yaml("daemon: { log: { level: error } }"));
  write(yaml("failover: { retry_budget: { ratio: 0, floor: 0 } }"));
  expect(await reloading.reload("control", { dryRun: true })).toMatchObject({ result: "reloaded" });
  expect([told, daemon.guard.spendRetry()]).toEqual([[], true]);
});
