import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { asRiptideError } from "../../core/errors.ts";
import type { Daemon } from "../context.ts";
import { admitAtDoor } from "../identity.ts";
import type { Routes } from "../routes.ts";
import { answerClientError, sendAndClose } from "./client-error.ts";
import { createConnections } from "./connections.ts";
import { type Arrival, type Door, exchangeOf } from "./exchange.ts";
import { answerHalfClosed } from "./half-closed.ts";
import { refuse } from "./refuse.ts";
import { refusalOf } from "./strictness.ts";
import { answerUnknown } from "./unknown.ts";

/** Limits of daemon.md; times are milliseconds. Node's parser is left as strict as it is. */
const LIMITS = {
  headersTimeout: 5_000,
  requestTimeout: 30_000,
  connectionsCheckingInterval: 1_000,
  maxHeaderSize: 8 * 1024,
  keepAliveTimeout: 60_000,
  // How many there are is looked at here, and answered in our own words.
  requireHostHeader: false,
} as const;
/** One more than may be, since Node leaves out the rest without a word. */
const MAX_HEADERS = 101;
/** Far above what may work or wait; beyond it a connection is dropped unheard. */
const MAX_CONNECTIONS = 8_192;
const MAX_REQUESTS_PER_CONNECTION = 1_000;

/** A server that answers what comes in by one door. Nothing listens yet. */
export function createDoor(door: Door, routes: Routes, daemon: Daemon): Server {
  const connections = createConnections(daemon.clock);
  const { createServer } = process.getBuiltinModule("node:http");
  const server = createServer(LIMITS, (request: IncomingMessage, response: ServerResponse) => {
    if (!connections.asked(request.socket, response)) return;
    const { clock } = daemon;
    void serve({ request, response, door, arrivedMs: clock.wall(), clock }, routes, daemon);
  });
  server.on("connection", connections.opened);
  if (door.kind !== "tcp" && process.platform === "linux") {
    answerHalfClosed(server, connections.running, daemon.clock);
  }
  server.on("clientError", (error, socket) => {
    // A server without TLS has sockets of node:net only.
    const connection = socket as IncomingMessage["socket"];
    answerClientError(error, connection, connections.running(connection));
  });
  server.on("connect", (_request, socket) => {
    // Node has taken its own listener away, and an error nobody hears ends the process.
    socket.on("error", () => socket.destroy());
    // A server without TLS has sockets of node:net only.
    sendAndClose(socket as IncomingMessage["socket"], "501 Not Implemented", {
      code: "invalid_request",
      message: "this is no proxy: CONNECT is not understood",
    });
  });
  server.maxHeadersCount = MAX_HEADERS;
  server.maxConnections = MAX_CONNECTIONS;
  server.maxRequestsPerSocket = MAX_REQUESTS_PER_CONNECTION;
  return server;
}

async function serve(arrival: Arrival, routes: Routes, daemon: Daemon): Promise<void> {
  const exchange = exchangeOf(arrival);
  const refused = refusalOf(arrival.request, arrival.door);
  if (refused) return refuse(exchange, daemon, routes, refused, { connection: "close" });
  try {
    admitAtDoor(exchange, daemon.generations.current());
  } catch (thrown) {
    return refuse(exchange, daemon, routes, asRiptideError(thrown));
  }
  const route = routes.find(exchange.method, exchange.path);
  if (!route) return answerUnknown(exchange, daemon, routes);
  try {
    await route(exchange, daemon);
  } catch (thrown) {
    const { code, message } = asRiptideError(thrown);
    daemon.log.error({ code, path: exchange.path, error: daemon.redact(message) }, "a route failed");
    exchange.response.destroy();
  }
}
