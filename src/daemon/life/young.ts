import type { Clock } from "../../core/clock.ts";

/** The part of the heap in which objects begin. */
export interface YoungGeneration {
  /** What it has taken of the machine, in bytes. */
  bytes(): number;
  /** It stays as it is from here on. */
  stopGrowth(): void;
}

/** Growth happens at a collection, and a busy daemon has some in each second. */
const LOOK_EVERY_MS = 25;
/** Enough that what a request makes is gone before the next collection; more of it buys no time. */
const LARGE_BYTES = 32 * 1_024 * 1_024;

/**
 * Holds the young generation to 32 MiB. V8 doubles it under load up to 128 MiB and seldom gives any back, which is the
 * larger part of what two thousand streams take.
 * @returns Ends it.
 */
export function boundYoungGeneration(clock: Clock, young: YoungGeneration): () => void {
  let cancel = () => {};
  const look = (): void => {
    if (young.bytes() >= LARGE_BYTES) young.stopGrowth();
    else cancel = clock.timer(LOOK_EVERY_MS, look);
  };
  look();
  return () => cancel();
}

/** That of this process. V8 reads the factor each time that it would grow. */
export async function processYoungGeneration(): Promise<YoungGeneration> {
  const { getHeapSpaceStatistics, setFlagsFromString } = await import("node:v8");
  return {
    bytes: () => getHeapSpaceStatistics().find((space) => space.space_name === "new_space")?.space_size ?? 0,
    stopGrowth: () => setFlagsFromString("--semi-space-growth-factor=1"),
  };
}
