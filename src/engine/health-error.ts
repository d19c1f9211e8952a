import { asRiptideError, ERRORS, type RiptideError } from "../core/errors.ts";
import type { Finding } from "../health/state.ts";

/** What a failed call says of a provider (HM-3). */
export function findingOf({ code, facts }: RiptideError): Exclude<Finding, "success"> {
  if (code === "rate_limited") return "limited";
  if (code === "model_not_found" || facts.status === 404 || facts.status === 405) return "unclear";
  return ERRORS[code].exit === 4 ? "refused" : "failure";
}

/**
 * Whether a call ended because the whole look did, which says nothing of the provider.
 * @throws RiptideError `cancelled` when the caller has given up.
 */
export function gaveUp(signal: AbortSignal): boolean {
  if (!signal.aborted) return false;
  const reason = asRiptideError(signal.reason);
  if (reason.code === "cancelled") throw reason;
  return true;
}
