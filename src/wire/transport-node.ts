import type { Agent } from "node:http";
import type { LookupFunction, Socket } from "node:net";
import type { Clock } from "../core/clock.ts";
import type { EndpointPolicy, Transport } from "./http.ts";
import { type Engine, type Head, KEEP_ALIVE_MS, MAX_HEADER_BYTES, type PlainRequest } from "./link.ts";
import { createTransport } from "./transport.ts";

/**
 * The transport of one-shot commands, on Node's own HTTP client, which starts faster than undici. An idle
 * connection does not keep the process alive.
 *
 * @param lookup the system's lookup unless given
 */
export function createNodeTransport(
  policy: EndpointPolicy,
  clock: Clock,
  lookup?: LookupFunction,
): Transport {
  return createTransport(nodeEngine, { policy, clock, lookup }).transport;
}

/** One agent per connection: it is here only because Node keeps a connection alive for an agent alone. */
const nodeEngine: Engine = (socket, _origin, idle) => {
  const { Agent } = process.getBuiltinModule("node:http");
  const agent = new Agent({ keepAlive: true, maxSockets: 1, timeout: KEEP_ALIVE_MS });
  agent.createConnection = handOnce(socket);
  agent.on("free", idle);
  return { send: (request) => send(request, agent), isMalformed };
};

/** When the connection is gone Node asks for another one; the request has to fail instead. */
function handOnce(socket: Socket): () => Socket {
  let handed = false;
  return () => {
    if (handed) throw new Error("the connection was closed while it waited");
    handed = true;
    return socket;
  };
}

/** llhttp's own codes, except the one for an end in the middle. */
const isMalformed = (error: unknown): boolean =>
  error instanceof Error && "code" in error && /^HPE_(?!INVALID_EOF_STATE)/.test(String(error.code));

function send({ method, url, headers, body }: PlainRequest, agent: Agent): Promise<Head> {
  return new Promise((resolve, reject) => {
    const outgoing = process.getBuiltinModule("node:http").request({
      agent,
      method,
      host: url.hostname,
      path: url.pathname + url.search,
      headers,
      maxHeaderSize: MAX_HEADER_BYTES,
      insecureHTTPParser: false,
    });
    outgoing.once("response", (message) => {
      // Node reports a malformed body to the request and tells the body only that it was cut.
      outgoing.on("error", (error) => message.destroy(error));
      // A body nobody reads may fail as well.
      message.on("error", () => undefined);
      resolve({ status: message.statusCode ?? 0, headers: message.headersDistinct, body: message });
    });
    // Without a listener Node would leave the request hanging.
    outgoing.once("upgrade", () => reject(new Error("it changed the protocol")));
    outgoing.on("error", reject);
    outgoing.end(body);
  });
}
