import type { ErrorCode } from "../core/errors.ts";
import type { NewestAttempt } from "./recent-facts.ts";

/** A request that went on to another target. */
export interface RecentFailover {
  /** When the next target was asked, in Unix milliseconds. */
  readonly atMs: number;
  readonly request: string;
  readonly tenant: string;
  /** `provider/model`. */
  readonly from: string;
  readonly to: string;
  /** Why the first one would not do; null where it ended without an error. */
  readonly code: ErrorCode | null;
  readonly outcome: string | null;
}

/** Every change of target within the requests of these attempts, the newest first. */
export function recentFailovers(attempts: readonly NewestAttempt[], most: number): readonly RecentFailover[] {
  const byRequest = Map.groupBy(attempts, ({ id }) => id);
  return [...byRequest.values()]
    .flatMap(changesOf)
    .toSorted((one, other) => other.atMs - one.atMs)
    .slice(0, most);
}

function changesOf(attempts: readonly NewestAttempt[]): readonly RecentFailover[] {
  if (attempts.length < 2) return [];
  const inOrder = attempts.toSorted((one, other) => one.n - other.n);
  return inOrder.slice(1).flatMap((next, at): readonly RecentFailover[] => {
    const last = inOrder[at];
    if (!last || targetOf(last) === targetOf(next)) return [];
    const { id: request, tenant, startedMs: atMs, outcome } = next;
    return [{ atMs, request, tenant, from: targetOf(last), to: targetOf(next), code: last.code, outcome }];
  });
}

const targetOf = ({ provider, model }: NewestAttempt): string => `${provider}/${model}`;
