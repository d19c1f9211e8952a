import { EventEmitter } from "node:events";
import type { Socket } from "node:net";
import { expect, it } from "vitest";
import { cutStalled } from "../../../src/daemon/http/stall.ts";
import { virtualClock } from "../../helpers/virtual-clock.ts";

/** A connection that holds so many bytes for its reader. */
function connection(writableLength: number, writeQueueSize: number) {
  const handle = { writeQueueSize };
  const socket = Object.assign(new EventEmitter(), {
    ...{ writableLength, _handle: handle, destroyed: false },
    destroy() {
      socket.destroyed = true;
      socket.emit("close");
    },
  });
  return { socket, handle, watched: socket as unknown as Socket }; // All that the watch looks at.
}

it("cuts off a reader that takes nothing for thirty seconds, and not before (SD-7)", async () => {
  const clock = virtualClock();
  const { socket, watched } = connection(1_000, 64_000);
  cutStalled(watched, clock);
  await clock.advance(29_999);
  expect(socket.destroyed).toBe(false);
  await clock.advance(1);
  expect([socket.destroyed, clock.pending]).toEqual([true, 0]);
});

it("counts anew whenever something was taken, by the program's buffers or the system's", async () => {
  const clock = virtualClock();
  const { socket, handle, watched } = connection(1_000, 64_000);
  cutStalled(watched, clock);
  await clock.advance(24_000);
  handle.writeQueueSize -= 1;
  await clock.advance(29_000);
  socket.writableLength -= 1;
  await clock.advance(29_000);
  expect(socket.destroyed).toBe(false);
  await clock.advance(10_000);
  expect(socket.destroyed).toBe(true);
});

it("leaves no timer behind once the answer has been taken or the connection has gone", async () => {
  const clock = virtualClock();
  const one = connection(1, 0);
  cutStalled(one.watched, clock)();
  const other = connection(1, 0);
  cutStalled(other.watched, clock);
  other.socket.destroy();
  expect([clock.pending, one.socket.listenerCount("close")]).toEqual([0, 0]);
});
