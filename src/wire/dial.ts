import { connect, isIP, type LookupFunction, type Socket } from "node:net";
import type { SecureContext, TLSSocket } from "node:tls";
import type { Clock } from "../core/clock.ts";
import { formatDuration } from "../core/duration.ts";
import { RiptideError } from "../core/errors.ts";
import { hostOf } from "./address.ts";
import { connectError } from "./faults.ts";
import type { EndpointPolicy, Exchange, WireTimings } from "./http.ts";
import { guardedLookup } from "./lookup.ts";
import { openTunnel, proxyFor } from "./proxy.ts";

/** A connection ready for a request, and how long its steps took. */
export interface Dialled {
  readonly socket: Socket;
  readonly timings: Omit<WireTimings, "firstByteMs">;
}

export type Dialler = (endpoint: URL, exchange: Exchange) => Promise<Dialled>;

/** What one attempt to connect has come to. */
interface Progress {
  /** Whom it is being made to, as messages name it: the proxy, then the endpoint behind it. */
  peer: string;
  phase: "lookup" | "connect" | "tls";
  readonly sockets: Socket[];
  readonly timings: { lookupMs?: number; connectMs?: number; tlsMs?: number };
  elapsedMs(): number;
}

interface Ways {
  readonly policy: EndpointPolicy;
  readonly lookup: LookupFunction;
  readonly secureContext: () => SecureContext;
}

/**
 * Opens connections: lookup, TCP, a proxy's tunnel, TLS. One timer is around all of it (DL-4), and it settles
 * the moment this timer or the signal fires, whatever the system is still waiting for.
 */
export function createDialler(policy: EndpointPolicy, clock: Clock, lookup: LookupFunction): Dialler {
  let context: SecureContext | undefined;
  const ways = { policy, lookup, secureContext: () => (context ??= createSecureContext(policy)) };
  return (endpoint, { signal, connectTimeoutMs }) =>
    new Promise((resolve, reject) => {
      const startedAt = clock.now();
      const progress: Progress = {
        peer: endpoint.host,
        phase: "lookup",
        sockets: [],
        timings: {},
        elapsedMs: () => clock.now() - startedAt,
      };
      const stop = (reason: unknown) => {
        finish();
        for (const socket of progress.sockets) socket.destroy();
        reject(reason);
      };
      const abort = () => stop(signal.reason);
      const cancelTimer = clock.timer(connectTimeoutMs, () =>
        stop(timeoutError(progress.peer, connectTimeoutMs)),
      );
      const finish = () => {
        cancelTimer();
        signal.removeEventListener("abort", abort);
      };
      signal.addEventListener("abort", abort, { once: true });
      openSocket(endpoint, ways, progress).then(
        (socket) => {
          finish();
          resolve({ socket, timings: progress.timings });
        },
        (error) => stop(connectError(error, progress.peer, progress.phase)),
      );
    });
}

function timeoutError(peer: string, limitMs: number): RiptideError {
  const message = `no connection to ${peer} within ${formatDuration(limitMs)}`;
  return new RiptideError("connect_failed", message, { phase: "timeout", action: "next" });
}

async function openSocket(endpoint: URL, ways: Ways, progress: Progress): Promise<Socket> {
  const proxy = proxyFor(endpoint, ways.policy);
  if (proxy) progress.peer = `the proxy ${proxy.host}`;
  let socket = await openTcp(proxy ?? endpoint, guardOf(ways, proxy), progress);
  if (proxy) {
    if (proxy.protocol === "https:") socket = await secure(socket, proxy, ways, progress);
    socket = await openTunnel(socket, proxy, endpoint);
    progress.peer = endpoint.host;
  }
  return endpoint.protocol === "https:" ? secure(socket, endpoint, ways, progress) : socket;
}

/** A proxy is the user's own machine more often than not; only metadata addresses are refused for it. */
const guardOf = ({ policy, lookup }: Ways, proxy: URL | undefined): LookupFunction =>
  guardedLookup(lookup, proxy ? { allowPrivate: true } : policy);

async function openTcp(to: URL, lookup: LookupFunction, progress: Progress): Promise<Socket> {
  const host = hostOf(to);
  if (isIP(host)) progress.phase = "connect";
  const socket = connect({
    host,
    port: Number(to.port || (to.protocol === "https:" ? 443 : 80)),
    noDelay: true,
    lookup: (hostname, options, callback) =>
      lookup(hostname, options, (error, found, family) => {
        if (!error) {
          progress.timings.lookupMs = progress.elapsedMs();
          progress.phase = "connect";
        }
        callback(error, found, family);
      }),
  });
  await ready(socket, "connect", progress);
  progress.timings.connectMs = progress.elapsedMs();
  return socket;
}

async function secure(plain: Socket, to: URL, ways: Ways, progress: Progress): Promise<TLSSocket> {
  const host = hostOf(to);
  progress.phase = "tls";
  const socket = process.getBuiltinModule("node:tls").connect({
    socket: plain,
    host,
    servername: isIP(host) ? "" : host, // An address is no server name (RFC 6066).
    secureContext: ways.secureContext(),
    ALPNProtocols: ["http/1.1"],
    rejectUnauthorized: true,
  });
  await ready(socket, "secureConnect", progress);
  progress.timings.tlsMs = progress.elapsedMs();
  return socket;
}

function createSecureContext({ ca }: EndpointPolicy): SecureContext {
  const tls = process.getBuiltinModule("node:tls");
  const trusted = ca === undefined ? {} : { ca: [...tls.getCACertificates("default"), ca] };
  return tls.createSecureContext({ minVersion: "TLSv1.2", ...trusted });
}

function ready(socket: Socket, event: "connect" | "secureConnect", progress: Progress): Promise<void> {
  progress.sockets.push(socket);
  return new Promise((resolve, reject) => {
    // Stays for good: between two owners of a socket an error must not become an uncaught exception.
    socket.on("error", reject);
    socket.once(event, () => resolve());
  });
}
