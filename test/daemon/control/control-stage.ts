import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import type { Call } from "../../../src/cli/command.ts";
import { daemonConfigs } from "../../../src/cli/daemon/load-generation.ts";
import { parseFlags } from "../../../src/cli/flags.ts";
import { hasLedger, openLedger } from "../../../src/cli/open-ledger.ts";
import { type Environment, readEnvironment } from "../../../src/config/environment.ts";
import { systemClock } from "../../../src/core/clock.ts";
import type { RiptideError } from "../../../src/core/errors.ts";
import { seededRandom } from "../../../src/core/random.ts";
import { createControl } from "../../../src/daemon/control/control.ts";
import { createLedgerAccess } from "../../../src/daemon/control/ledger.ts";
import { controlRoutes } from "../../../src/daemon/control/table.ts";
import { createGenerations } from "../../../src/daemon/generations.ts";
import type { Door } from "../../../src/daemon/http/exchange.ts";
import { createReloader } from "../../../src/daemon/reload/reload.ts";
import { ROUTES } from "../../../src/daemon/route-table.ts";
import { createWatching } from "../../../src/daemon/watching.ts";
import { followingGuard } from "../../../src/engine/following-guard.ts";
import { createGuard } from "../../../src/engine/live-guard.ts";
import { ledgerStages } from "../../../src/library/ledger-stages.ts";
import { createRedactor } from "../../../src/wire/redact.ts";
import { fakeDaemon, openDoor } from "../../helpers/fake-daemon.ts";

/** The first provider fails as told, the second one answers. */
export const yaml = (more = "", script = "[ok]") => `version: 1
providers:
  first: { type: mock, reply: "one", script: ${script} }
  second: { type: mock, reply: "two", prices: { m: { input: 1, output: 2 } } }
models:
  default: { targets: [first/m, second/m] }
${more}`;

/** A whole daemon in this process with its control routes: a real file, a real ledger, a real socket. */
export async function controlStage(
  text = yaml(),
  { door, env = {} }: { door?: Door; env?: NodeJS.ProcessEnv } = {},
) {
  const folder = mkdtempSync(join(tmpdir(), "riptide-control-"));
  const path = join(folder, "providers.yaml");
  writeFileSync(path, text);
  const environment: Environment = {
    ...readEnvironment({ ...env, RIPTIDE_STATE_DIR: join(folder, "state") }, folder),
    userConfig: path,
  };
  const redactor = createRedactor();
  const clock = systemClock;
  const io = {
    environment,
    cwd: folder,
    clock,
    redactor,
    version: "1.2.3",
    signal: new AbortController().signal,
  };
  // Nothing else of a call is looked at by what loads a configuration and by the ledger.
  const call = { io, given: parseFlags([], []) } as unknown as Call;
  const first = await (await daemonConfigs(call)).read().then((read) => read.build());
  const source = await daemonConfigs(call);
  const generations = createGenerations(first);
  const { config } = first.generation;
  const watching = createWatching(clock, generations);
  const random = seededRandom(1);
  const stages = watching.stages(ledgerStages(() => config, call.io, { warn: () => {} }));
  const { retryBudget } = config.failover;
  const { circuits: history } = stages;
  const live = followingGuard(
    createGuard({ clock, random, retryBudget, history, onChange: watching.circuit }),
  );
  const guard = watching.switches.guarding(live);
  const reloader = createReloader({
    ...{ clock, generations, source, first, guard: live },
    onVerdict: watching.reload,
  });
  const daemon = fakeDaemon(first.generation, {
    ...{ version: "1.2.3", clock, random, generations, stages, guard, redact: redactor.redact },
    place: { pid: 7, socket: "/run/s", stateDir: folder, startedMs: clock.wall() - 5_000 },
    observer: watching.observer,
  });
  const stopped: object[] = [];
  const cancelled: RiptideError[] = [];
  const control = createControl({
    ...{ daemon, watching, reloader },
    ledger: createLedgerAccess({
      exists: () => hasLedger(config, call.io),
      open: () => openLedger(config, call.io),
    }),
    variable: environment.lookup,
    supervisor: "none",
    stop: (options) => void stopped.push(options),
    cancelRunning: (error) => void cancelled.push(error),
  });
  const place = await openDoor({ ...ROUTES, ...controlRoutes(control) }, daemon, door);
  onTestFinished(async () => {
    await control.health.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  const ask = (method: string, url: string, body?: unknown, headers: Readonly<Record<string, string>> = {}) =>
    fetchOver(place.path, { method, url, body, headers });
  return {
    ...{ control, watching, daemon, stopped, cancelled, path, ask, place, redactor },
    get: (url: string) => ask("GET", url),
    post: (url: string, body?: unknown) => ask("POST", url, body),
    /** Asks for a completion, and gives its answer. */
    complete: (riptide: object = {}) =>
      ask("POST", "/riptide/v1/complete", {
        model: "default",
        messages: [{ role: "user", content: "hi" }],
        riptide,
      }),
  };
}

interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly text: string;
  // What a test expects of it is what it checks.
  // biome-ignore lint/suspicious/noExplicitAny: the shape of the document is what tests look at
  readonly json: any;
}

function fetchOver(
  socketPath: string,
  {
    method,
    url,
    body,
    headers,
  }: { method: string; url: string; body?: unknown; headers: Readonly<Record<string, string>> },
): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const sent = request({ socketPath, path: url, method, headers }, (response) => {
      let text = "";
      response.on("data", (chunk) => {
        text += chunk;
      });
      response.once("end", () => {
        const isJson = String(response.headers["content-type"]).startsWith("application/json");
        const json = isJson ? JSON.parse(text) : undefined;
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text, json });
      });
    });
    sent.once("error", reject);
    if (body !== undefined) sent.setHeader("content-type", "application/json");
    sent.end(body === undefined ? undefined : JSON.stringify(body));
  });
}
