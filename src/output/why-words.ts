import type { ErrorCode } from "../core/errors.ts";

/** What an error code means for somebody who has never seen one. */
const MEANINGS: Readonly<Partial<Record<ErrorCode, string>>> = {
  auth_failed: "it refused the key",
  quota_exhausted: "its account has nothing left to spend",
  model_not_found: "it does not know the model",
  rate_limited: "it asked for fewer requests",
  overloaded: "it said that it is overloaded",
  provider_error: "it reported an error of its own",
  connect_failed: "no connection came about",
  protocol_error: "its answer was cut off or malformed",
  attempt_timeout: "it had not answered when its share of the time was over",
  deadline_exceeded: "it had not answered when the deadline was over",
  stream_interrupted: "its answer broke off on the way",
  stream_idle: "it fell silent in the middle of its answer",
  stream_max: "its answer took longer than a stream may",
  bad_request: "it refused the request as wrong",
  context_too_long: "the prompt is too long for the model",
  unsupported: "the model cannot do what was asked",
  content_filtered: "a filter, or the model, refused to answer",
  schema_invalid: "its answer was not valid against the schema",
  incomplete: "its answer was cut by its length limit",
  cancelled: "the caller gave up",
  circuit_open: "its circuit is open: it failed too often just before",
  secret_missing: "its key is not set",
  budget_exceeded: "it costs more than a budget has left",
  cost_cap_exceeded: "it may cost more than is allowed",
  tenant_denied: "the tenant may not use it",
  all_providers_failed: "every provider that was asked failed",
  no_provider_available: "no provider could be asked",
};

/** The meaning of a code; an unknown one stands for itself. */
export function meaningOf(code: string | null): string {
  const meanings: Readonly<Record<string, string | undefined>> = MEANINGS;
  return meanings[code ?? ""] ?? code ?? "unknown";
}

/** Why a candidate was passed over. */
export const SKIPS: Readonly<Record<string, string>> = {
  circuit_open: "its circuit was open",
  held: "it was to be left alone",
  disabled: "it is disabled in the configuration",
  misconfigured: "its configuration was not usable",
  tenant_denied: "the tenant may not use it",
  unsupported: "it cannot do what was asked",
  unaffordable: "it costs more than there was to spend",
  busy: "it had as many requests in flight as it may have",
};

/** Why the order was what it was. */
export const ORDERS: Readonly<Record<string, string>> = {
  sequential: "in the order given",
  "lowest-cost": "the cheapest first",
  "fastest-first": "the fastest first",
  "round-robin": "by turns",
  "health-based": "the healthiest first",
};
