import type { ErrorCode, RiptideError } from "../core/errors.ts";

/**
 * Whether the provider may have taken the request although no terminal answer came back (AT-8). Then it may bill for it;
 * a provider that refuses, by a status or in words, bills nothing.
 */
export const isAmbiguous = ({ code, facts }: RiptideError): boolean =>
  facts.status === undefined && facts.isUnsent !== true && UNANSWERED.has(code);

/** Errors that may come after the provider took the request and before it gave its terminal answer (AT-8). */
const UNANSWERED: ReadonlySet<ErrorCode> = new Set([
  "protocol_error",
  "attempt_timeout",
  "deadline_exceeded",
  "stream_interrupted",
  "stream_idle",
  "stream_max",
  "cancelled",
  "shutting_down",
  "internal",
]);
