import { RiptideError } from "./errors.ts";

/** The only source of time. Durations come from `now`, calendar times from `wall`; both in milliseconds. */
export interface Clock {
  /** Monotonic; only differences mean something. */
  now(): number;
  /** Unix time. */
  wall(): number;
  /** Resolves after `ms`; rejects with the signal's reason when it aborts first. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /**
   * Calls `expire` once after `ms` unless the returned function is called first.
   * @param kind An `idle` timer does not keep the process from ending.
   */
  timer(ms: number, expire: () => void, kind?: "idle"): () => void;
}

/** Node fires a longer timer at once (Node documentation, `setTimeout`). */
const MAX_DELAY_MS = 2 ** 31 - 1;

/** The clock of a running process. */
export const systemClock: Clock = {
  now: () => performance.now(),
  wall: () => Date.now(),
  timer(ms, expire, kind) {
    if (!(ms <= MAX_DELAY_MS)) {
      throw new RiptideError("internal", `a timer of ${ms} ms is longer than Node can wait`);
    }
    const handle = setTimeout(expire, Math.max(0, ms));
    if (kind === "idle") handle.unref();
    return () => clearTimeout(handle);
  },
  sleep(ms, signal) {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const stop = () => {
        cancel();
        reject(signal?.reason);
      };
      const cancel = systemClock.timer(ms, () => {
        signal?.removeEventListener("abort", stop);
        resolve();
      });
      signal?.addEventListener("abort", stop, { once: true });
    });
  },
};

/** `Date.parse` also reads "-5" and "May 5" as times, and one without a zone as a time of this machine's zone. */
const TIME =
  /^([A-Z][a-z]{2}, \d{1,2} [A-Z][a-z]{2} \d{4} [\d:]{8} (GMT|UTC)|\d{4}-\d\d-\d\dT.{5,30}(Z|[+-]\d\d:\d\d))$/;

/** Reads an HTTP date or an RFC 3339 time as Unix milliseconds; undefined for anything else. */
export function parseTime(text: string | undefined): number | undefined {
  if (!text || !TIME.test(text)) return undefined;
  const at = Date.parse(text);
  return Number.isNaN(at) ? undefined : at;
}

/** Unix milliseconds as RFC 3339 in UTC. */
export const formatTime = (ms: number): string => new Date(ms).toISOString().replace(".000Z", "Z");
