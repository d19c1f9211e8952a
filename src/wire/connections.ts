import type { Socket } from "node:net";
import type { Link } from "./link.ts";

/** An open connection under an HTTP engine. */
export interface Connection {
  readonly origin: string;
  readonly socket: Socket;
  readonly link: Link;
  /** It has served a request before this one. */
  reused: boolean;
}

/** Connections waiting for their next request, by origin. */
export interface Connections {
  /** A new one, which serves its first request. */
  adopt(connection: Connection): void;
  /** The one used last that is still open. */
  take(origin: string): Connection | undefined;
  /** Its answer has been read to the end. */
  give(connection: Connection): void;
  /** Closes those that wait; from now on none is kept. */
  close(): void;
  /** Closes all of them, whatever they are doing. */
  destroy(): void;
}

/** Nobody waits yet. Engines close what waits too long, and what receives bytes nobody asked for. */
export function createConnections(): Connections {
  // By origin, the one used last at the end.
  const waiting = new Map<string, Connection[]>();
  const open = new Set<Socket>();
  let closed = false;
  return {
    adopt({ socket }) {
      open.add(socket);
      socket.once("close", () => open.delete(socket));
    },
    take(origin) {
      const stack = waiting.get(origin);
      for (let next = stack?.pop(); next; next = stack?.pop()) if (!next.socket.destroyed) return next;
      return undefined;
    },
    give(connection) {
      if (connection.socket.destroyed) return;
      if (closed) return void connection.socket.destroy();
      const stack = waiting.get(connection.origin) ?? [];
      waiting.set(connection.origin, stack);
      if (!connection.reused) connection.socket.once("close", () => forget(stack, connection));
      connection.reused = true;
      stack.push(connection);
    },
    close() {
      closed = true;
      for (const { socket } of [...waiting.values()].flat()) socket.destroy();
    },
    destroy() {
      closed = true;
      for (const socket of open) socket.destroy();
    },
  };
}

function forget(stack: Connection[], connection: Connection): void {
  const at = stack.indexOf(connection);
  if (at >= 0) stack.splice(at, 1);
}
