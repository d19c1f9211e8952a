import { monitorEventLoopDelay } from "node:perf_hooks";
import type { Clock } from "../core/clock.ts";

/** How late the event loop is. */
export interface LoopDelay {
  /** Each of these percentiles (1 to 100) of the delays since the last call, in milliseconds; 0 where nothing is known. */
  takeMs(...percentiles: readonly number[]): readonly number[];
}

interface Watching {
  /** It is looked at so often. */
  readonly resolutionMs: number;
  /** Nobody asks any more when nobody has asked for so long. */
  readonly untilMs: number;
}

/** What Node measures in nanoseconds while it is enabled. */
type Histogram = Pick<
  ReturnType<typeof monitorEventLoopDelay>,
  "enable" | "disable" | "reset" | "percentile"
>;

const NS_PER_MS = 1e6;

/**
 * Watches the event loop from the first question on, and for as long as others follow: at rest a process is not woken
 * for a figure that nobody wants.
 */
export function watchLoop(
  clock: Clock,
  { resolutionMs, untilMs }: Watching,
  delay: Histogram = monitorEventLoopDelay({ resolution: resolutionMs }),
): LoopDelay {
  let cancel = () => {};
  let isWatched = false;
  const rest = (): void => {
    isWatched = false;
    delay.disable();
  };
  return {
    takeMs(...percentiles) {
      // The timer itself comes each `resolutionMs`, which is no delay.
      const lateMs = (percentile: number) =>
        isWatched ? Math.max(0, delay.percentile(percentile) / NS_PER_MS - resolutionMs) : 0;
      const taken = percentiles.map(lateMs);
      delay.reset();
      delay.enable();
      isWatched = true;
      cancel();
      cancel = clock.timer(untilMs, rest, "idle");
      return taken;
    },
  };
}
