import type { Clock } from "../../core/clock.ts";
import type { Knock } from "../gate.ts";
import { createFairQueue, type Waiter } from "./queue.ts";
import { waitLimitMs } from "./refusals.ts";

/** Those who wait for a place, each for as long as it may. */
export interface WaitingRoom {
  size(): number;
  sizeOf(tenant: string): number;
  /**
   * Resolves with the time it waited when it was called in.
   * @param tooLong Makes the error of a wait that came to nothing.
   * @throws that error, or the reason of its signal
   */
  wait(knock: Knock, tooLong: () => unknown): Promise<number>;
  /** Calls in whoever may go, in turn; `begin` takes the place before the next one is looked at. */
  callIn(mayGo: (knock: Knock) => boolean, begin: (knock: Knock) => void): void;
  sendAway(error: unknown): void;
}

interface Waiting extends Waiter, Knock {
  admit(): void;
  refuse(error: unknown): void;
}

export function createWaitingRoom(clock: Clock): WaitingRoom {
  const queue = createFairQueue<Waiting>();

  function wait(knock: Knock, tooLong: () => unknown): Promise<number> {
    const sinceMs = clock.now();
    const { signal } = knock;
    return new Promise((resolve, reject) => {
      const end = () => {
        cancel();
        signal.removeEventListener("abort", giveUp);
      };
      const waiting: Waiting = {
        ...knock,
        priority: knock.places.priority,
        admit() {
          end();
          resolve(clock.now() - sinceMs);
        },
        refuse(error) {
          end();
          queue.remove(waiting);
          reject(error);
        },
      };
      const giveUp = () => waiting.refuse(signal.reason);
      const cancel = clock.timer(waitLimitMs(knock), () => waiting.refuse(tooLong()));
      signal.addEventListener("abort", giveUp, { once: true });
      queue.add(waiting);
    });
  }

  return {
    size: queue.size,
    sizeOf: queue.sizeOf,
    wait,
    callIn(mayGo, begin) {
      for (let next = queue.take(mayGo); next; next = queue.take(mayGo)) {
        begin(next);
        next.admit();
      }
    },
    sendAway(error) {
      for (const waiting of queue.clear()) waiting.refuse(error);
    },
  };
}
