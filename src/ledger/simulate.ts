import { costOf } from "./cost.ts";
import { percentilesOf } from "./percentiles.ts";
import type { Price } from "./price.ts";
import type { TokenCounts } from "./settlement.ts";

/** A request of the ledger, as far as it can be played again on paper. Targets are written `provider/model`. */
export interface PastRequest extends TokenCounts {
  readonly tenant: string;
  /** Empty for a target named outright. */
  readonly alias: string;
  /** Who was asked first, and whether that went wrong by a fault of its own. */
  readonly first: string;
  readonly firstFailed: boolean;
  /** Who answered, or was asked last, with whose tokens. */
  readonly home: string;
  readonly isAnswered: boolean;
  readonly costNano: number;
  /** Of the attempt at home alone. */
  readonly homeCostNano: number;
  readonly totalMs: number;
  readonly homeMs: number;
}

/** What is known of a target from the range. */
export interface TargetRecord {
  readonly price: Price | null;
  /** Median duration of its answers; undefined where too few were seen. */
  readonly totalP50Ms: number | undefined;
  /** Part of its attempts that failed by a fault of its own; undefined where too few were seen. */
  readonly failureRate: number | undefined;
}

export interface Simulation {
  readonly requests: number;
  /** Requests that would have been asked elsewhere first. */
  readonly moved: number;
  readonly actualNano: number;
  readonly simulatedNano: number;
  /** Of the answered requests; null of none, or where half of them went to targets nothing is known of. */
  readonly actualP50Ms: number | null;
  readonly simulatedP50Ms: number | null;
  /** First tries, as an expectation. */
  readonly failuresAvoided: number;
  readonly failuresAdded: number;
  /** Moved requests whose new target has no price: they keep what they cost. */
  readonly unpriced: number;
  /** Moved requests that nobody answered, so that no tokens are known: they keep what they cost. */
  readonly unanswered: number;
  /** Moved requests whose new target was hardly observed, so that neither its time nor its failures are known. */
  readonly unobserved: number;
  readonly targets: readonly TargetShare[];
}

/** How many requests were, and would have been, sent to a target first. */
export interface TargetShare {
  readonly target: string;
  readonly actual: number;
  readonly simulated: number;
}

/**
 * Plays requests again on paper: each keeps its recorded tokens and goes first to the target that is chosen for it. A
 * request that goes where it went is not touched.
 * @param choose The target for a request; undefined to leave it where it was.
 */
export function simulate(
  requests: Iterable<PastRequest>,
  choose: (request: PastRequest, turn: number) => string | undefined,
  recordOf: (target: string) => TargetRecord,
): Simulation {
  const sums = newSums();
  for (const request of requests) {
    const target = choose(request, sums.requests) ?? request.first;
    const isMoved = target !== request.first;
    add(sums, request, target, isMoved ? moved(request, target, recordOf(target)) : asItWas(request));
    count(sums.shares, request.first, "actual");
    count(sums.shares, target, "simulated");
  }
  const { actualTimes, simulatedTimes, shares, ...counts } = sums;
  const isKnown = simulatedTimes.length * 2 > actualTimes.length;
  return {
    ...counts,
    actualP50Ms: percentilesOf(actualTimes)?.p50Ms ?? null,
    simulatedP50Ms: isKnown ? (percentilesOf(simulatedTimes)?.p50Ms ?? null) : null,
    targets: [...shares]
      .map(([target, share]) => ({ target, ...share }))
      .toSorted((one, other) => other.simulated - one.simulated || other.actual - one.actual),
  };
}

const newSums = () => ({
  ...{ requests: 0, moved: 0, actualNano: 0, simulatedNano: 0, failuresAvoided: 0, failuresAdded: 0 },
  ...{ unpriced: 0, unanswered: 0, unobserved: 0 },
  actualTimes: [] as number[], // Empty, and filled with milliseconds.
  simulatedTimes: [] as number[],
  shares: new Map<string, { actual: number; simulated: number }>(),
});

function add(sums: ReturnType<typeof newSums>, request: PastRequest, target: string, played: Played): void {
  sums.requests += 1;
  if (target !== request.first) sums.moved += 1;
  sums.actualNano += request.costNano;
  sums.simulatedNano += played.costNano;
  sums.failuresAvoided += played.avoided;
  sums.failuresAdded += played.added;
  if (played.doubt) sums[played.doubt] += 1;
  if (played.isUnobserved) sums.unobserved += 1;
  if (!request.isAnswered) return;
  sums.actualTimes.push(request.totalMs);
  if (played.totalMs !== undefined) sums.simulatedTimes.push(played.totalMs);
}

/** A request on its new way. */
interface Played {
  readonly costNano: number;
  readonly totalMs: number | undefined;
  readonly avoided: number;
  readonly added: number;
  readonly doubt?: "unpriced" | "unanswered";
  readonly isUnobserved?: boolean;
}

const asItWas = ({ costNano, totalMs }: PastRequest): Played => ({ costNano, totalMs, avoided: 0, added: 0 });

function moved(request: PastRequest, target: string, record: TargetRecord): Played {
  // Where it ended up after others had failed, it is known what asking there first would have come to.
  if (target === request.home && request.isAnswered) {
    const { homeCostNano: costNano, homeMs: totalMs, firstFailed } = request;
    return { costNano, totalMs, avoided: firstFailed ? 1 : 0, added: 0 };
  }
  const { failureRate, totalP50Ms } = record;
  const failures =
    failureRate === undefined
      ? { avoided: 0, added: 0 }
      : { avoided: request.firstFailed ? 1 - failureRate : 0, added: request.firstFailed ? 0 : failureRate };
  const seen = { ...failures, totalMs: totalP50Ms, isUnobserved: failureRate === undefined };
  if (!request.isAnswered) return { ...seen, costNano: request.costNano, doubt: "unanswered" };
  if (record.price === null) return { ...seen, costNano: request.costNano, doubt: "unpriced" };
  return { ...seen, costNano: costOf(request, record.price) };
}

function count(
  shares: Map<string, { actual: number; simulated: number }>,
  target: string,
  side: "actual" | "simulated",
): void {
  const share = shares.get(target) ?? { actual: 0, simulated: 0 };
  share[side] += 1;
  shares.set(target, share);
}
