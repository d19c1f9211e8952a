import { formatDuration } from "../core/duration.ts";
import { RiptideError } from "../core/errors.ts";
import { targetText } from "../routing/target.ts";
import type { Attempt, Trail } from "./events.ts";

/** One line on a failed attempt, as error texts and `-u` print it. */
export function attemptText(attempt: Attempt): string {
  const wait = attempt.retryAfterMs === null ? "" : `, retry after ${formatDuration(attempt.retryAfterMs)}`;
  const status = attempt.status === null ? "" : ` (${attempt.status}${wait})`;
  const said = attempt.message ? `: ${attempt.message}` : "";
  return `${targetText(attempt)}: ${attempt.code ?? attempt.outcome}${status} after ${formatDuration(attempt.ms)}${said}`;
}

/** What the operation failed with when nothing else ended it (ER-3). */
export function finalError({ attempts, skipped }: Trail): RiptideError {
  const reasons = [
    ...attempts.map(attemptText),
    ...skipped.map((skip) => `${targetText(skip)}: skipped, ${skip.reason}: ${skip.detail}`),
  ];
  const families = new Set([...attempts.map(exitOf), ...skipped.map(({ exit }) => exit)]);
  const [only, ...others] = families;
  const exit = others.length === 0 && only !== undefined ? only : 5;
  const waits = attempts.map(({ retryAfterMs }) => retryAfterMs).filter((wait) => wait !== null);
  const wait = waits.length > 0 ? { retryAfterMs: Math.min(...waits) } : {};
  const single = attempts.length === 1 && skipped.length === 0 ? attempts[0] : undefined;
  if (single?.code) {
    const status = single.status === null ? {} : { status: single.status };
    return new RiptideError(single.code, single.message ?? "failed", { reasons, exit, ...status, ...wait });
  }
  const tried = new Set(attempts.map(targetText)).size;
  if (tried === 0) {
    return new RiptideError("no_provider_available", "no provider can be asked", {
      reasons,
      exit,
      hint: "riptide providers list",
    });
  }
  const facts = { reasons, exit, ...wait, hint: "riptide providers list" };
  return new RiptideError(
    "all_providers_failed",
    `no provider answered (${tried} tried, ${skipped.length} skipped)`,
    facts,
  );
}

const exitOf = ({ code }: Attempt): number => (code ? new RiptideError(code, "").exit : 5);
