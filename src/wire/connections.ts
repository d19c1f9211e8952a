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
  /** The one used last that is still open. */
  take(origin: string): Connection | undefined;
  /** Its answer has been read to the end. */
  give(connection: Connection): void;
  /** Closes those that wait; from now on none is kept. */
  close(): void;
}

/** Nobody waits yet. Engines close what waits too long, and what receives bytes nobody asked for. */
export function createConnections(): Connections {
  const waiting = new Set<Connection>();
  let closed = false;
  return {
    take(origin) {
      const found = [...waiting].findLast(({ origin: its, socket }) => its === origin && !socket.destroyed);
      if (found) waiting.delete(found);
      return found;
    },
    give(connection) {
      if (connection.socket.destroyed) return;
      if (closed) return void connection.socket.destroy();
      if (!connection.reused) connection.socket.once("close", () => waiting.delete(connection));
      connection.reused = true;
      waiting.add(connection);
    },
    close() {
      closed = true;
      for (const { socket } of waiting) socket.destroy();
    },
  };
}
