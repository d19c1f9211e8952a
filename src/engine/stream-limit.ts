import { formatDuration } from "../core/duration.ts";
import { RiptideError } from "../core/errors.ts";
import type { CompletionRun } from "./completion-run.ts";
import type { Limit } from "./limit.ts";
import type { OperationLimits } from "./operation.ts";

/**
 * The limits of a stream from its first content on: silence, total length and, if strict, the deadline. Each call
 * of the returned function sets them anew, and the silence is counted from there.
 */
export function streamLimit(run: CompletionRun, limits: OperationLimits, limit: Limit): () => void {
  const { clock } = run.engine;
  const maxAt = run.startedAt + limits.streamMaxMs;
  const deadlineAt = limits.strict ? run.startedAt + limits.deadlineMs : Number.POSITIVE_INFINITY;
  const ended = (): RiptideError => {
    const now = clock.now();
    if (now >= deadlineAt - 1)
      return new RiptideError("deadline_exceeded", `not whole within ${formatDuration(limits.deadlineMs)}`);
    if (now >= maxAt - 1)
      return new RiptideError(
        "stream_max",
        `the stream ran longer than ${formatDuration(limits.streamMaxMs)}`,
      );
    return new RiptideError(
      "stream_idle",
      `the stream was silent for ${formatDuration(limits.streamIdleMs)}`,
    );
  };
  const lastAt = Math.min(maxAt, deadlineAt);
  return () => limit.setUntil(Math.min(clock.now() + limits.streamIdleMs, lastAt), ended);
}
