import { writeSync } from "node:fs";
import type { Server } from "node:http";
import { RiptideError } from "../../core/errors.ts";
import { controlRoutes } from "../../daemon/control/table.ts";
import type { Door } from "../../daemon/http/exchange.ts";
import { createDoor } from "../../daemon/http/server.ts";
import { isHanded, listenHanded } from "../../daemon/life/handed.ts";
import { type Listening, listenAt } from "../../daemon/life/listen.ts";
import { takeLock } from "../../daemon/life/lock.ts";
import { createNotifier } from "../../daemon/life/notify.ts";
import { clearPath, securePlace } from "../../daemon/life/place.ts";
import { processHeap, tendAtRest } from "../../daemon/life/rest.ts";
import { tuneV8 } from "../../daemon/life/v8.ts";
import { boundYoungGeneration, processYoungGeneration } from "../../daemon/life/young.ts";
import { ROUTES } from "../../daemon/route-table.ts";
import { createRoutes } from "../../daemon/routes.ts";
import { documentText } from "../../output/json.ts";
import { checkpoint } from "../../store/checkpoint.ts";
import type { Call, Run } from "../command.ts";
import { onHurry } from "../interrupt.ts";
import { socketPath } from "../socket-path.ts";
import { durationOf, integerOf } from "../values.ts";
import { type Composed, compose } from "./compose.ts";
import { drain } from "./drained.ts";
import { type DaemonConfigs, daemonConfigs } from "./load-generation.ts";
import { listenTcp } from "./tcp.ts";

/** How the end of a daemon was asked for. */
export interface Ending {
  readonly graceMs: number | undefined;
  readonly force: boolean;
}

/** Linux gives Node the clock that systemd matches a reload by. */
const monotonicUs = () => process.hrtime.bigint() / 1_000n;

/** `riptide daemon run`: serves until it is told to stop. */
export const run: Run = async (call) => {
  const { io } = call;
  const readyFd = integerOf(call.given, "ready-fd", { min: 1, max: 1_023 });
  const graceMs = durationOf(call.given, "grace");
  const ended = Promise.withResolvers<Ending>();
  const listening: Listening[] = [];
  const onSignal = () => ended.resolve({ graceMs, force: false });
  io.signal.addEventListener("abort", onSignal, { once: true });
  const notifier = createNotifier(io.environment.lookup("NOTIFY_SOCKET"), monotonicUs);
  const configs = await daemonConfigs(call);
  const { read, socket } = await prepared(call, configs);
  const lock = takeLock(socket);
  const handed = isHanded(io.environment.lookup, process.pid);
  if (!lock || !(handed || (await clearPath(socket)))) return alreadyRunning(call, socket);
  try {
    const composed = await compose(call, {
      ...{ configs, read, socket, notifier },
      stop: ended.resolve,
      problems: () => listening.map((each) => each.problem()).filter((problem) => problem !== undefined),
    });
    const stopTending = await atOnceOrNotAtAll(composed, listening, async () => {
      await tuneV8();
      await open(composed, listening, handed);
      await tellReady(call, composed, readyFd);
      return tend(composed);
    });
    notifier.ready();
    const hangUp = () => void composed.reloading.reload("signal");
    process.on("SIGHUP", hangUp);
    if (io.signal.aborted) onSignal();
    const { force, ...asked } = await ended.promise;
    notifier.stopping();
    const hurry = new Promise<void>((resolve) => onHurry(process, resolve));
    const isForced = await drain(composed, listening, { force, graceMs: asked.graceMs ?? graceMs, hurry });
    process.removeListener("SIGHUP", hangUp);
    stopTending();
    return isForced ? 1 : 0;
  } finally {
    lock.release();
  }
};

/** @returns Ends it. */
async function tend({ daemon: { clock, gate }, control }: Composed): Promise<() => void> {
  const bringIn = () =>
    void control.ledger.read((database) => database && checkpoint(database)).catch(() => undefined);
  const stopTending = tendAtRest({ clock, work: gate, ...(await processHeap()), bringIn });
  const stopBounding = boundYoungGeneration(clock, gate, await processYoungGeneration());
  return () => {
    stopTending();
    stopBounding();
  };
}

/** A daemon that cannot open all of its doors opens none, and ends. */
async function atOnceOrNotAtAll<T>(
  composed: Composed,
  listening: readonly Listening[],
  begin: () => Promise<T>,
): Promise<T> {
  try {
    return await begin();
  } catch (thrown) {
    await drain(composed, listening, { force: true, graceMs: 0, hurry: Promise.resolve() });
    throw thrown;
  }
}

/** The first configuration, and the place where it is to be served. */
async function prepared(call: Call, configs: DaemonConfigs) {
  const read = await configs.read();
  for (const warning of read.warnings) await call.io.stderr.write(`warning: ${warning}\n`);
  const socket = socketPath(call, read.config);
  securePlace(socket);
  return { read, socket };
}

async function alreadyRunning({ io, format }: Call, socket: string): Promise<number> {
  const text = `already running at ${socket}\n`;
  await io.stdout.write(
    format === "json" ? documentText({ schema: "riptide.daemon/1", state: "running", socket }) : text,
  );
  return 0;
}

/** Opens every door: the main socket, those of tenants, and the TCP listener where there is one. */
async function open({ daemon, control }: Composed, listening: Listening[], handed: boolean): Promise<void> {
  const routes = createRoutes({ ...ROUTES, ...controlRoutes(control) });
  const { clock, place, generations } = daemon;
  const door = (kind: Door) => (): Server => createDoor(kind, routes, daemon);
  const main = { makeServer: door({ kind: "main" }), clock };
  listening.push(await (handed ? listenHanded(main) : listenAt(place.socket, main)));
  const { config } = generations.current().generation;
  for (const [tenant, { socket }] of Object.entries(config.tenants.list)) {
    if (!socket) continue;
    if (!(await clearPath(socket.path))) {
      throw new RiptideError(
        "socket_path_invalid",
        `somebody else listens at the socket of tenant ${tenant}`,
        {
          reasons: [socket.path],
        },
      );
    }
    const makeServer = door({ kind: "tenant", tenant });
    const { mode, group } = socket;
    listening.push(await listenAt(socket.path, { makeServer, clock, mode, group }));
  }
  if (config.daemon.listen !== null) {
    listening.push(await listenTcp(config.daemon.listen, { makeServer: door({ kind: "tcp" }), clock }));
  }
}

/** Says that it is ready: on stdout, and to the descriptor that was named. */
async function tellReady({ io }: Call, composed: Composed, readyFd: number | undefined): Promise<void> {
  const { daemon, control, watching, log } = composed;
  const { pid, socket } = daemon.place;
  const { revision } = daemon.generations.current().generation.config;
  const line = documentText({
    schema: "riptide.ready/1",
    ...{ pid, socket, version: daemon.version, config_revision: revision },
  });
  await io.stdout.write(line);
  if (readyFd !== undefined) writeSync(readyFd, line);
  void control.health.follow();
  watching.lifecycle("ready");
  log.info({ pid, socket, revision }, "ready");
}
