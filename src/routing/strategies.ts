import type { HealthState } from "../core/health.ts";
import type { StrategyName } from "./strategy-name.ts";
import type { Target } from "./target.ts";

/** A target with what it can be ranked by. */
export interface Rankable extends Target {
  /** What this operation is estimated to cost there, in nano-dollars; null where no price is known. */
  readonly costNano: number | null;
}

/** What is known of the providers at the moment of admission. */
export interface Snapshot {
  /** The median time to the first token over the last minutes, in milliseconds; undefined where too few are known. */
  ttftP50Ms(target: Target): number | undefined;
  health(provider: string): HealthState;
}

/** An ordering of candidates that may all be asked. Sorting is stable, so ties keep the order of the targets (FB-3). */
export type Strategy = <C extends Rankable>(
  candidates: readonly C[],
  snapshot: Snapshot,
  turn: number,
) => readonly C[];

type Rank = (candidate: Rankable, snapshot: Snapshot) => number;

const by =
  (rank: Rank): Strategy =>
  (candidates, snapshot) => {
    const ranks = new Map(candidates.map((candidate) => [candidate, rank(candidate, snapshot)]));
    // Not a difference: two that are last are as infinite as one another.
    return candidates.toSorted((a, b) => compare(ranks.get(a) ?? LAST, ranks.get(b) ?? LAST));
  };

const compare = (a: number, b: number): number => (a === b ? 0 : a - b);

const LAST = Number.POSITIVE_INFINITY;

/** Only orders: who is down is asked last, but asked (FB-4). */
const HEALTH_RANK: Readonly<Record<HealthState, number>> = {
  healthy: 0,
  unknown: 1,
  degraded: 2,
  down: 3,
  misconfigured: 4,
  disabled: 4,
};

const RANKS = {
  "lowest-cost": ({ costNano }) => costNano ?? LAST,
  "fastest-first": (target, { ttftP50Ms }) => ttftP50Ms(target) ?? LAST,
  "health-based": ({ provider }, { health }) => HEALTH_RANK[health(provider)],
} as const satisfies Record<string, Rank>;

export const strategies = {
  sequential: (candidates) => candidates,
  "lowest-cost": by(RANKS["lowest-cost"]),
  "fastest-first": by(RANKS["fastest-first"]),
  "round-robin": (candidates, _snapshot, turn) => rotated(candidates, turn),
  "health-based": by(RANKS["health-based"]),
} as const satisfies Record<StrategyName, Strategy>;

/** Turn 0 starts with the first. */
function rotated<C>(candidates: readonly C[], turn: number): readonly C[] {
  const first = candidates.length === 0 ? 0 : turn % candidates.length;
  return [...candidates.slice(first), ...candidates.slice(0, first)];
}

/**
 * What a strategy ranks a candidate by, the lowest first: nano-dollars, milliseconds, or the rank of its health. Null
 * where it ranks by nothing, or where that is not known and the candidate stands last.
 */
export function scoreOf(name: StrategyName, candidate: Rankable, snapshot: Snapshot): number | null {
  if (name === "sequential" || name === "round-robin") return null;
  const rank = RANKS[name](candidate, snapshot);
  return rank === LAST ? null : rank;
}
