import { realpathSync } from "node:fs";
import type { DaemonSettings } from "../../config/config.ts";
import { locateConfig } from "../../config/locate.ts";
import { asRiptideError, RiptideError } from "../../core/errors.ts";
import type { Call } from "../command.ts";
import { socketPath } from "../socket-path.ts";
import { checkProtocol, type Hello, hello } from "./hello.ts";
import { daemonMode, namesSocket, requiredBy } from "./mode.ts";
import { checkSocket, notRunning } from "./socket-check.ts";

/** A daemon that a call may be given to. */
export interface FoundDaemon {
  readonly socket: string;
  readonly hello: Hello;
}

/** The daemon, or why it is none for this call. */
export type Verdict =
  | { readonly daemon: FoundDaemon }
  | { readonly daemon?: undefined; readonly why: RiptideError };

/** How long a daemon may take to say who it is, where the call can do without it. */
const PATIENCE_MS = 150;
/** The same where it cannot. */
const REQUIRED_PATIENCE_MS = 2_000;

/**
 * Looks for a daemon that would do exactly what this process would: alive, of the same protocol, on the same
 * configuration and state (SD-5). Nothing is said of one that is not there.
 * @param config Where it is known already, for the socket that it names.
 * @throws RiptideError for a socket named by the caller that cannot be one
 */
export async function lookForDaemon(
  call: Call,
  config?: { readonly daemon: DaemonSettings },
): Promise<Verdict> {
  const mode = daemonMode(call);
  if (mode === "off") return { why: notRunning("the socket", "--daemon off was given") };
  try {
    return await look(call, mode === "require" ? REQUIRED_PATIENCE_MS : PATIENCE_MS, config);
  } catch (thrown) {
    const error = asRiptideError(thrown);
    if (error.exit === CONFIG && namesSocket(call)) throw error;
    if (error.code === "cancelled" || error.code === "internal") throw error;
    if (error.code === "protocol_mismatch") await sayMismatch(call, error);
    return { why: error };
  }
}

/** The exit code of what is wrong with the set-up itself. */
const CONFIG = 3;

/** @throws RiptideError why there is no daemon, for a call that must not do without it */
export function refuseWithout(call: Call, { why }: { readonly why: RiptideError }): void {
  if (daemonMode(call) !== "require") return;
  if (why.code !== "daemon_not_running") throw why;
  const { reasons = [], hint = "riptide daemon start" } = why.facts;
  throw new RiptideError(why.code, why.message, {
    ...why.facts,
    reasons: [...reasons, requiredBy(call)],
    hint: `${hint}   or   --daemon auto`,
  });
}

async function look(
  call: Call,
  limitMs: number,
  config?: { readonly daemon: DaemonSettings },
): Promise<Verdict> {
  const own = overrides(call);
  const socket = socketPath(call, config);
  if (own !== undefined) return { why: notUsable(`${own} holds for this process alone`) };
  checkSocket(socket, namesSocket(call));
  const found = await hello(call, socket, limitMs);
  checkProtocol(call, found);
  const foreign = await differenceTo(call, found);
  if (foreign !== undefined) return { why: notUsable(foreign) };
  if (found.state === "running") return { daemon: { socket, hello: found } };
  return { why: new RiptideError("shutting_down", `the daemon is ${found.state} and takes no new work`) };
}

/** What the daemon cannot know of, because it was said to this process. */
function overrides({ io, given }: Call): string | undefined {
  if (given.values("set").length > 0) return "--set";
  return io.environment.overrides[0]?.origin;
}

const notUsable = (reason: string) =>
  new RiptideError("daemon_not_running", "no daemon for this call", {
    reasons: [reason],
    hint: "riptide daemon status",
  });

async function differenceTo(call: Call, { config, stateDir }: Hello): Promise<string | undefined> {
  const { environment, cwd } = call.io;
  if (stateDir !== undefined && stateDir !== environment.stateDir) {
    return `the daemon keeps its state in ${stateDir}, this call in ${environment.stateDir}`;
  }
  const located = await locateConfig(call.given.value("config"), environment, cwd);
  const path = located.kind === "file" ? located.path : null;
  if (located.kind === "stdin") return "the configuration comes from stdin";
  // What the environment of this process offers is not what the daemon's offered, unless the caller insists.
  if (path === null && config.path === null && daemonMode(call) === "require") return undefined;
  if (path !== null && config.path !== null && isSameFile(path, config.path)) return undefined;
  return `the daemon works by ${config.path ?? "its environment"}, this call by ${path ?? "its own"}`;
}

function isSameFile(ours: string, theirs: string): boolean {
  if (ours === theirs) return true;
  try {
    return realpathSync(ours) === realpathSync(theirs);
  } catch {
    return false;
  }
}

async function sayMismatch(call: Call, { message }: RiptideError): Promise<void> {
  if (daemonMode(call) !== "auto" || call.given.has("quiet")) return;
  await call.io.stderr.write(`note: ${message}; working in this process\n`);
}
