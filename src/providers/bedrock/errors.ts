import type { ErrorCode, RiptideError } from "../../core/errors.ts";
import type { WireFailure } from "../adapter.ts";
import { failureOf, type VendorError } from "../failure.ts";
import { shortText, textAt, tryJson } from "../read.ts";

/** The error of a failed reply. */
export function classify(failure: WireFailure): RiptideError {
  const { headers } = failure;
  const body = tryJson(failure.body);
  const name = className(headers["x-amzn-errortype"] ?? textAt(body, "__type") ?? textAt(body, "code") ?? "");
  return failureOf(failure, {
    ...vendorError(name, messageOf(body) || shortText(failure.body)),
    requestId: headers["x-amzn-requestid"],
  });
}

/** The error that a stream reports by an exception's name, read as if its own status had come. */
export function inBandError(name: string, data: string): RiptideError {
  const known = className(name);
  const failure: WireFailure = {
    status: STATUS.get(known) ?? 200,
    headers: {},
    body: new Uint8Array(),
    wallMs: 0,
  };
  return failureOf(failure, vendorError(known, messageOf(tryJson(data)) || name));
}

const messageOf = (body: unknown) => textAt(body, "message") ?? textAt(body, "Message") ?? "";

/**
 * `ThrottlingException:http://…` of a header, `com.amazon#ThrottlingException` of a body, `throttlingException`
 * of a stream.
 */
const className = (text: string) => (text.split(":")[0]?.split("#").at(-1) ?? "").trim().toLowerCase();

/** The statuses that the service's exceptions come with (Amazon Bedrock API reference, common errors). */
const STATUS = new Map(
  Object.entries({
    validationexception: 400,
    accessdeniedexception: 403,
    resourcenotfoundexception: 404,
    modeltimeoutexception: 408,
    modelerrorexception: 424,
    modelstreamerrorexception: 424,
    throttlingexception: 429,
    internalserverexception: 500,
    internalfailure: 500,
    serviceunavailableexception: 503,
  }),
);

/** Exceptions whose name says more than their status. */
const BY_NAME = new Map<string, ErrorCode>(
  Object.entries({
    expiredtokenexception: "auth_failed",
    incompletesignature: "auth_failed",
    invalidsignatureexception: "auth_failed",
    missingauthenticationtoken: "auth_failed",
    requestexpired: "auth_failed",
    modelerrorexception: "provider_error",
    modelnotreadyexception: "overloaded",
    modelstreamerrorexception: "provider_error",
    servicequotaexceededexception: "quota_exhausted",
    unrecognizedclientexception: "auth_failed",
  } as const),
);

/** Causes that the service tells only in words, by exception. */
const BY_WORDS: readonly (readonly [string, RegExp, ErrorCode])[] = [
  ["throttlingexception", /\bper day\b|\bdaily\b/i, "quota_exhausted"],
  ["validationexception", /\boperation not allowed\b|\baccess to the model\b/i, "auth_failed"],
  ["validationexception", /\bmodel identifier is invalid\b/i, "model_not_found"],
  ["validationexception", /\bon-demand throughput\b/i, "model_not_found"],
];

/** The service's parts each have their own name for it. */
const THROTTLED = /throttl|^toomanyrequests|^requestlimitexceeded/;

function vendorError(name: string, message: string): VendorError {
  const told = BY_WORDS.find(([of, words]) => of === name && words.test(message))?.[2];
  const code = told ?? BY_NAME.get(name) ?? (THROTTLED.test(name) ? "rate_limited" : undefined);
  return { message, ...(code && { code }) };
}
