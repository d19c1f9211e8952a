import { RiptideError } from "../../core/errors.ts";
import type { Knock } from "../gate.ts";

/** A place is free again within about this time, where one is free at all. */
const RETRY_AFTER_MS = 1_000;
/** What an attempt needs at least, which waiting must leave (TA-5). */
const LEFT_FOR_WORK_MS = 800;

/** The longest that a request may wait for a place. */
export const waitLimitMs = ({ remainingMs, places }: Pick<Knock, "remainingMs" | "places">): number =>
  Math.min(places.queue.maxWaitMs, remainingMs - LEFT_FOR_WORK_MS);

export const shuttingDown = () =>
  new RiptideError("shutting_down", "the daemon is shutting down", { retryAfterMs: RETRY_AFTER_MS });

export const overloaded = (why: string) =>
  new RiptideError("overloaded_local", `the daemon takes no more work: ${why}; nothing was sent`, {
    retryAfterMs: RETRY_AFTER_MS,
  });

/** @param isTenantFull Its own limit is in the way, not the daemon's. */
export function noRoom({ tenant, places }: Knock, isTenantFull: boolean): RiptideError {
  if (!isTenantFull) return overloaded(`all ${places.ofDaemon} places are taken`);
  return new RiptideError(
    "tenant_busy",
    `all ${places.ofTenant} places of tenant ${tenant} are taken; nothing was sent`,
    { retryAfterMs: RETRY_AFTER_MS, hint: "raise its limits.max_concurrent, or daemon.queue.max_wait" },
  );
}
