import type { LookupFunction } from "node:net";
import type { Clock } from "../core/clock.ts";
import { readBody } from "./body.ts";
import { type Connection, type Connections, createConnections } from "./connections.ts";
import { createDialler, type Dialled } from "./dial.ts";
import { headError } from "./faults.ts";
import type { EndpointPolicy, Exchange, Transport, WireResponse } from "./http.ts";
import type { Engine, Head, PlainRequest } from "./link.ts";
import { systemLookup } from "./lookup.ts";
import { joinHeaders, type KnownAddresses, plainRequest } from "./plain.ts";

interface TransportOptions {
  readonly policy: EndpointPolicy;
  readonly clock: Clock;
  /** Looks names up; the system's lookup unless given. */
  readonly lookup?: LookupFunction | undefined;
}

/**
 * The transport both engines share: RipTide dials, keeps connections, aborts and judges failures itself; the
 * engine only speaks HTTP over an open connection. So every limit means the same under either of them.
 */
export function createTransport(engine: Engine, { policy, clock, lookup = systemLookup }: TransportOptions) {
  const dial = createDialler(policy, clock, lookup);
  const connections = createConnections();
  const known: KnownAddresses = new Map();

  async function connect(request: PlainRequest, exchange: Exchange): Promise<Opened> {
    const waiting = exchange.fresh ? undefined : connections.take(request.url.origin);
    if (waiting) return { connection: waiting, timings: {} };
    const { socket, timings } = await dial(request.url, exchange);
    return { connection: adopt(socket, request.url.origin, engine, connections), timings };
  }

  const transport: Transport = async (wireRequest, exchange) => {
    exchange.signal.throwIfAborted();
    const request = plainRequest(wireRequest, policy, known);
    const startedAt = clock.now();
    if (exchange.progress) exchange.progress.isUnsent = true;
    const { connection, timings } = await connect(request, exchange);
    if (exchange.progress) exchange.progress.isUnsent = false;
    const { head, release } = await converse(connection, request, exchange.signal);
    return respond(head, {
      clock,
      connection,
      exchange,
      release,
      timings: { ...timings, firstByteMs: clock.now() - startedAt },
    });
  };
  return { transport, connections };
}

interface Opened {
  readonly connection: Connection;
  readonly timings: Dialled["timings"];
}

function adopt(
  socket: Dialled["socket"],
  origin: string,
  engine: Engine,
  connections: Connections,
): Connection {
  const link = engine(socket, origin, () => connections.give(connection));
  const connection: Connection = { origin, socket, link, reused: false };
  connections.adopt(connection);
  return connection;
}

/**
 * Sends the request and waits for the head. From here to the end of the body an abort destroys the socket,
 * which ends whatever the engine is waiting for.
 */
async function converse({ socket, link, reused }: Connection, request: PlainRequest, signal: AbortSignal) {
  const bytesBefore = socket.bytesRead;
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  aborted.catch(() => undefined);
  const abort = () => {
    socket.destroy();
    reject(signal.reason);
  };
  signal.addEventListener("abort", abort, { once: true });
  // An abort since the connection was made has found nobody listening.
  if (signal.aborted) abort();
  const release = () => signal.removeEventListener("abort", abort);
  try {
    const head = await Promise.race([link.send(request), aborted]);
    return { head, release };
  } catch (error) {
    release();
    socket.destroy();
    if (signal.aborted) throw signal.reason;
    const broken = { host: request.url.host, connectionReused: reused };
    throw headError(error, broken, socket.bytesRead - bytesBefore);
  }
}

interface Answering {
  readonly clock: Clock;
  readonly connection: Connection;
  readonly exchange: Exchange;
  readonly timings: WireResponse["timings"];
  release(): void;
}

function respond(head: Head, answering: Answering): WireResponse {
  const { connection, exchange, timings } = answering;
  const headers = joinHeaders(head.headers);
  const { link, reused, origin } = connection;
  return {
    status: head.status,
    headers,
    timings,
    // An abort destroys the socket.
    endsWithSignal: true,
    body: readBody(head.body, {
      // An empty body is no compressed one, whatever the header says.
      encoding: headers["content-length"] === "0" ? undefined : headers["content-encoding"],
      maxBytes: exchange.maxBodyBytes,
      signal: exchange.signal,
      broken: { host: hostOf(origin), connectionReused: reused },
      isMalformed: link.isMalformed,
      finished: (complete) => finish(head, complete, answering),
    }),
  };
}

/** A stream that has said its last word has at most this long to come to its end. */
const LEAVE_MS = 1_000;

/** After a whole body the connection serves again; one that was left may too, when its end is near. */
function finish(head: Head, complete: boolean, { connection, exchange, clock, release }: Answering): void {
  const { socket } = connection;
  if (complete || exchange.signal.aborted || !head.leave) {
    release();
    if (!complete) socket.destroy();
    return;
  }
  const cancel = clock.timer(LEAVE_MS, () => socket.destroy());
  head.leave((isWhole) => {
    cancel();
    release();
    if (!isWhole) socket.destroy();
  });
}

/** The host and port of an origin, which has nothing behind them. */
const hostOf = (origin: string): string => origin.slice(origin.indexOf("//") + 2);
