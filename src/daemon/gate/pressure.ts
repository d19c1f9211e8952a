import { getHeapStatistics } from "node:v8";
import type { Clock } from "../../core/clock.ts";
import { watchLoop } from "../loop-delay.ts";

/** Whether this process has more to do than it can (TA-7). */
export interface Pressure {
  /** Why no more work is taken now, in words; undefined while all is well. Called for each request. */
  reason(): string | undefined;
}

/** Reads the state of the process. */
export interface Gauges {
  /** The 99th percentile of the event loop's delay since it was last asked, in milliseconds. */
  loopDelayMs(): number;
  /** Share of the memory it may have that is used, 0 to 1. */
  memoryShare(): number;
}

const WINDOW_MS = 1_000;
/** After a pause longer than this nothing is known of the last second. */
const STALE_MS = 2 * WINDOW_MS;
const MAX_LOOP_DELAY_MS = 200;
const MAX_MEMORY_SHARE = 0.9;

/** Looks at the gauges once a second at most, and only while there are requests. */
export function createPressure(clock: Clock, gauges: Gauges = processGauges(clock)): Pressure {
  let sinceMs = Number.NEGATIVE_INFINITY;
  let reason: string | undefined;
  return {
    reason() {
      const nowMs = clock.now();
      const ageMs = nowMs - sinceMs;
      if (ageMs < WINDOW_MS) return reason;
      sinceMs = nowMs;
      const delayMs = gauges.loopDelayMs();
      reason = wordsFor(ageMs > STALE_MS ? 0 : delayMs, gauges.memoryShare());
      return reason;
    },
  };
}

function wordsFor(delayMs: number, memoryShare: number): string | undefined {
  if (delayMs > MAX_LOOP_DELAY_MS) return `its event loop was ${Math.round(delayMs)} ms late`;
  if (memoryShare > MAX_MEMORY_SHARE) return `${Math.round(memoryShare * 100)} % of its memory is used`;
  return undefined;
}

/** Two hundred looks a second, so that a single pause among them is no 99th percentile. */
const RESOLUTION_MS = 5;

/** The gauges of this process; its memory is the heap's limit, and the container's where there is one. */
export function processGauges(clock: Clock): Gauges {
  const delay = watchLoop(clock, { resolutionMs: RESOLUTION_MS, untilMs: STALE_MS });
  const constrained = process.constrainedMemory();
  const { heap_size_limit: heapLimit } = getHeapStatistics();
  return {
    loopDelayMs: () => delay.takeMs(99)[0] ?? 0,
    memoryShare() {
      const heap = getHeapStatistics().used_heap_size / heapLimit;
      // Without a container's limit Node answers with 0 or a number no machine has.
      const limit = constrained > 0 && constrained < Number.MAX_SAFE_INTEGER ? constrained : Infinity;
      return Math.max(heap, process.memoryUsage.rss() / limit);
    },
  };
}
