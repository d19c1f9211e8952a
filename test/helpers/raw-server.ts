import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer, type TlsOptions } from "node:tls";

/** The server's end of one connection, driven by hand. */
export interface Peer {
  readonly socket: Socket;
  /** The next request on this connection, head and body as text; never settles when none comes. */
  request(): Promise<string>;
  send(bytes: string | Uint8Array): void;
  /** FIN. */
  end(): void;
  /** RST. */
  reset(): void;
  readonly closed: Promise<void>;
}

export interface RawServer {
  readonly port: number;
  /** `http://127.0.0.1:PORT`, or https. */
  readonly url: string;
  /** Every connection so far. */
  readonly peers: readonly Peer[];
  close(): Promise<void>;
}

/** Starts a server that does to each connection what `script` says, without any notion of HTTP. */
export async function startRawServer(
  script: (peer: Peer, index: number) => unknown,
  tls?: TlsOptions,
): Promise<RawServer> {
  const peers: Peer[] = [];
  const sockets = new Set<Socket>();
  const accept = (socket: Socket) => {
    const peer = createPeer(socket);
    peers.push(peer);
    script(peer, peers.length - 1);
  };
  const server: Server = tls
    ? createTlsServer(tls, accept)
    : createServer({ allowHalfOpen: true, noDelay: true }, accept);
  server.on("connection", (socket: Socket) => sockets.add(socket));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `${tls ? "https" : "http"}://127.0.0.1:${port}`,
    peers,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

function createPeer(socket: Socket): Peer {
  let text = "";
  let wake = () => {};
  socket.on("error", () => {});
  socket.on("data", (chunk) => {
    text += chunk.toString("latin1");
    wake();
  });
  socket.on("end", () => socket.end());
  const take = () => {
    const headEnd = text.indexOf("\r\n\r\n") + 4;
    if (headEnd < 4) return undefined;
    const length = Number(/content-length: (\d+)/i.exec(text)?.[1] ?? 0);
    if (text.length < headEnd + length) return undefined;
    const request = text.slice(0, headEnd + length);
    text = text.slice(headEnd + length);
    return request;
  };
  return {
    socket,
    async request() {
      for (;;) {
        const request = take();
        if (request !== undefined) return request;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
    send: (bytes) => void socket.write(bytes),
    end: () => void socket.end(),
    reset: () => void socket.resetAndDestroy(),
    closed: new Promise((resolve) => socket.once("close", () => resolve())),
  };
}
