import type { ErrorCode, RiptideError } from "../../core/errors.ts";
import type { WireFailure } from "../adapter.ts";
import { failureOf, type VendorError } from "../failure.ts";
import { shortText, textAt, tryJson, valueAt } from "../read.ts";

/** The error of a failed reply. */
export function classifyFailure(failure: WireFailure): RiptideError {
  const body = tryJson(failure.body);
  const vendor = vendorError(body);
  return failureOf(failure, {
    ...vendor,
    message: vendor.message || shortText(failure.body),
    requestId: vendor.requestId ?? failure.headers["request-id"],
  });
}

/** Whether an answer that began with status 200 is an error after all. */
export const reportsError = (value: unknown): boolean =>
  textAt(value, "type") === "error" || (valueAt(value, "error") ?? undefined) !== undefined;

/** The error inside an answer that began with status 200, read as if its type's own status had come. */
export function inBandError(value: unknown): RiptideError {
  const status = STATUS.get(textAt(value, "error", "type") ?? "") ?? 200;
  return failureOf({ status, headers: {}, body: new Uint8Array(), wallMs: 0 }, vendorError(value));
}

/** The statuses that the vendor's error types come with (Anthropic documentation, errors). */
const STATUS: ReadonlyMap<string, number> = new Map([
  ["invalid_request_error", 400],
  ["authentication_error", 401],
  ["billing_error", 402],
  ["permission_error", 403],
  ["not_found_error", 404],
  ["conflict_error", 409],
  ["request_too_large", 413],
  ["rate_limit_error", 429],
  ["api_error", 500],
  ["timeout_error", 504],
  ["overloaded_error", 529],
]);

function vendorError(body: unknown): VendorError {
  const message = textAt(body, "error", "message") ?? textAt(body, "error") ?? textAt(body, "message") ?? "";
  const code = codeOf(body, message);
  return { message, ...(code && { code }), requestId: textAt(body, "request_id") };
}

/** Types that mean the same under every status. */
const BY_TYPE: ReadonlyMap<string, ErrorCode> = new Map([
  ["billing_error", "quota_exhausted"],
  ["rate_limit_error", "rate_limited"],
  ["overloaded_error", "overloaded"],
]);
/** `details.error_code`, the vendor's machine-readable cause. */
const BY_CAUSE: ReadonlyMap<string, ErrorCode> = new Map([
  ["enforced_spend_limit_reached", "quota_exhausted"],
  ["contract_spend_limit_reached", "quota_exhausted"],
  ["organization_on_hold", "auth_failed"],
]);
const SPENT =
  /credit balance is too low|(?:spend|usage) limits?\b.{0,80}(?:reached|exceeded)|(?:reached|exceeded).{0,80}(?:spend|usage) limits?\b/i;
const FILTERED = /blocked by content filtering/i;

function codeOf(body: unknown, message: string): ErrorCode | undefined {
  const byCause = BY_CAUSE.get(textAt(body, "error", "details", "error_code") ?? "");
  if (byCause) return byCause;
  if (SPENT.test(message)) return "quota_exhausted";
  if (FILTERED.test(message)) return "content_filtered";
  return BY_TYPE.get(textAt(body, "error", "type") ?? "");
}
