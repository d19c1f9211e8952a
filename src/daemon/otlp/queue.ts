import type { Clock } from "../../core/clock.ts";
import type { Counter } from "../metrics/registry.ts";
import type { Posted } from "./post.ts";
import { countSpans, type Ended } from "./spans.ts";

export interface QueueParts {
  readonly clock: Clock;
  /** Counts the spans of requests that were given up. */
  readonly dropped: Counter;
  send(batch: readonly Ended[]): Promise<Posted>;
}

/** Requests on their way to the collector, in batches, one after the other. */
export interface Queue {
  /** Costs a place in a list; everything else comes later. */
  add(ended: Ended): void;
  /** Sends what waits without a pause, once; nothing is sent by itself from then on. */
  flush(): Promise<void>;
  /** Drops what still waits. */
  abandon(): void;
}

/** Requests that may wait; those that come then are dropped. */
const MAX_WAITING = 2_048;
/** So few that putting them into JSON holds up nobody for longer than about a millisecond. */
const BATCH = 64;
const GATHER_MS = 1_000;
const MAX_PAUSE_MS = 30_000;

export function createQueue({ clock, dropped, send }: QueueParts): Queue {
  const waiting: Ended[] = [];
  let cancel: (() => void) | undefined;
  let sending: Promise<void> | undefined;
  let pauseMs = 0;
  let isEnding = false;

  const drop = (requests: readonly Ended[]): void => {
    const spans = requests.reduce((sum, each) => sum + countSpans(each), 0);
    if (spans > 0) dropped.add(spans);
  };
  /** @returns Whether the collector may be sent the next one. */
  const sendOne = async (): Promise<boolean> => {
    const batch = waiting.splice(0, BATCH);
    const posted = await send(batch);
    if (posted.kind === "later") {
      waiting.unshift(...batch);
      pauseMs = Math.min(MAX_PAUSE_MS, Math.max(posted.waitMs, 2 * pauseMs, GATHER_MS));
      return false;
    }
    pauseMs = 0;
    if (posted.kind === "refused") drop(batch);
    else if (posted.rejected > 0) dropped.add(posted.rejected);
    return true;
  };
  const sendAll = async (least: number): Promise<void> => {
    let goesOn = waiting.length > 0;
    while (goesOn) goesOn = (await sendOne()) && waiting.length >= least;
  };
  const wakeIn = (ms: number): void => {
    cancel?.();
    cancel = clock.timer(ms, () => {
      cancel = undefined;
      sending = sendAll(BATCH).finally(() => {
        sending = undefined;
        if (waiting.length > 0 && !isEnding) wakeIn(pauseMs || GATHER_MS);
      });
    });
  };
  return {
    add(ended) {
      if (isEnding || waiting.length >= MAX_WAITING) return drop([ended]);
      waiting.push(ended);
      if (sending || pauseMs > 0) return;
      if (waiting.length === BATCH) wakeIn(0);
      else if (!cancel) wakeIn(GATHER_MS);
    },
    async flush() {
      isEnding = true;
      cancel?.();
      await sending;
      await sendAll(1);
    },
    abandon: () => drop(waiting.splice(0)),
  };
}
