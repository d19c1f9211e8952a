import { ERRORS, type RiptideError } from "../../../core/errors.ts";
import type { JsonObject } from "../../../core/json.ts";
import { oneLine } from "../../../output/sanitise.ts";

/** The vendor's types of errors by status; the SDKs choose their exception by the status alone. */
const TYPES: Readonly<Record<number, string>> = {
  400: "invalid_request_error",
  401: "authentication_error",
  402: "billing_error",
  403: "permission_error",
  404: "not_found_error",
  409: "conflict_error",
  413: "request_too_large",
  422: "invalid_request_error",
  429: "rate_limit_error",
  503: "overloaded_error",
  504: "timeout_error",
};
const ANY_OTHER = "api_error";

/** Longest message, the reasons under it included. */
const MAX_MESSAGE = 2_000;

/** The body of an error; `code` is RipTide's own word for it, which the vendor has no place for. */
export function errorBody(error: RiptideError, id: string | undefined): JsonObject {
  const { code, message, facts } = error;
  const words = [message, ...(facts.reasons ?? [])].join("; ");
  return {
    type: "error",
    error: { type: TYPES[ERRORS[code].http] ?? ANY_OTHER, message: oneLine(words, MAX_MESSAGE), code },
    request_id: id ?? null,
  };
}
