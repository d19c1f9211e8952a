import { RiptideError } from "../../core/errors.ts";
import type { Daemon } from "../context.ts";
import type { Dialect, Story } from "../dialects/dialect.ts";
import { type Exchange, type Headers, replyError } from "../http/exchange.ts";
import { idHeaders } from "./headers.ts";

/** A request that failed before any of its answer was sent. */
export interface Failure {
  readonly error: RiptideError;
  readonly id: string;
  readonly attempts: number;
  /** Absent where it got to none. */
  readonly generation?: number | undefined;
  readonly story?: Story;
}

/** The error without the secrets that a provider may have put into its words. */
export function redacted(error: RiptideError, { redact }: Pick<Daemon, "redact">): RiptideError {
  if (OURS.has(error.code)) return error;
  const { reasons, problems, hint } = error.facts;
  return new RiptideError(error.code, redact(error.message), {
    ...error.facts,
    ...(reasons && { reasons: reasons.map(redact) }),
    ...(problems && { problems: problems.map(redact) }),
    ...(hint !== undefined && { hint: redact(hint) }),
  });
}

/** Refusals in our own words and figures alone, which may be thousands a second. */
const OURS: ReadonlySet<RiptideError["code"]> = new Set([
  ...(["tenant_rate_limited", "tenant_busy", "overloaded_local", "shutting_down"] as const),
]);

/** Answers with the error, in the words of its dialect. */
export function replyFailed(
  exchange: Exchange,
  daemon: Daemon,
  dialect: Dialect,
  { id, attempts, generation = daemon.generations.current().number, story, ...failure }: Failure,
  headers: Headers = {},
): void {
  const error = redacted(failure.error, daemon);
  const facts = { request: id, dialect: dialect.name, code: error.code, attempts };
  if (error.code === "internal") daemon.log.error({ ...facts, error: error.message }, "a request failed");
  // What was refused before anybody was asked may be thousands a second.
  else if (attempts > 0) daemon.log.info(facts, "a request was not answered");
  else daemon.log.debug(facts, "a request was refused");
  replyError(exchange, error, dialect.errorBody(error, id, story), {
    ...idHeaders(dialect.name, id),
    "x-riptide-attempts": String(attempts),
    "x-riptide-generation": String(generation),
    ...headers,
  });
}
