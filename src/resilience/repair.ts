import type { RiptideError } from "../core/errors.ts";
import type { Random } from "../core/random.ts";

/** The same provider once more. */
export interface Repair {
  readonly waitMs: number;
  /** On a new connection: the old one had been given up by the provider. */
  readonly fresh: boolean;
}

/** The most a repair waits of its own accord, and the least that has to remain after it (AT-3). */
const MAX_JITTER_MS = 250;
const MIN_REMAINING_MS = 800;

/**
 * How the same provider may be asked once more after this failure; null where that is no use (AT-3, AT-4).
 * @param remainingMs What remains of the deadline.
 */
export function repairOf(error: RiptideError, remainingMs: number, random: Random): Repair | null {
  if (isStale(error)) return { waitMs: 0, fresh: true };
  if (error.action !== "repair") return null;
  if (error.code === "rate_limited" || error.code === "overloaded") {
    const { retryAfterMs } = error.facts;
    const fits = retryAfterMs !== undefined && retryAfterMs <= remainingMs / 2;
    return fits ? { waitMs: retryAfterMs, fresh: false } : null;
  }
  const waitMs = random() * MAX_JITTER_MS;
  return remainingMs - waitMs >= MIN_REMAINING_MS ? { waitMs, fresh: false } : null;
}

/** The provider closed a connection that had waited just when it was used again: no failure of the provider's. */
export const isStale = ({ action, facts }: RiptideError): boolean =>
  facts.connectionReused === true && facts.phase === "headers" && action === "repair";
