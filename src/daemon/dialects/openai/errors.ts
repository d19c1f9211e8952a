import { ERRORS, type RiptideError } from "../../../core/errors.ts";
import type { JsonObject } from "../../../core/json.ts";
import { oneLine } from "../../../output/sanitise.ts";

const MAX_MESSAGE = 2_000;

/** An error in OpenAI's shape. Programs go by the status; `code` is ours, for those who want to know more. */
export function openAiError(error: RiptideError): JsonObject {
  const { code, message, facts } = error;
  const told = [message, ...(facts.reasons ?? [])].join("; ");
  return {
    error: { message: oneLine(told, MAX_MESSAGE), type: typeOf(error), param: paramOf(error), code },
  };
}

/** OpenAI's words, by the status they come with (its guide to error codes). */
const TYPES: ReadonlyMap<number, string> = new Map([
  [401, "authentication_error"],
  [402, "insufficient_quota"],
  [403, "permission_error"],
  [404, "not_found_error"],
  [429, "rate_limit_error"],
]);

function typeOf({ code }: RiptideError): string {
  if (code === "quota_exhausted") return "insufficient_quota";
  const status = ERRORS[code].http;
  return TYPES.get(status) ?? (status >= 500 ? "server_error" : "invalid_request_error");
}

/** The member that is wrong, which our message begins with. */
const paramOf = ({ code, message }: RiptideError): string | null =>
  code === "invalid_request" ? (/^([a-z_]\w*(?:\.\w+|\[\d+\])*): /.exec(message)?.[1] ?? null) : null;
