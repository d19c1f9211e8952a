import { type ErrorCode, type ErrorFacts, RiptideError } from "../core/errors.ts";
import { plainText } from "../core/text.ts";
import type { WireFailure } from "./adapter.ts";
import { retryAfterMs } from "./retry-after.ts";

/** What a vendor's error body says, read by its adapter. */
export interface VendorError {
  /** The vendor's own words; may be empty. */
  readonly message: string;
  /** The code, where the vendor's names are more exact than the status. */
  readonly code?: ErrorCode;
  /** A wait named in the body, in milliseconds. */
  readonly waitMs?: number | undefined;
  readonly action?: ErrorFacts["action"];
  readonly requestId?: string | undefined;
}

const TOO_LONG =
  /context_length_exceeded|maximum context length|exceeds the context window|prompt is too long|input is too long|input length exceeds the context length|input token count.{0,80}exceeds the maximum|too many input tokens|exceeds the available context|exceed context limit/i;

/** The error of a failed reply: the vendor's code if it gave one, else what the status means (ER table). */
export function failureOf(failure: WireFailure, vendor: VendorError): RiptideError {
  const byStatus = statusMeaning(failure.status);
  const code =
    vendor.code ??
    (byStatus.code === "bad_request" && TOO_LONG.test(vendor.message) ? "context_too_long" : byStatus.code);
  const action = vendor.action ?? (code === byStatus.code ? byStatus.action : undefined);
  const wait = WAITS.has(code) ? retryAfterMs(failure, vendor.waitMs) : undefined;
  return new RiptideError(code, messageOf(failure, vendor), {
    status: failure.status,
    ...(isRedirect(failure) && { hint: "check the base_url of the provider" }),
    ...(action && { action }),
    ...(wait !== undefined && { retryAfterMs: wait }),
    ...(vendor.requestId && { providerRequestId: plainText(vendor.requestId).slice(0, 100) }),
  });
}

const isRedirect = ({ status }: WireFailure) => status >= 300 && status < 400;

function messageOf(failure: WireFailure, vendor: VendorError): string {
  if (isRedirect(failure)) return redirectText(failure);
  return plainText(vendor.message) || `answered ${failure.status}`;
}

/** Where a reply points; path and query may hold what is nobody's business. */
function redirectText({ headers }: WireFailure): string {
  const target = URL.parse(headers.location ?? "");
  const to = target?.host ? ` to ${target.origin}` : "";
  return `redirects${to} (not followed)`;
}

/** A reply or frame that is not what the dialect allows. */
export const wrongShape = (what: string): RiptideError => new RiptideError("protocol_error", what);

const WAITS = new Set<ErrorCode>(["rate_limited", "overloaded", "quota_exhausted", "provider_error"]);

const BY_STATUS: Readonly<Record<number, StatusMeaning>> = {
  401: { code: "auth_failed" },
  402: { code: "quota_exhausted" },
  403: { code: "auth_failed" },
  404: { code: "model_not_found" },
  408: { code: "provider_error", action: "next" },
  409: { code: "provider_error", action: "next" },
  425: { code: "provider_error", action: "next" },
  429: { code: "rate_limited" },
  500: { code: "provider_error", action: "repair" },
  502: { code: "provider_error", action: "repair" },
  503: { code: "overloaded" },
  529: { code: "overloaded" },
};

interface StatusMeaning {
  readonly code: ErrorCode;
  readonly action?: ErrorFacts["action"];
}

function statusMeaning(status: number): StatusMeaning {
  const known = BY_STATUS[status];
  if (known) return known;
  if (status >= 500 || status < 300) return { code: "provider_error", action: "next" };
  return { code: status < 400 ? "protocol_error" : "bad_request" };
}
