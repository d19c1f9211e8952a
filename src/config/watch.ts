import type { Clock } from "../core/clock.ts";
import { createDebounce } from "./watch/debounce.ts";
import { chokidarHints } from "./watch/hints.ts";
import { lookAt } from "./watch/look.ts";

/** What to watch, and whom to tell. */
export interface WatchOptions {
  /** Absolute path of the file, which need not exist. */
  readonly path: string;
  /** What {@link lookAt} said of it before it was loaded; a change since then is told of too. */
  readonly seen?: string | undefined;
  readonly clock: Clock;
  /** The file may have changed; called when it has been quiet for 100 ms, or 500 ms after the first sign. */
  readonly onTrigger: () => void;
  /** Told once, when only the poll is left to see changes. */
  readonly onWarning: (message: string) => void;
}

export interface Watch {
  close(): Promise<void>;
}

/** Where signs of change come from. */
export interface WatchSources {
  /** Calls back at every sign that something happened to the file; it may miss some. */
  readonly hints: (path: string, told: Told) => Promise<Watch>;
  /** What the file is now; another text means another file or content. */
  readonly look: (path: string) => Promise<string>;
}

export interface Told {
  readonly onHint: () => void;
  /** Hints begin here: what happened before gave none. */
  readonly onReady: () => void;
  readonly onError: (error: unknown) => void;
}

/** The truth about the file is looked up this often (HR-1). */
const POLL_MS = 2_000;
/**
 * And this often while it is being worked on: after a removal and recreation that gives the file its old inode back,
 * chokidar hears nothing of what is written into it, until the next rename.
 */
const LIVELY_POLL_MS = 500;
const LIVELY_MS = 10_000;

/**
 * Watches a file by its path through replacement, removal and links that point elsewhere (HR-1): hints of the operating
 * system make it quick, a poll makes it sure. Who is told reads the file and decides whether it is another one.
 */
export function watchConfig(options: WatchOptions, sources: WatchSources = DISK): Watch {
  const { path, clock, onTrigger } = options;
  let { seen } = options;
  let isClosed = false;
  let livelyUntilMs = Number.NEGATIVE_INFINITY;
  let cancelPoll = () => {};
  const pollLater = () => {
    cancelPoll();
    if (isClosed) return;
    cancelPoll = clock.timer(clock.now() < livelyUntilMs ? LIVELY_POLL_MS : POLL_MS, poll);
  };
  const debounce = createDebounce(clock, async () => {
    livelyUntilMs = clock.now() + LIVELY_MS;
    pollLater();
    // Looked at before it is read: what changes later than this look is seen by the next poll.
    seen = await sources.look(path);
    if (!isClosed) onTrigger();
  });
  const sign = () => {
    if (!isClosed) debounce.sign();
  };
  const check = async () => {
    const now = await sources.look(path);
    if (seen !== undefined && seen !== now) sign();
    seen = now;
  };
  const poll = async () => {
    await check();
    pollLater();
  };
  void poll();
  const hints = hintsOf(options, sources, { onHint: sign, onReady: check });
  return {
    async close() {
      isClosed = true;
      cancelPoll();
      debounce.cancel();
      await (await hints)?.close();
    },
  };
}

const DISK: WatchSources = { hints: chokidarHints, look: lookAt };

/** The hints, or nothing where there are none to be had: each further error says the same. */
async function hintsOf(
  { path, onWarning }: WatchOptions,
  { hints }: WatchSources,
  told: Omit<Told, "onError">,
): Promise<Watch | undefined> {
  let isWarned = false;
  const onError = (error: unknown) => {
    if (isWarned) return;
    isWarned = true;
    const code = (error as NodeJS.ErrnoException | undefined)?.code ?? "unknown error";
    onWarning(`the configuration cannot be watched (${code}); it is looked at every 2 s instead`);
  };
  try {
    return await hints(path, { ...told, onError });
  } catch (error) {
    onError(error);
    return undefined;
  }
}
