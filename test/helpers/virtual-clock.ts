import type { Clock } from "../../src/core/clock.ts";

export interface VirtualClock extends Clock {
  /**
   * Moves time on, firing each timer at its own time and letting promises settle after it, so that a sleep
   * begun by a fired timer is counted too. Sockets are not waited for.
   */
  advance(ms: number): Promise<void>;
  /** Moves time on at once and fires what is due; nothing that awaits runs in between. */
  skip(ms: number): void;
  /** Moves the calendar alone, as a corrected system clock does. */
  shiftWall(ms: number): void;
  /** Timers that have neither fired nor been cancelled. */
  readonly pending: number;
}

interface Timer {
  readonly at: number;
  readonly expire: () => void;
}

/** 22 November 2026, 15:00 UTC. */
const START_WALL_MS = Date.UTC(2026, 10, 22, 15);

/** A clock that stands still until it is told to move; `now` begins at 0. */
export function virtualClock(startWallMs = START_WALL_MS): VirtualClock {
  const timers = new Set<Timer>();
  let now = 0;
  let wallAtZero = startWallMs;

  const fireNext = (until: number): boolean => {
    let next: Timer | undefined;
    for (const timer of timers) if (timer.at <= until && timer.at < (next?.at ?? Infinity)) next = timer;
    if (!next) return false;
    timers.delete(next);
    now = Math.max(now, next.at);
    next.expire();
    return true;
  };

  const timer: Clock["timer"] = (ms, expire) => {
    const entry = { at: now + Math.max(0, ms), expire };
    timers.add(entry);
    return () => void timers.delete(entry);
  };

  return {
    now: () => now,
    wall: () => wallAtZero + now,
    timer,
    sleep: (ms, signal) => sleep(timer, ms, signal),
    async advance(ms) {
      const until = now + ms;
      await settle();
      while (fireNext(until)) await settle();
      now = until;
    },
    skip(ms) {
      const until = now + ms;
      while (fireNext(until));
      now = until;
    },
    shiftWall(ms) {
      wallAtZero += ms;
    },
    get pending() {
      return timers.size;
    },
  };
}

function sleep(timer: Clock["timer"], ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const stop = () => {
      cancel();
      reject(signal?.reason);
    };
    const cancel = timer(ms, () => {
      signal?.removeEventListener("abort", stop);
      resolve();
    });
    signal?.addEventListener("abort", stop, { once: true });
  });
}

/** Every promise that can settle without I/O has settled when this resolves. */
const settle = () => new Promise<void>((resolve) => setImmediate(resolve));
