import type { Clock } from "../../core/clock.ts";

/** What a daemon has to do. */
export interface Work {
  /** Requests that work now. */
  inFlight(): number;
  /** Requests that have ever been let in. */
  letIn(): number;
}

/** What a daemon at rest can do. */
export interface Resting {
  readonly clock: Clock;
  readonly work: Work;
  /** What the heap has taken of the machine, in bytes. */
  heapBytes(): number;
  /** Collects what nobody uses, which takes some 30 ms. */
  collect(): void;
  /** Brings the ledger's log into its file, which waits for the disk: better now than under a request (LG-8). */
  bringIn(): void;
}

const LOOK_EVERY_MS = 5_000;
/** Nothing to do at so many looks, nor between them. */
const LOOKS = 3;
/** After five minutes of it, what was in use at the last collection is worth another, however little has come since. */
const LONG_LOOKS = 60;
/** An idle heap is smaller; what a start leaves behind is not. */
const LARGE_BYTES = 28 * 1_024 * 1_024;
/** Compiled code goes with what it was compiled for, so that a request now and then must not bring a collection each. */
const GROWN_BYTES = 8 * 1_024 * 1_024;

/**
 * Does what is better done while nobody waits. Memory is given back after a crowd has gone: V8 collects when more is
 * asked for, and a daemon at rest asks for nothing, so it would stay as large as it ever was.
 * @returns Ends it.
 */
export function tendAtRest({ clock, work, heapBytes, collect, bringIn }: Resting): () => void {
  /** What a start leaves behind goes at the first look. */
  let quiet = LOOKS - 1;
  let seen = work.letIn();
  let leftBytes = 0;
  let cancel = () => {};
  const look = (): void => {
    quiet = work.inFlight() === 0 && work.letIn() === seen ? quiet + 1 : 0;
    seen = work.letIn();
    if (quiet === 1) bringIn();
    if (quiet === LONG_LOOKS) leftBytes = 0;
    const isDue = quiet === LOOKS || quiet === LONG_LOOKS;
    if (isDue && heapBytes() > Math.max(LARGE_BYTES, leftBytes + GROWN_BYTES)) {
      collect();
      leftBytes = heapBytes();
    }
    cancel = clock.timer(LOOK_EVERY_MS, look);
  };
  cancel = clock.timer(LOOK_EVERY_MS, look);
  return () => cancel();
}

/** The heap of this process, and the collection that V8 offers to whoever asks for it by this flag. */
export async function processHeap(): Promise<Pick<Resting, "heapBytes" | "collect">> {
  const { getHeapStatistics, setFlagsFromString } = await import("node:v8");
  const { runInNewContext } = await import("node:vm");
  return {
    heapBytes: () => getHeapStatistics().total_heap_size,
    collect() {
      setFlagsFromString("--expose-gc");
      runInNewContext("gc()");
    },
  };
}
