import { loadConfig } from "../../config/load.ts";
import { RiptideError } from "../../core/errors.ts";
import type { JsonObject } from "../../core/json.ts";
import { createRegistry } from "../../providers/registry.ts";
import type { Call } from "../command.ts";
import { pluginsFor } from "../configured.ts";
import { socketPath } from "../socket-path.ts";
import { timeoutOf } from "../values.ts";
import { type Ask, type Reply, send, textOf } from "./connect.ts";
import { errorDocumentOf, errorOf } from "./errors.ts";
import { checkProtocol, type Hello, hello, objectOf } from "./hello.ts";
import { namesSocket } from "./mode.ts";
import { checkSocket } from "./socket-check.ts";

/** A daemon that answers, whatever it works by. */
export interface Contact {
  readonly socket: string;
  readonly hello: Hello;
}

/** How long a verb of the daemon may take, unless `--timeout` says. */
const VERB_MS = 10_000;

/** @throws RiptideError `usage` */
export const verbTimeoutMs = (call: Call): number => timeoutOf(call) ?? VERB_MS;

/**
 * Reaches the daemon.
 * @param options.anyProtocol Also one of another version, for what every version understands.
 * @throws RiptideError `daemon_not_running`, `socket_stale`, `protocol_mismatch`, and what is wrong with the path
 */
export async function contact(
  call: Call,
  { anyProtocol = false, limitMs = verbTimeoutMs(call) } = {},
): Promise<Contact> {
  const socket = await daemonSocket(call);
  checkSocket(socket, namesSocket(call));
  const found = await hello(call, socket, limitMs);
  if (!anyProtocol) checkProtocol(call, found);
  return { socket, hello: found };
}

/** Where the daemon of this call listens, also where only the configuration says so. @throws RiptideError `socket_path_invalid` */
export async function daemonSocket(call: Call): Promise<string> {
  if (namesSocket(call)) return socketPath(call);
  return socketPath(call, await quietConfig(call));
}

/** The configuration without a word about it: what is wrong with it is not what the call is about. */
async function quietConfig({ io, given }: Call) {
  if ((given.value("config") ?? io.environment.flags.config) === "-") return undefined;
  try {
    const { config } = await loadConfig({
      environment: io.environment,
      configFlag: given.value("config"),
      sets: given.values("set"),
      cwd: io.cwd,
      readStdin: async () => new Uint8Array(),
      registry: createRegistry(),
      loadPlugins: pluginsFor(io),
      installedModel: async () => undefined,
      clock: io.clock,
      version: io.version,
      signal: io.signal,
    });
    return config;
  } catch {
    return undefined;
  }
}

interface Control extends Pick<Ask, "method" | "path"> {
  readonly body?: object;
  readonly accept?: string;
  /** Undefined waits for as long as the caller does. */
  readonly limitMs?: number | undefined;
}

/**
 * Asks the daemon for a document.
 * @throws RiptideError what the daemon answers, `daemon_lost`, and `deadline_exceeded`
 */
export async function controlDocument(call: Call, { socket }: Contact, ask: Control): Promise<JsonObject> {
  const text = await controlText(call, socket, ask);
  const document = objectOf(text);
  if (document) return document;
  throw new RiptideError("daemon_lost", "the daemon did not answer with a document");
}

/** The same where the answer is no document. */
export async function controlText(call: Call, socket: string, ask: Control): Promise<string> {
  const limitMs = ask.limitMs ?? verbTimeoutMs(call);
  const late = new AbortController();
  const giveUp = () => late.abort(call.io.signal.reason);
  call.io.signal.addEventListener("abort", giveUp, { once: true });
  const cancel = call.io.clock.timer(limitMs, () =>
    late.abort(new RiptideError("deadline_exceeded", `the daemon did not answer within ${limitMs} ms`)),
  );
  try {
    return await textOf(await controlReply(socket, ask, late.signal));
  } finally {
    cancel();
    call.io.signal.removeEventListener("abort", giveUp);
  }
}

/** The head of an answer that is no error. @throws as {@link controlDocument} does */
export async function controlReply(socket: string, ask: Control, signal: AbortSignal): Promise<Reply> {
  const { method, path, body, accept = "application/json" } = ask;
  const text = body && JSON.stringify(body);
  const reply = await send(socket, { method, path, headers: { accept }, body: text, signal });
  if (reply.status < 300) return reply;
  throw errorOf(errorDocumentOf(await textOf(reply), reply.status));
}

/** Whether an error says that there is no daemon, rather than that something is wrong with it. */
export const isAbsent = (error: RiptideError): boolean =>
  error.code === "daemon_not_running" || error.code === "socket_stale";

/** Waits until something holds, looking again and again. @throws the signal's reason */
export async function waitUntil(
  { io }: Call,
  limitMs: number,
  holds: () => Promise<boolean>,
): Promise<boolean> {
  const endsAt = io.clock.now() + limitMs;
  for (;;) {
    if (await holds()) return true;
    if (io.clock.now() >= endsAt) return false;
    await io.clock.sleep(LOOK_EVERY_MS, io.signal);
  }
}

const LOOK_EVERY_MS = 25;
