import type { Clock } from "../../core/clock.ts";

/** As long without a sign, and a save is over. */
const QUIET_MS = 100;
/** As long after its first sign, and a save that goes on is looked at all the same. */
const MOST_MS = 500;

/** Many signs, one call. */
export interface Debounce {
  sign(): void;
  /** Nothing is called any more for the signs so far. */
  cancel(): void;
}

/** Calls back when signs have been quiet for 100 ms, at the latest 500 ms after the first (HR-1). */
export function createDebounce(clock: Clock, fire: () => void): Debounce {
  let firstMs: number | undefined;
  let cancelTimer = () => {};
  return {
    sign() {
      const nowMs = clock.now();
      firstMs ??= nowMs;
      cancelTimer();
      cancelTimer = clock.timer(Math.min(QUIET_MS, firstMs + MOST_MS - nowMs), () => {
        firstMs = undefined;
        fire();
      });
    },
    cancel() {
      firstMs = undefined;
      cancelTimer();
    },
  };
}
