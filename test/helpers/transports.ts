import type { LookupFunction } from "node:net";
import type { TlsOptions } from "node:tls";
import { afterEach, expect } from "vitest";
import { type Clock, systemClock } from "../../src/core/clock.ts";
import type { RiptideError } from "../../src/core/errors.ts";
import type { EndpointPolicy, Exchange, Transport, WireRequest } from "../../src/wire/http.ts";
import { createNodeTransport } from "../../src/wire/transport-node.ts";
import { createUndiciTransport } from "../../src/wire/transport-undici.ts";
import { type Peer, type RawServer, startRawServer } from "./raw-server.ts";

type Make = (policy?: Partial<EndpointPolicy>, lookup?: LookupFunction, clock?: Clock) => Transport;

/** Both transports; every behaviour is tested over each. */
export const ENGINES: readonly (readonly [name: string, make: Make])[] = [
  [
    "node",
    (policy, lookup, clock = systemClock) =>
      createNodeTransport({ allowPrivate: false, ...policy }, clock, lookup),
  ],
  [
    "undici",
    (policy, lookup, clock = systemClock) =>
      createUndiciTransport({ allowPrivate: false, ...policy }, clock, lookup).transport,
  ],
];

export const OK = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
const servers: RawServer[] = [];

/** Closes what {@link serve} has started, after each test of the file that calls this. */
export function closeServersAfterEach(): void {
  afterEach(async () => {
    await Promise.all(servers.splice(0).map((server) => server.close()));
  });
}

/** A raw server that is closed after the test. */
export async function serve(
  script: (peer: Peer, index: number) => unknown,
  tls?: TlsOptions,
): Promise<RawServer> {
  const server = await startRawServer(script, tls);
  servers.push(server);
  return server;
}

/** A server that answers each connection's first request with these bytes and closes. */
export const answering = (...parts: readonly (string | Uint8Array)[]) =>
  serve(async (peer) => {
    await peer.request();
    for (const part of parts) peer.send(part);
    peer.end();
  });

export function exchange(signal: AbortSignal = new AbortController().signal): Exchange {
  return { signal, connectTimeoutMs: 5_000 };
}

export const get = (url: string, headers: WireRequest["headers"] = {}): WireRequest => ({
  method: "GET",
  url,
  headers,
});

export async function text(body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks).toString("utf8");
}

export async function fetchText(transport: Transport, url: string, how = exchange()): Promise<string> {
  return text((await transport(get(url), how)).body);
}

/** Code, phase, action, reuse and message of a failure. */
export async function failure(result: Promise<unknown>) {
  const error = await result.then(
    () => expect.unreachable("succeeded"),
    (thrown) => thrown as RiptideError,
  );
  const { code, action, message, facts } = error;
  return { code, action, message, phase: facts?.phase, reused: facts?.connectionReused };
}
