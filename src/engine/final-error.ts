import { formatTime } from "../core/clock.ts";
import { formatDuration } from "../core/duration.ts";
import { ERRORS, type ErrorFacts, RiptideError } from "../core/errors.ts";
import { targetText } from "../routing/target.ts";
import type { Attempt, Skip, Trail } from "./events.ts";

/** One line on a failed attempt, with the provider's words. */
function attemptText(attempt: Attempt): string {
  return attempt.message ? `${attemptFacts(attempt)}: ${attempt.message}` : attemptFacts(attempt);
}

function attemptFacts(attempt: Attempt): string {
  const wait = attempt.retryAfterMs === null ? "" : `, retry after ${formatDuration(attempt.retryAfterMs)}`;
  const status = attempt.status === null ? "" : ` (${attempt.status}${wait})`;
  return `${targetText(attempt)}: ${attempt.code ?? attempt.outcome}${status} after ${formatDuration(attempt.ms)}`;
}

/** One line on each target that was tried: its last attempt, and that it was a repair. */
export function attemptTexts(attempts: readonly Attempt[]): readonly string[] {
  const isRepaired = (attempt: Attempt) =>
    attempts.some(
      ({ kind, n, ...later }) =>
        kind === "repair" && n > attempt.n && targetText(later) === targetText(attempt),
    );
  return attempts
    .filter((attempt) => !isRepaired(attempt))
    .map((attempt) => attemptText(attempt) + (attempt.kind === "repair" ? ", after 1 repair" : ""));
}

/** What the operation failed with when nothing else ended it (ER-3); `last` is what the last attempt failed with. */
export function finalError({ attempts, skipped }: Trail, last?: RiptideError): RiptideError {
  const candidates = new Set([...attempts, ...skipped].map(targetText));
  if (candidates.size === 1) return onlyError({ attempts, skipped }, last);
  const facts = {
    reasons: [...attemptTexts(attempts), ...skipped.map(skipText)],
    exit: commonExit([...lastOfEach(attempts).map(exitOf), ...skipped.map(({ error }) => error.exit)]),
    ...earliestWait(attempts, skipped),
    hint: "riptide health",
  };
  const tried = new Set(attempts.map(targetText)).size;
  if (tried === 0 && skipped.length > 0 && skipped.every(({ error }) => error.code === "rate_limited")) {
    return new RiptideError("rate_limited", "every provider asks to be left alone for a while", facts);
  }
  if (tried === 0) return new RiptideError("no_provider_available", "no provider can be asked", facts);
  return new RiptideError(
    "all_providers_failed",
    `no provider answered (${tried} tried, ${skipped.length} skipped)`,
    facts,
  );
}

/** One candidate: its own error is the operation's, and its words are not said twice. */
function onlyError({ attempts, skipped }: Trail, last: RiptideError | undefined): RiptideError {
  const skip = skipped.at(-1);
  if (!last) return skip ? alone(skip) : new RiptideError("internal", "a failure without an attempt");
  const reasons = attempts.map((attempt, index) =>
    index === attempts.length - 1 || attempt.message === last.message
      ? attemptFacts(attempt)
      : attemptText(attempt),
  );
  return new RiptideError(last.code, last.message, {
    ...earliestWait(attempts.slice(-1), []),
    ...last.facts,
    reasons: [...reasons, ...(last.facts.reasons ?? [])],
  });
}

/** Who needs the secret is said already; that nobody stands in for it is known only here. */
function alone(skip: Skip): RiptideError {
  const { error, untilWallMs } = skip;
  const [needed, ...others] = error.facts.reasons ?? [];
  const reasons =
    error.code === "secret_missing" && needed !== undefined
      ? [`${needed}; no other provider is usable`, ...others]
      : [...(untilWallMs === undefined ? [] : [skipText(skip)]), ...(error.facts.reasons ?? [])];
  return new RiptideError(error.code, error.message, {
    ...error.facts,
    ...(reasons.length > 0 && { reasons }),
  });
}

/** An error that ends the operation where it is, with what was tried before it; one that tells this already stays. */
export function endedBy(error: RiptideError, trail: Trail): RiptideError {
  const isTold =
    error.code === "cancelled" || error.code === "deadline_exceeded" || trail.attempts.length === 0;
  return isTold ? error : onlyError(trail, error);
}

export function skipText(skip: Skip): string {
  const { reason, untilWallMs, error } = skip;
  const why = untilWallMs === undefined ? `: ${error.message}` : ` until ${timeOfDay(untilWallMs)}`;
  return `${targetText(skip)}: skipped, ${reason}${why}`;
}

/** The next whole second, in UTC; what is held open without an end has none. */
const timeOfDay = (wallMs: number): string =>
  Number.isFinite(wallMs)
    ? formatTime(Math.ceil(wallMs / 1_000) * 1_000).slice(11)
    : "an operator lets it through";

/** What each target came to in the end. */
const lastOfEach = (attempts: readonly Attempt[]): readonly Attempt[] => [
  ...new Map(attempts.map((attempt) => [targetText(attempt), attempt])).values(),
];

const exitOf = ({ code }: Attempt): number => (code ? ERRORS[code].exit : ERRORS.all_providers_failed.exit);

/** All the same: that one; mixed: unavailable. */
function commonExit(exits: readonly number[]): number {
  const [first = ERRORS.no_provider_available.exit, ...others] = new Set(exits);
  return others.length === 0 ? first : ERRORS.all_providers_failed.exit;
}

/** How long a target asks to be left alone: what it said, or the hold it got for saying nothing (HO-3). */
function waitOf({ retryAfterMs, code, holdUntilMs, endedMs }: Attempt): number | null {
  if (retryAfterMs !== null || code !== "rate_limited" || holdUntilMs === null) return retryAfterMs;
  return Math.max(0, holdUntilMs - endedMs);
}

function earliestWait(
  attempts: readonly Attempt[],
  skipped: readonly Skip[],
): Pick<ErrorFacts, "retryAfterMs"> {
  const told = [...attempts.map(waitOf), ...skipped.map(({ error }) => error.facts.retryAfterMs ?? null)];
  const waits = told.filter((wait) => wait !== null);
  return waits.length > 0 ? { retryAfterMs: Math.min(...waits) } : {};
}
