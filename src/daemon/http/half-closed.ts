import type { Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Clock } from "../../core/clock.ts";

/** Twice within the time in which a caller who has gone has to be noticed (SD-7). */
const LOOK_EVERY_MS = 40;

/**
 * Answers callers who end their side of the connection when they have asked, as `socat` and `nc -N` do. What arrives is
 * the same when they have gone; but a Unix socket whose other end is closed refuses even a write of nothing, which tells
 * the two apart on Linux. By TCP nothing does, and there the end of a caller's side is taken for its leave.
 *
 * @param running The answer that is under way on a connection.
 */
export function answerHalfClosed(
  server: Server,
  running: (socket: Socket) => ServerResponse | undefined,
  clock: Clock,
): void {
  // Not in Node's documentation; without it a request is aborted when its caller has ended its own side.
  Object.assign(server, { httpAllowHalfOpen: true });
  server.on("connection", (socket) =>
    socket.once("end", () => {
      const response = running(socket);
      if (response) watch(socket, response, clock);
    }),
  );
}

/** Looks until the answer has ended; a failed write destroys the socket, and with it the request. */
function watch(socket: Socket, response: ServerResponse, clock: Clock): void {
  let cancel = () => {};
  const look = () => {
    if (socket.destroyed) return;
    if (socket.writableLength === 0) socket.write("");
    cancel = clock.timer(LOOK_EVERY_MS, look);
  };
  response.once("close", () => cancel());
  look();
}
