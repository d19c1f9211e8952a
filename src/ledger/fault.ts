import { ERRORS, type ErrorCode } from "../core/errors.ts";

/**
 * Whether an attempt went wrong at the provider: it failed as breakers count it, or was refused for its rate. What is
 * wrong with a request, a key or an account says nothing of the provider.
 */
export const isProviderFault = (code: ErrorCode | null): boolean =>
  code !== null && (code === "rate_limited" || ERRORS[code].breaker === "failure");
