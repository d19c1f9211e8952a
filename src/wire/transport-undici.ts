import type { LookupFunction } from "node:net";
import { Client, type Dispatcher, errors } from "undici";
import type { Clock } from "../core/clock.ts";
import { type ChunkQueue, createChunkQueue } from "./chunk-queue.ts";
import type { EndpointPolicy, Transport } from "./http.ts";
import { type Engine, type Head, KEEP_ALIVE_MS, MAX_HEADER_BYTES } from "./link.ts";
import { createTransport } from "./transport.ts";

/**
 * The transport of long-lived processes, on undici. `close` closes idle connections; one in use closes when
 * its answer ends, and with `destroy` at once.
 *
 * @param lookup the system's lookup unless given
 */
export function createUndiciTransport(
  policy: EndpointPolicy,
  clock: Clock,
  lookup?: LookupFunction,
): { readonly transport: Transport; close(): Promise<void>; destroy(): void } {
  const { transport, connections } = createTransport(undiciEngine, { policy, clock, lookup });
  return { transport, close: async () => connections.close(), destroy: connections.destroy };
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
  // The connection is free when the answer has come and has been read: until then an abort closes it.
  let isDrained = true;
  let isRead = true;
  client.on("drain", () => {
    isDrained = true;
    if (isRead) idle();
  });
  const onRead = () => {
    isRead = true;
    if (isDrained) idle();
  };
  return {
    send({ method, url, headers, body }) {
      isDrained = false;
      isRead = false;
      return new Promise((resolve, reject) => {
        const path = url.pathname + url.search;
        client.dispatch({ method, path, headers, body: body ?? null }, answer({ resolve, reject, onRead }));
      });
    },
    // The parser's code gets lost in undici; where the connection ended in the middle, it had no bytes to blame.
    isMalformed: (error) => error instanceof errors.HTTPParserError && "data" in error && error.data !== "",
  };
};

interface Answer {
  resolve(head: Head): void;
  reject(error: unknown): void;
  onRead(): void;
}

/** Hands over the head when it comes, and then the bytes at the reader's pace. */
function answer({ resolve, reject, onRead }: Answer): Dispatcher.DispatchHandler {
  let body: ChunkQueue | undefined;
  return {
    onRequestStart() {},
    onResponseStart(controller, status, headers) {
      // What comes before the answer says nothing of it (RFC 9110, 15.2).
      if (status < 200) return;
      // undici would keep them, and the bytes that they were cut from, until the answer has ended.
      controller.rawHeaders = null;
      body = createChunkQueue(controller, onRead);
      resolve({ status, headers, body: body.chunks, leave: body.leave });
    },
    onResponseData: (_controller, chunk) => body?.push(chunk),
    onResponseEnd: () => body?.end(),
    onResponseError(_controller, error) {
      if (body) body.fail(error);
      else reject(error);
    },
  };
}
