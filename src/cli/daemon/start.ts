import type { ChildProcess } from "node:child_process";
import { asRiptideError, RiptideError } from "../../core/errors.ts";
import type { JsonObject } from "../../core/json.ts";
import { type Contact, contact, controlDocument, daemonSocket, isAbsent } from "../client/control.ts";
import type { Call, Run } from "../command.ts";
import { durationOf } from "../values.ts";
import { bareDocument, printState, seenBy } from "./document.ts";
import { spawnDaemon, watchStart } from "./spawn.ts";

const WAIT_MS = 5_000;
/** What a daemon is given to say who it is, once it has said that it is ready. */
const HELLO_MS = 2_000;

/** `riptide daemon start`: in the background; ends when the daemon is ready. One that runs already is success. */
export const run: Run = async (call) => {
  const result = await start(call);
  if (typeof result === "number") return result;
  const reached = await contact(call);
  if (call.format !== "json") {
    const { pid } = reached.hello;
    const said = result === "started" ? "started" : "already running";
    await call.io.stdout.write(`${said}: ${reached.socket} (process ${pid})\n`);
    return 0;
  }
  await printState(call, await documentOf(call, reached), { result });
  return 0;
};

/** @returns the exit code of a daemon that did not come up: it has said why. */
export async function start(call: Call): Promise<"started" | "already_running" | number> {
  if (await isRunning(call)) return "already_running";
  const waitMs = durationOf(call.given, "wait") ?? WAIT_MS;
  const child = spawnDaemon(call);
  const end = await watchStart(call, child, waitMs);
  switch (end.kind) {
    case "ready":
      return "started";
    case "late":
      throw late(child, waitMs);
    case "ended":
      // Another start was faster.
      if (end.exit === 0 && (await isRunning(call))) return "already_running";
      await call.io.stdout.write(call.format === "json" ? end.stdout : "");
      await call.io.stderr.write(end.stderr);
      return end.exit === 0 ? 1 : end.exit;
  }
}

const late = ({ pid }: ChildProcess, waitMs: number) =>
  new RiptideError("deadline_exceeded", `the daemon (process ${pid}) is not ready after ${waitMs} ms`, {
    hint: "riptide daemon status --wait ready   or   riptide daemon logs",
  });

/** A drain has no way back, and its end may take a while. */
const ending = (pid: number) =>
  new RiptideError("shutting_down", `the daemon (process ${pid}) is draining and takes no more work`, {
    hint: "riptide daemon restart",
  });

/** @throws RiptideError for one that is draining or of another protocol, and for what is wrong with the socket's path */
async function isRunning(call: Call): Promise<boolean> {
  try {
    const { hello } = await contact(call, { limitMs: HELLO_MS });
    if (hello.state === "draining") throw ending(hello.pid);
    return true;
  } catch (thrown) {
    const error = asRiptideError(thrown);
    if (isAbsent(error)) return false;
    throw error;
  }
}

async function documentOf(call: Call, reached: Contact): Promise<JsonObject> {
  try {
    const document = await controlDocument(call, reached, { method: "GET", path: "/riptide/v1/status" });
    return seenBy(call, document);
  } catch (thrown) {
    if (asRiptideError(thrown).code !== "not_found") throw thrown;
    return bareDocument(call, await daemonSocket(call), { state: reached.hello.state, hello: reached.hello });
  }
}
