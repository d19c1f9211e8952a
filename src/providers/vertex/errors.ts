import { type ErrorCode, RiptideError } from "../../core/errors.ts";
import { plainText } from "../../core/text.ts";
import type { WireFailure } from "../adapter.ts";
import * as claude from "../anthropic/errors.ts";
import { failureOf, type VendorError } from "../failure.ts";
import { isObject, listAt, numberAt, shortText, textAt, tryJson, valueAt } from "../read.ts";

/** The error of a failed reply: Google's shape, or Anthropic's for a Claude model. */
export function classifyFailure(failure: WireFailure): RiptideError {
  const body = unwrapped(tryJson(failure.body));
  if (isAnthropics(body)) return claude.classifyFailure(failure);
  const vendor = vendorError(body);
  return failureOf(failure, { ...vendor, message: vendor.message || shortText(failure.body) });
}

/** Whether an answer that began with status 200 is an error after all. */
export const reportsError = (value: unknown): boolean => claude.reportsError(unwrapped(value));

/** The error inside an answer that began with status 200, read as if its own status had come. */
export function inBandError(value: unknown): RiptideError {
  const body = unwrapped(value);
  if (isAnthropics(body)) return claude.inBandError(body);
  return failureOf(
    { status: statusIn(body), headers: {}, body: new Uint8Array(), wallMs: 0 },
    vendorError(body),
  );
}

function statusIn(body: unknown): number {
  const given = numberAt(body, "error", "code") ?? 0;
  return given >= 400 && given < 600 ? given : (STATUS.get(textAt(body, "error", "status") ?? "") ?? 200);
}

/** Errors come as an object or as a list with that object in it. */
const unwrapped = (value: unknown) => (Array.isArray(value) ? value[0] : value);

const isAnthropics = (body: unknown) => textAt(body, "error", "type") !== undefined;

/** HTTP statuses of Google's names, for errors that come without a number (google.rpc.Code). */
const STATUS: ReadonlyMap<string, number> = new Map([
  ["INVALID_ARGUMENT", 400],
  ["FAILED_PRECONDITION", 400],
  ["OUT_OF_RANGE", 400],
  ["UNAUTHENTICATED", 401],
  ["PERMISSION_DENIED", 403],
  ["NOT_FOUND", 404],
  ["ABORTED", 409],
  ["RESOURCE_EXHAUSTED", 429],
  ["CANCELLED", 499],
  ["UNKNOWN", 500],
  ["INTERNAL", 500],
  ["UNAVAILABLE", 503],
  ["DEADLINE_EXCEEDED", 504],
]);

const BY_NAME: ReadonlyMap<string, ErrorCode> = new Map([
  ["RESOURCE_EXHAUSTED", "rate_limited"],
  ["UNAUTHENTICATED", "auth_failed"],
  ["PERMISSION_DENIED", "auth_failed"],
  ["UNAVAILABLE", "overloaded"],
]);

function vendorError(body: unknown): VendorError {
  const message = textAt(body, "error", "message") ?? textAt(body, "error") ?? "";
  const name = textAt(body, "error", "status") ?? "";
  const details = listAt(body, "error", "details").filter(isObject);
  const code = codeOf(name, message, details);
  return {
    message,
    ...(code && { code }),
    ...(name === "CANCELLED" && { action: "next" }),
    waitMs: retryDelayMs(details),
  };
}

type Details = readonly { readonly [key: string]: unknown }[];

function codeOf(name: string, message: string, details: Details): ErrorCode | undefined {
  if (details.some(isDailyQuota)) return "quota_exhausted";
  // Models under preview are refused as a bad request to projects that are not on their list.
  if (/\ballow-?list/i.test(message)) return "auth_failed";
  return name === "CANCELLED" ? "provider_error" : BY_NAME.get(name);
}

/** A quota of a day does not come back within the waits that anyone makes. */
const isDailyQuota = (detail: unknown) =>
  listAt(detail, "violations").some((violation) => /PerDay/.test(textAt(violation, "quotaId") ?? ""));

/** `RetryInfo.retryDelay`, seconds with up to nine decimals (protobuf Duration in JSON). */
function retryDelayMs(details: Details): number | undefined {
  for (const detail of details) {
    const [, seconds] = /^(\d{1,9}(?:\.\d{1,9})?)s$/.exec(textAt(detail, "retryDelay") ?? "") ?? [];
    if (seconds) return Number(seconds) * 1_000;
  }
  return undefined;
}

/** The error of a refused prompt; such an answer has status 200, a reason and no candidates. */
export function blockedPrompt(value: unknown): RiptideError | undefined {
  const reason = textAt(value, "promptFeedback", "blockReason");
  if (!reason || valueAt(value, "candidates", 0) !== undefined) return undefined;
  const words = textAt(value, "promptFeedback", "blockReasonMessage");
  return new RiptideError("content_filtered", `the prompt was blocked: ${plainText(words ?? reason)}`, {
    status: 200,
  });
}
