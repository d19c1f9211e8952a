import { parseDuration } from "../../core/duration.ts";
import type { ErrorCode, RiptideError } from "../../core/errors.ts";
import type { ResponseHeaders } from "../../wire/http.ts";
import type { WireFailure } from "../adapter.ts";
import { failureOf } from "../failure.ts";
import { isObject, shortText, textAt, tryJson, valueAt } from "../read.ts";

/** Codes and types that say more than the status (OpenAI and Azure OpenAI, error codes). */
const BY_NAME = {
  context_length_exceeded: "context_too_long",
  content_filter: "content_filtered",
  responsibleaipolicyviolation: "content_filtered",
  content_policy_violation: "content_filtered",
  invalid_prompt: "content_filtered",
  moderation_blocked: "content_filtered",
  insufficient_quota: "quota_exhausted",
  billing_hard_limit_reached: "quota_exhausted",
  billing_not_active: "quota_exhausted",
  credit_balance_exhausted: "quota_exhausted",
  organization_spend_limit_exceeded: "quota_exhausted",
  organization_usage_limit_exceeded: "quota_exhausted",
  project_spend_limit_exceeded: "quota_exhausted",
  invalid_api_key: "auth_failed",
  model_not_found: "model_not_found",
  deploymentnotfound: "model_not_found",
  operationnotsupported: "unsupported",
  rate_limit_exceeded: "rate_limited",
  ratelimitreached: "rate_limited",
  slow_down: "rate_limited",
  too_many_requests: "rate_limited",
  server_is_overloaded: "overloaded",
  service_unavailable_error: "overloaded",
} as const satisfies Record<string, ErrorCode>;

/** What an error inside a good answer would have had as status, by the type it names. */
const IN_BAND_STATUS = {
  invalid_request_error: 400,
  badrequesterror: 400,
  authentication_error: 401,
  permission_error: 403,
  not_found_error: 404,
  notfounderror: 404,
  rate_limit_error: 429,
  server_error: 500,
  internal_server_error: 500,
};

/** A vendor's name in a table, in any case; a name such as `constructor` is in none. */
function lookUp<Value>(table: Readonly<Record<string, Value>>, name: string | undefined): Value | undefined {
  const key = name?.toLowerCase() ?? "";
  return Object.hasOwn(table, key) ? table[key] : undefined;
}

/** The error of a reply with a status above 299. */
export function classifyFailure(failure: WireFailure): RiptideError {
  const value = unwrapped(tryJson(failure.body));
  const error = errorIn(value) ?? value;
  const message = messageOf(error) || shortText(failure.body);
  const code = codeOf(error, message, failure.status);
  return failureOf(failure, {
    message,
    ...(code && { code }),
    waitMs: waitIn(message),
    requestId: failure.headers["x-request-id"] ?? failure.headers["apim-request-id"],
  });
}

/** Throws the error that an answer or a chunk with a good status holds, by its own code (ER table). */
export function throwInBand(value: unknown, headers: ResponseHeaders = {}): void {
  const error = errorIn(unwrapped(value));
  if (error === undefined) return;
  const body = new TextEncoder().encode(JSON.stringify({ error }));
  // Without a clock a date is no wait: NaN leaves it unknown.
  throw classifyFailure({ status: inBandStatus(error), headers, body, wallMs: Number.NaN });
}

/** Google's servers of the dialect put the object into a list. */
const unwrapped = (value: unknown) => (Array.isArray(value) ? value[0] : value);

function errorIn(value: unknown): unknown {
  const error = valueAt(value, "error");
  if (isObject(error) || (typeof error === "string" && error !== "")) return error;
  return textAt(value, "object") === "error" ? value : undefined;
}

/** A number is a status (vLLM, OpenRouter); a type may stand for one; the rest is the server's own failure. */
function inBandStatus(error: unknown): number {
  const status = Number(valueAt(error, "code") ?? valueAt(error, "status"));
  if (Number.isInteger(status) && status >= 400 && status <= 599) return status;
  return lookUp(IN_BAND_STATUS, textAt(error, "type")) ?? 200;
}

function codeOf(error: unknown, message: string, status: number): ErrorCode | undefined {
  // One request above the whole limit per minute: no waiting helps.
  if (/request too large/i.test(message)) return "bad_request";
  const names: readonly (string | undefined)[] = [
    textAt(error, "code"),
    textAt(error, "type"),
    textAt(error, "innererror", "code"),
  ];
  const known = names.map((name) => lookUp<ErrorCode>(BY_NAME, name)).find((code) => code !== undefined);
  // Some servers name a spent quota only in words.
  return (
    known ?? (status === 429 && /exceeded your current quota/i.test(message) ? "quota_exhausted" : undefined)
  );
}

/** Words of OpenAI, of gateways and of web frameworks, in the order of trust. */
const messageOf = (error: unknown): string =>
  typeof error === "string"
    ? error
    : (textAt(error, "message") ?? textAt(error, "detail") ?? textAt(error, "detail", 0, "msg") ?? "");

/** `Please try again in 1m2.5s` (OpenAI), `retry after 26 seconds` (Azure). */
function waitIn(message: string): number | undefined {
  const seconds = /retry after (\d{1,6}) seconds?/i.exec(message)?.[1];
  if (seconds) return Number(seconds) * 1_000;
  const text = /try again in ((?:\d{1,9}(?:\.\d{1,6})?(?:ms|[smhd]))+)/i.exec(message)?.[1];
  const parts = text?.match(/[\d.]+[a-z]+/gi);
  return parts?.reduce((sum, part) => sum + (parseDuration(part) ?? 0), 0);
}
