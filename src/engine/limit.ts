import type { Clock } from "../core/clock.ts";
import { RiptideError } from "../core/errors.ts";

/** The time limit of one attempt: one controller and one timer, both gone after `dispose`, as is the connection if it is still in use (DL-5). */
export interface Limit {
  /** Aborts with the limit's error, or with the caller's reason when the caller gives up. */
  readonly signal: AbortSignal;
  /** From now on the attempt ends in `ms` with this error; replaces what was set before. */
  set(ms: number, error: () => RiptideError): void;
  /** The same for a moment of the clock, which takes no look at it. */
  setUntil(atMs: number, error: () => RiptideError): void;
  /** The caller has given up, and only what the provider says of its usage is still waited for. */
  isDraining(): boolean;
  /** Time does not count until the next `set`: the caller is busy with what it was given. */
  pause(): void;
  /** @param isWhole The reply was read to its end, so that nothing of it is left to abort. */
  dispose(isWhole?: boolean): void;
}

/**
 * Starts without a limit; `outer` is the caller's own signal.
 * @param graceMs For how long, in milliseconds, the attempt goes on when the caller gives up at that moment.
 */
export function startLimit(clock: Clock, outer: AbortSignal, graceMs: () => number = () => 0): Limit {
  const controller = new AbortController();
  let endsAt = Number.POSITIVE_INFINITY;
  let timerAt = Number.POSITIVE_INFINITY;
  let makeError: () => RiptideError;
  let cancelTimer = () => {};
  // A limit that moves away leaves the timer alone; the timer looks again when it fires. So a limit that is set
  // for each event of a stream costs two assignments.
  const schedule = (ms: number) => {
    cancelTimer();
    timerAt = clock.now() + ms;
    cancelTimer = clock.timer(ms, check);
  };
  const check = () => {
    timerAt = Number.POSITIVE_INFINITY;
    if (endsAt === Number.POSITIVE_INFINITY) return;
    const leftMs = endsAt - clock.now();
    if (leftMs >= 1) schedule(leftMs);
    else controller.abort(makeError());
  };
  let isDraining = false;
  const giveUp = () => {
    const drainMs = graceMs();
    if (drainMs === 0) return controller.abort(outer.reason);
    makeError = () => outer.reason;
    endsAt = clock.now() + drainMs;
    isDraining = true;
    schedule(drainMs);
  };
  if (outer.aborted) giveUp();
  else outer.addEventListener("abort", giveUp, { once: true });
  const setUntil = (atMs: number, error: () => RiptideError) => {
    if (isDraining) return;
    makeError = error;
    endsAt = atMs;
    if (endsAt < timerAt) schedule(Math.max(0, atMs - clock.now()));
  };
  return {
    signal: controller.signal,
    isDraining: () => isDraining,
    set: (ms, error) => setUntil(clock.now() + ms, error),
    setUntil,
    pause() {
      if (isDraining) return;
      endsAt = Number.POSITIVE_INFINITY;
    },
    dispose(isWhole = false) {
      cancelTimer();
      outer.removeEventListener("abort", giveUp);
      // A reply that was not read to its end would hold its connection open.
      if (!isWhole) controller.abort(new RiptideError("cancelled", "the attempt is over"));
    },
  };
}

/** Settles with the promise or, at the latest, with the signal's reason when it aborts. */
export function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason);
    if (signal.aborted) stop();
    signal.addEventListener("abort", stop, { once: true });
    const settled =
      <V>(settle: (value: V) => void) =>
      (value: V) => {
        signal.removeEventListener("abort", stop);
        settle(value);
      };
    promise.then(settled(resolve), settled(reject));
  });
}
