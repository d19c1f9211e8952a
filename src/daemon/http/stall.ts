import type { Socket } from "node:net";
import type { Clock } from "../../core/clock.ts";

/** A reader that takes nothing for so long is cut off (SD-7). */
export const STALL_MS = 30_000;

/** So often it is looked at what has been taken. */
const LOOKS = 6;

/**
 * Closes the connection of a reader that takes nothing of what waits for it for so long; slow is well, silent is not.
 * Node's own timer takes the first part that fits into the system's buffers for progress, and so waits twice as long.
 * @returns Ends the watch.
 */
export function cutStalled(socket: Socket, clock: Clock, stallMs = STALL_MS): () => void {
  let waiting = waitingBytes(socket);
  let sinceMs = clock.now();
  const look = () => {
    const left = waitingBytes(socket);
    if (left !== waiting) {
      waiting = left;
      sinceMs = clock.now();
    }
    if (clock.now() - sinceMs >= stallMs) socket.destroy();
    else if (!socket.destroyed) cancel = clock.timer(stallMs / LOOKS, look);
  };
  let cancel = clock.timer(stallMs / LOOKS, look);
  const stop = () => cancel();
  socket.once("close", stop);
  return () => {
    socket.off("close", stop);
    cancel();
  };
}

/** What Node and the handle of the system still hold for the reader. */
function waitingBytes(socket: Socket): number {
  const { _handle: handle } = socket as { readonly _handle?: { readonly writeQueueSize?: number } | null }; // Node's own timer looks there, too.
  return socket.writableLength + (handle?.writeQueueSize ?? 0);
}
