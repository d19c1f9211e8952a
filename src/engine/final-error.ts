import { formatDuration } from "../core/duration.ts";
import { ERRORS, type ErrorFacts, RiptideError } from "../core/errors.ts";
import { targetText } from "../routing/target.ts";
import type { Attempt, Skip, Trail } from "./events.ts";

/** One line on a failed attempt, as error texts and `-u` print it. */
export function attemptText(attempt: Attempt): string {
  const wait = attempt.retryAfterMs === null ? "" : `, retry after ${formatDuration(attempt.retryAfterMs)}`;
  const status = attempt.status === null ? "" : ` (${attempt.status}${wait})`;
  const said = attempt.message ? `: ${attempt.message}` : "";
  return `${targetText(attempt)}: ${attempt.code ?? attempt.outcome}${status} after ${formatDuration(attempt.ms)}${said}`;
}

/** What the operation failed with when nothing else ended it (ER-3). */
export function finalError({ attempts, skipped }: Trail): RiptideError {
  const facts = {
    reasons: [...attempts.map(attemptText), ...skipped.map(skipText)],
    exit: commonExit([...attempts.map(exitOf), ...skipped.map(({ error }) => error.exit)]),
    ...earliestWait(attempts),
    hint: "riptide providers list",
  };
  const candidates = new Set([...attempts, ...skipped].map(targetText));
  if (candidates.size === 1) return onlyError({ attempts, skipped }, facts);
  const tried = new Set(attempts.map(targetText)).size;
  if (tried === 0) return new RiptideError("no_provider_available", "no provider can be asked", facts);
  return new RiptideError(
    "all_providers_failed",
    `no provider answered (${tried} tried, ${skipped.length} skipped)`,
    facts,
  );
}

/** One candidate: its own error is the operation's. */
function onlyError({ attempts, skipped }: Trail, facts: ErrorFacts): RiptideError {
  const attempt = attempts.at(-1);
  const skip = skipped.at(-1);
  if (attempt?.code) {
    const status = attempt.status === null ? {} : { status: attempt.status };
    return new RiptideError(attempt.code, attempt.message ?? "failed", { ...facts, ...status });
  }
  return skip?.error ?? new RiptideError("no_provider_available", "no provider can be asked", facts);
}

const skipText = (skip: Skip): string =>
  `${targetText(skip)}: skipped, ${skip.reason}: ${skip.error.message}`;

const exitOf = ({ code }: Attempt): number => (code ? ERRORS[code].exit : ERRORS.all_providers_failed.exit);

/** All the same: that one; mixed: unavailable. */
function commonExit(exits: readonly number[]): number {
  const [first = ERRORS.no_provider_available.exit, ...others] = new Set(exits);
  return others.length === 0 ? first : ERRORS.all_providers_failed.exit;
}

function earliestWait(attempts: readonly Attempt[]): Pick<ErrorFacts, "retryAfterMs"> {
  const waits = attempts.map(({ retryAfterMs }) => retryAfterMs).filter((wait) => wait !== null);
  return waits.length > 0 ? { retryAfterMs: Math.min(...waits) } : {};
}
