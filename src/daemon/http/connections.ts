import type { ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Clock } from "../../core/clock.ts";
import { sendAndClose } from "./client-error.ts";

/** Connections that have not asked for anything yet, above which another one is told to go (H-1). */
const MAX_SILENT = 1_024;
/** How long one above that has to ask before it is told so. */
const GRACE_MS = 250;

/** The connections of one door, and what is under way on each. */
export interface Connections {
  opened(socket: Socket): void;
  /** True where the request may be looked at; else the connection is on its way out. */
  asked(socket: Socket, response: ServerResponse): boolean;
  /** The answer that is under way. */
  running(socket: Socket): ServerResponse | undefined;
}

/**
 * Only connections that say nothing are counted: those that work are the gate's to limit, and two thousand streams need
 * as many of them.
 */
export function createConnections(clock: Clock, maxSilent = MAX_SILENT): Connections {
  const silent = new Set<Socket>();
  const running = new WeakMap<Socket, ServerResponse>();

  function refuse(socket: Socket): void {
    if (silent.size <= maxSilent || !silent.delete(socket) || !socket.writable) return;
    sendAndClose(socket, "503 Service Unavailable", {
      code: "overloaded_local",
      message: `${maxSilent} connections wait that have asked for nothing`,
    });
  }

  return {
    opened(socket) {
      silent.add(socket);
      socket.once("close", () => silent.delete(socket));
      if (silent.size <= maxSilent) return;
      const cancel = clock.timer(GRACE_MS, () => refuse(socket));
      socket.once("close", cancel);
    },
    asked(socket, response) {
      if (!running.has(socket)) {
        const isRefused = !silent.has(socket);
        if (isRefused) return false;
        silent.delete(socket);
      }
      running.set(socket, response);
      return true;
    },
    running(socket) {
      const response = running.get(socket);
      return response?.writableFinished ? undefined : response;
    },
  };
}
