/** What a failed attempt means for the operation before anything was handed over (AT-1). */
export type Action = "repair" | "next" | "stop";
/** How a circuit breaker counts the outcome (CB-2). */
export type BreakerEffect = "failure" | "ignored" | "success";

interface ErrorClass {
  /** Process exit code of the command line. */
  readonly exit: number;
  /** HTTP status on the daemon's socket. */
  readonly http: number;
  readonly action: Action;
  readonly breaker: BreakerEffect;
}

const row = (exit: number, http: number, action: Action = "stop", breaker: BreakerEffect = "ignored") =>
  ({ exit, http, action, breaker }) as const satisfies ErrorClass;

/**
 * Every error RipTide can report, and all that follows from its code: the one table that exit codes, HTTP
 * statuses, failover and breakers read.
 */
export const ERRORS = {
  usage: row(2, 400),
  invalid_request: row(2, 400),
  config_invalid: row(3, 500),
  config_not_found: row(3, 500),
  no_providers: row(3, 500),
  secret_missing: row(3, 500),
  unsafe_permissions: row(3, 500),
  socket_path_invalid: row(3, 500),
  runtime_too_old: row(3, 500),
  restart_required: row(3, 409),
  bad_request: row(9, 400),
  context_too_long: row(9, 400, "next"),
  unsupported: row(9, 400, "next"),
  content_filtered: row(9, 400),
  auth_failed: row(4, 401, "next"),
  quota_exhausted: row(4, 429, "next"),
  model_not_found: row(4, 404, "next"),
  tenant_key_invalid: row(4, 401),
  tenant_denied: row(9, 403),
  rate_limited: row(7, 429, "repair"),
  tenant_rate_limited: row(7, 429),
  tenant_busy: row(7, 429),
  overloaded: row(5, 503, "repair", "failure"),
  provider_error: row(5, 502, "repair", "failure"),
  connect_failed: row(5, 502, "repair", "failure"),
  protocol_error: row(5, 502, "next", "failure"),
  circuit_open: row(5, 503, "next"),
  no_provider_available: row(5, 503),
  all_providers_failed: row(5, 502),
  stream_interrupted: row(5, 502, "stop", "failure"),
  shutting_down: row(5, 503),
  overloaded_local: row(5, 503),
  daemon_lost: row(5, 502),
  health_policy: row(5, 503),
  attempt_timeout: row(6, 504, "next", "failure"),
  deadline_exceeded: row(6, 504),
  stream_idle: row(6, 504, "stop", "failure"),
  stream_max: row(6, 504),
  budget_exceeded: row(8, 402),
  cost_cap_exceeded: row(8, 402),
  cost_not_confirmed: row(8, 402),
  ledger_unavailable: row(8, 503),
  daemon_not_running: row(10, 503),
  socket_stale: row(10, 503),
  protocol_mismatch: row(11, 426),
  schema_invalid: row(13, 422, "stop", "success"),
  incomplete: row(13, 422, "stop", "success"),
  write_failed: row(1, 500),
  not_found: row(1, 404),
  already_exists: row(1, 409),
  cancelled: row(130, 499),
  internal: row(70, 500),
} as const satisfies Record<string, ErrorClass>;

export type ErrorCode = keyof typeof ERRORS;

/** Where on the way a transport failed; `timeout` is the connect limit. */
export type TransportPhase = "policy" | "lookup" | "connect" | "timeout" | "tls" | "headers" | "body";

export interface ErrorFacts {
  /** Indented lines under the message: one per provider or problem. */
  readonly reasons?: readonly string[];
  /** Every problem of a configuration, the message being the first; for whoever has more room than eight lines. */
  readonly problems?: readonly string[];
  /** Something the reader can run or change. */
  readonly hint?: string;
  /** HTTP status of the provider's answer. */
  readonly status?: number;
  readonly retryAfterMs?: number;
  /** More attempts were possible, but repairs and failovers have used up their share (AT-7). */
  readonly retryBudgetExhausted?: boolean;
  /** What the failed attempt means, where that differs from the code's own row. */
  readonly action?: Action;
  readonly phase?: TransportPhase;
  /** The failed connection had served a request before. */
  readonly connectionReused?: boolean;
  /** Not a byte of the request had left when it failed, so nobody can have taken it (AT-8). */
  readonly isUnsent?: boolean;
  /** The ledger was only locked for longer than this caller could wait: it is there all the same (LG-11). */
  readonly wasHurried?: boolean;
  /** The token that was refused is gone, and the next request brings a new one (HO-3). */
  readonly tokenDropped?: boolean;
  /** The request id the provider gave. */
  readonly providerRequestId?: string;
  /** Exit code, where it differs from the code's own row (ER-3). */
  readonly exit?: number;
  /** HTTP status on the daemon's socket, where it differs from the code's own row. */
  readonly httpStatus?: number;
  readonly cause?: unknown;
}

/**
 * What callers are turned away with, thousands of times a second where one of them does not stop asking. Where in the
 * program that came about says nothing, and would be most of its price.
 */
const REFUSALS: ReadonlySet<ErrorCode> = new Set([
  ...(["tenant_rate_limited", "tenant_busy", "tenant_denied", "tenant_key_invalid"] as const),
  ...(["budget_exceeded", "overloaded_local", "shutting_down"] as const),
]);

/** On every error of RipTide: a plugin may have brought a copy of this module of its own. */
const MARK = Symbol.for("riptide.error");

/** The one error class: a code of {@link ERRORS}, a message for people, and the facts around it. */
export class RiptideError extends Error {
  readonly code: ErrorCode;
  readonly facts: ErrorFacts;

  static override [Symbol.hasInstance](value: unknown): boolean {
    return typeof value === "object" && value !== null && MARK in value;
  }

  constructor(code: ErrorCode, message: string, facts: ErrorFacts = {}) {
    const { stackTraceLimit } = Error;
    if (REFUSALS.has(code)) Error.stackTraceLimit = 0;
    super(message, facts.cause === undefined ? undefined : { cause: facts.cause });
    Error.stackTraceLimit = stackTraceLimit;
    this.code = code;
    this.facts = facts;
  }

  /** What `String(error)` and loggers call it. */
  override get name(): string {
    return "RiptideError";
  }

  get [MARK](): true {
    return true;
  }

  get exit(): number {
    return this.facts.exit ?? ERRORS[this.code].exit;
  }

  get action(): Action {
    return this.facts.action ?? ERRORS[this.code].action;
  }
}

/** Turns whatever was thrown into a {@link RiptideError}; a stranger becomes `internal`. */
export function asRiptideError(thrown: unknown): RiptideError {
  if (thrown instanceof RiptideError) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new RiptideError("internal", message, { cause: thrown });
}

/** Ends a `switch` over a tagged union: adding a variant without a case no longer compiles. */
export function unreachable(value: never): never {
  throw new RiptideError("internal", `unexpected variant: ${JSON.stringify(value)}`);
}
