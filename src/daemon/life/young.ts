import type { Clock } from "../../core/clock.ts";
import type { Work } from "./rest.ts";

/** The part of the heap in which objects begin. */
export interface YoungGeneration {
  /** What it has taken of the machine, in bytes. */
  bytes(): number;
  /** Whether V8 may enlarge it from here on. */
  mayGrow(isAllowed: boolean): void;
}

/** It grows at a collection, and a busy daemon has some in each second. */
const LOOK_AT_GROWTH_MS = 25;
const LOOK_MS = 250;
/** Enough that what a request makes is gone before the next collection; more of it buys no time. */
const LARGE_BYTES = 32 * 1_024 * 1_024;

/**
 * Holds the young generation to 32 MiB. V8 doubles it under load up to 128 MiB, which is the larger part of what two
 * thousand streams take. What V8 takes back of it at rest may grow again with the next work, and only while it is
 * watched: a crowd in a small young generation costs twice the time.
 * @returns Ends it.
 */
export function boundYoungGeneration(clock: Clock, work: Work, young: YoungGeneration): () => void {
  let seen = work.letIn();
  let cancel = () => {};
  const look = (): void => {
    const isBusy = work.inFlight() > 0 || work.letIn() !== seen;
    seen = work.letIn();
    const mayGrow = isBusy && young.bytes() < LARGE_BYTES;
    young.mayGrow(mayGrow);
    cancel = clock.timer(mayGrow ? LOOK_AT_GROWTH_MS : LOOK_MS, look);
  };
  look();
  return () => cancel();
}

/** By how much V8 enlarges it at once: as it would by itself, and not at all. */
const GROWTH_FACTOR = 2;
const NO_GROWTH_FACTOR = 1;

/** That of this process. V8 reads the factor each time that it would grow. */
export async function processYoungGeneration(): Promise<YoungGeneration> {
  const { getHeapSpaceStatistics, setFlagsFromString } = await import("node:v8");
  return {
    bytes: () => getHeapSpaceStatistics().find((space) => space.space_name === "new_space")?.space_size ?? 0,
    mayGrow(isAllowed) {
      setFlagsFromString(`--semi-space-growth-factor=${isAllowed ? GROWTH_FACTOR : NO_GROWTH_FACTOR}`);
    },
  };
}
