import type { LookupFunction } from "node:net";
import { Client, errors } from "undici";
import type { Clock } from "../core/clock.ts";
import type { EndpointPolicy, Transport } from "./http.ts";
import { type Engine, KEEP_ALIVE_MS, MAX_HEADER_BYTES } from "./link.ts";
import { createTransport } from "./transport.ts";

/**
 * The transport of long-lived processes, on undici. `close` closes idle connections; one in use closes when
 * its answer ends.
 *
 * @param lookup the system's lookup unless given
 */
export function createUndiciTransport(
  policy: EndpointPolicy,
  clock: Clock,
  lookup?: LookupFunction,
): { readonly transport: Transport; close(): Promise<void> } {
  const { transport, connections } = createTransport(undiciEngine, { policy, clock, lookup });
  return { transport, close: async () => connections.close() };
}

/**
 * One client per connection, none of undici's pools: these settle an abort only after they have connected,
 * and tell nobody which request a connection was opened for.
 */
const undiciEngine: Engine = (socket, origin, idle) => {
  let handed = false;
  const client = new Client(origin, {
    allowH2: false,
    useMilo: false,
    pipelining: 1,
    keepAliveTimeout: KEEP_ALIVE_MS,
    keepAliveMaxTimeout: KEEP_ALIVE_MS,
    maxHeaderSize: MAX_HEADER_BYTES,
    // Deadlines are the caller's; undici's own clock is half a second coarse.
    headersTimeout: 0,
    bodyTimeout: 0,
    connect(_options, callback) {
      const gone = handed;
      handed = true;
      // undici goes on only when called back later.
      queueMicrotask(() =>
        gone
          ? callback(new Error("the connection was closed while it waited"), null)
          : callback(null, socket),
      );
    },
  });
  client.on("drain", idle);
  return {
    async send({ method, url, headers, body }) {
      const path = url.pathname + url.search;
      const response = await client.request({ method, path, headers, body: body ?? null });
      return { status: response.statusCode, headers: response.headers, body: response.body };
    },
    // The parser's code gets lost in undici; where the connection ended in the middle, it had no bytes to blame.
    isMalformed: (error) => error instanceof errors.HTTPParserError && "data" in error && error.data !== "",
  };
};
