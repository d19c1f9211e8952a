import type { Placed } from "../../config/problems.ts";
import { asRiptideError, RiptideError } from "../../core/errors.ts";
import type { Json, JsonObject } from "../../core/json.ts";
import type { Call } from "../command.ts";
import { send, textOf } from "./connect.ts";
import { notRunning } from "./socket-check.ts";

/** The number that this client and a daemon have to share. */
export const PROTOCOL = 1;

/** What a daemon says of itself before anything is sent to it. */
export interface Hello {
  readonly version: string;
  readonly protocol: number;
  readonly pid: number;
  readonly state: string;
  readonly stateDir: string | undefined;
  readonly config: {
    readonly path: string | null;
    readonly revision: string;
    /** What a call that loads it by itself would say of it. */
    readonly warnings: readonly Placed[];
  };
  /** What the command line has to know of its configuration; absent where it does not say. */
  readonly maxStdinBytes: number | undefined;
}

/**
 * Asks who answers at a socket.
 * @param limitMs How long it may take.
 * @throws RiptideError `daemon_not_running`, `socket_stale`; `protocol_mismatch` for what is no daemon of riptide
 */
export async function hello({ io }: Call, socket: string, limitMs: number): Promise<Hello> {
  const late = new AbortController();
  const giveUp = () => late.abort(io.signal.reason);
  io.signal.addEventListener("abort", giveUp, { once: true });
  const cancel = io.clock.timer(limitMs, () =>
    late.abort(notRunning(socket, `it did not answer within ${limitMs} ms`)),
  );
  try {
    const reply = await send(socket, { method: "GET", path: "/riptide/v1/hello", signal: late.signal });
    return read(await textOf(reply), socket);
  } catch (thrown) {
    const error = asRiptideError(thrown);
    // Whoever takes a connection and says nothing is no daemon that could be relied on.
    throw error.code === "daemon_lost" ? notRunning(socket, "it took the connection and ended it") : error;
  } finally {
    cancel();
    io.signal.removeEventListener("abort", giveUp);
  }
}

/** @throws RiptideError `protocol_mismatch` with the versions of both */
export function checkProtocol({ io }: Call, { protocol, version }: Hello): void {
  if (protocol === PROTOCOL) return;
  throw mismatch(
    `the daemon (riptide ${version}) speaks protocol ${protocol}, this command (riptide ${io.version}) ${PROTOCOL}`,
  );
}

const mismatch = (message: string) =>
  new RiptideError("protocol_mismatch", message, {
    hint: "riptide daemon restart   (brings a daemon of this version)",
  });

function read(text: string, socket: string): Hello {
  const said = objectOf(text);
  const config = said?.config;
  if (said?.schema !== "riptide.hello/1" || typeof said.protocol !== "number" || !isObject(config)) {
    throw mismatch(`what answers at ${socket} is no daemon of riptide that this version knows`);
  }
  const limits = said.limits;
  const maxStdin = isObject(limits) ? limits.max_stdin_bytes : undefined;
  return {
    version: String(said.version),
    protocol: said.protocol,
    pid: Number(said.pid),
    state: String(said.state),
    stateDir: typeof said.state_dir === "string" ? said.state_dir : undefined,
    config: {
      path: typeof config.path === "string" ? config.path : null,
      revision: String(config.revision ?? ""),
      warnings: listOf(config.warnings).filter(isObject).map(placedOf),
    },
    maxStdinBytes: typeof maxStdin === "number" ? maxStdin : undefined,
  };
}

const listOf = (value: Json | undefined): readonly Json[] => (Array.isArray(value) ? value : []);

const placedOf = ({ line, column, message }: JsonObject): Placed => ({
  line: typeof line === "number" ? line : null,
  column: typeof column === "number" ? column : null,
  message: String(message),
});

/** A text as a JSON object; undefined where it is none. */
export function objectOf(text: string): JsonObject | undefined {
  try {
    const value: Json = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

export const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);
