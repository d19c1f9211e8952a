import type { Clock } from "../core/clock.ts";
import { type SharedFlight, sharedFlight } from "./shared-flight.ts";

/** Tokens and credentials renew this long before they expire (HO-3). */
const RENEW_BEFORE_MS = 300_000;
/** A value this young is not fetched again, though it was refused or expires soon (HO-3). */
const YOUNG_MS = 60_000;

/** A token or a set of credentials; without an expiry it is good until it is refused. */
export interface Renewable {
  readonly expiresAtWallMs?: number;
}

export interface Renewing<T extends Renewable> {
  /** The value held, or a new one. Callers that arrive together wait for one fetch. */
  get(signal: AbortSignal): Promise<T>;
  /**
   * The value was refused: the next call fetches a new one, unless this one was fetched less than 60 s ago.
   * @param takenAtMs When the refused value was taken, by the monotonic clock; just now unless given.
   * @returns Whether the next call gets another value than the refused one.
   */
  rejected(takenAtMs?: number): boolean;
}

/** Holds what `fetch` gives until shortly before it expires. If a renewal fails, it is used to its very end. */
export function renewing<T extends Renewable>(
  fetch: (signal: AbortSignal) => Promise<T>,
  clock: Clock,
): Renewing<T> {
  let held: { readonly value: T; readonly fetchedAtMs: number } | undefined;
  let triedAtMs = Number.NEGATIVE_INFINITY;
  let flight: SharedFlight<T> | undefined;

  const isYoung = (sinceMs: number) => clock.now() - sinceMs < YOUNG_MS;
  const lifeMs = (value: T) => (value.expiresAtWallMs ?? Number.POSITIVE_INFINITY) - clock.wall();
  const usable = () => {
    const life = held ? lifeMs(held.value) : 0;
    return life > RENEW_BEFORE_MS || (life > 0 && isYoung(triedAtMs)) ? held : undefined;
  };
  const launch = () => {
    triedAtMs = clock.now();
    return sharedFlight(async (signal) => {
      const value = await fetch(signal);
      held = { value, fetchedAtMs: clock.now() };
      return value;
    });
  };
  const renew = async (signal: AbortSignal): Promise<T> => {
    signal.throwIfAborted();
    if (!flight?.isOpen()) flight = launch();
    try {
      return await flight.join(signal);
    } catch (thrown) {
      if (held && !signal.aborted && lifeMs(held.value) > 0) return held.value;
      throw thrown;
    }
  };

  return {
    async get(signal) {
      return usable()?.value ?? renew(signal);
    },
    rejected(takenAtMs = clock.now()) {
      // A slow refusal: its value has been replaced since.
      if (held && held.fetchedAtMs > takenAtMs) return true;
      if (held && isYoung(held.fetchedAtMs)) return false;
      held = undefined;
      return true;
    },
  };
}
