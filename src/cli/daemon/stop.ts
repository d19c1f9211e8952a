import { asRiptideError, RiptideError } from "../../core/errors.ts";
import {
  type Contact,
  contact,
  controlDocument,
  daemonSocket,
  isAbsent,
  waitUntil,
} from "../client/control.ts";
import { PROTOCOL } from "../client/hello.ts";
import type { Call, Run } from "../command.ts";
import { durationOf } from "../values.ts";
import { bareDocument, printState } from "./document.ts";
import { isAlive, signalTo } from "./process.ts";

const GRACE_MS = 10_000;
/** For settling after the last request. */
const SETTLE_MS = 5_000;

/** `riptide daemon stop`: ends when the daemon has; none is running is success. */
export const run: Run = async (call) => {
  const result = await stop(call);
  const socket = await daemonSocket(call);
  if (call.format === "json")
    await printState(call, { ...bareDocument(call, socket, { state: "stopped" }), result });
  else await call.io.stdout.write(`${result === "stopped" ? "stopped" : "was not running"}\n`);
  return 0;
};

/**
 * Stops the daemon of a call, of whatever version it is.
 * @throws RiptideError `deadline_exceeded` where it is still there
 */
export async function stop(call: Call): Promise<"stopped" | "already_stopped"> {
  const graceMs = durationOf(call.given, "grace");
  const force = call.given.has("force");
  const reached = await find(call);
  if (!reached) return "already_stopped";
  const { pid } = reached.hello;
  await ask(call, reached, { graceMs, force });
  const waitMs = force ? SETTLE_MS : (graceMs ?? GRACE_MS) + SETTLE_MS;
  if (await waitUntil(call, waitMs, async () => !isAlive(pid))) return "stopped";
  if (force) {
    signalTo(pid, "SIGKILL");
    if (await waitUntil(call, SETTLE_MS, async () => !isAlive(pid))) return "stopped";
  }
  throw new RiptideError(
    "deadline_exceeded",
    `the daemon (process ${pid}) is still there after ${waitMs} ms`,
    {
      hint: "riptide daemon stop --force",
    },
  );
}

async function find(call: Call): Promise<Contact | undefined> {
  try {
    return await contact(call, { anyProtocol: true });
  } catch (thrown) {
    const error = asRiptideError(thrown);
    if (isAbsent(error)) return undefined;
    throw error;
  }
}

interface Manner {
  readonly graceMs: number | undefined;
  readonly force: boolean;
}

/** Every version ends by a signal; only our own protocol is told how long it may take. */
async function ask(call: Call, reached: Contact, { graceMs, force }: Manner): Promise<void> {
  const { protocol, pid } = reached.hello;
  if (protocol === PROTOCOL && (graceMs !== undefined || force)) {
    const body = { ...(graceMs !== undefined && { grace_ms: graceMs }), ...(force && { force }) };
    try {
      await controlDocument(call, reached, { method: "POST", path: "/riptide/v1/shutdown", body });
      return;
    } catch (thrown) {
      const { code } = asRiptideError(thrown);
      if (code === "cancelled") throw thrown;
    }
  }
  signalTo(pid, "SIGTERM");
  // The second signal is the one that does not wait.
  if (force) signalTo(pid, "SIGINT");
}
