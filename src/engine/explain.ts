import type { HealthState } from "../core/health.ts";
import { scoreOf } from "../routing/strategies.ts";
import { type Target, targetText } from "../routing/target.ts";
import { preview } from "./admission.ts";
import { type Candidate, type Candidates, loadCandidates } from "./candidates.ts";
import type { Engine } from "./engine.ts";
import type { Skip } from "./events.ts";
import type { CircuitState } from "./guard.ts";
import type { Asked } from "./operation.ts";
import { snapshotFor } from "./snapshot.ts";
import { type Entrance, type Survey, survey } from "./survey.ts";

/** Where a request would go now, and why. */
export interface Explanation<C> extends Survey<C> {
  /** What is known of each target of the route, by `provider/model`. */
  readonly standings: ReadonlyMap<string, Standing>;
}

/** How a target stands, whether it can be asked or not. */
export interface Standing {
  /** What its strategy ranks it by; see `scoreOf` of routing/strategies.ts. */
  readonly score: number | null;
  readonly health: HealthState;
  readonly circuit: CircuitState;
}

/**
 * The order a request would be asked in now, by the same steps as its admission; nothing is taken and nothing is sent.
 * Limits of the tenant are left aside: they say when, not where.
 * @throws RiptideError for a tenant or a target that does not exist.
 */
export async function explain<C extends Candidate>(
  asked: Asked,
  engine: Engine,
  entrance: Entrance<C>,
): Promise<Explanation<C>> {
  const found = await survey(asked, engine, entrance);
  const planned = worthWaiting(await preview(asked, engine, { entrance, found }), engine, {
    entrance,
    found,
  });
  const targets = [...planned.candidates, ...planned.skipped];
  return { ...found, ...planned, standings: await standingsOf(targets, engine, { entrance, found }) };
}

/** Where all are held, admission keeps them; the request then waits for the first, if it is free soon, or fails (HO-5). */
function worthWaiting<C extends Candidate>(
  { candidates, skipped }: Candidates<C>,
  { guard, clock, generation }: Engine,
  { entrance, found }: { readonly entrance: Entrance<C>; readonly found: Survey<C> },
): Candidates<C> {
  const mayRepair = generation.config.failover.repair !== "never";
  const latestMs = clock.now() + (mayRepair ? found.limits.deadlineMs / 2 : 0);
  const looked = candidates.map((candidate) => ({
    candidate,
    refusal: guard.refusal(candidate, entrance.kind),
  }));
  const [first] = looked
    .filter(({ refusal, candidate }) => {
      const isPatient = candidate.loaded.entry.circuitBreaker.maxRepairAttempts > 0;
      return refusal !== null && isPatient && refusal.untilMs <= latestMs;
    })
    .toSorted((a, b) => (a.refusal?.untilMs ?? 0) - (b.refusal?.untilMs ?? 0));
  const isKept = (each: (typeof looked)[number]) => each.refusal === null || each === first;
  const refused = looked.flatMap((each): readonly Skip[] => {
    const { candidate, refusal } = each;
    if (isKept(each) || !refusal) return [];
    return [{ provider: candidate.provider, model: candidate.model, ...refusal }];
  });
  return {
    candidates: looked.filter(isKept).map(({ candidate }) => candidate),
    skipped: [...skipped, ...refused],
  };
}

async function standingsOf<C extends Candidate>(
  targets: readonly Target[],
  engine: Engine,
  { entrance, found }: { readonly entrance: Entrance<C>; readonly found: Survey<C> },
): Promise<ReadonlyMap<string, Standing>> {
  const bare = targets.map(({ provider, model }): Target => ({ provider, model }));
  const { candidates, skipped } = await loadCandidates(bare, engine.generation);
  const snapshot = await snapshotFor("all", candidates, engine);
  const scoreAt = (target: Target) => {
    const quote = found.offers.get(targetText(target))?.quote;
    const costNano = quote?.pricing?.worstNano(quote.outputTokens) ?? null;
    return quote ? scoreOf(found.route.strategy, { ...target, costNano }, snapshot) : null;
  };
  return new Map<string, Standing>([
    ...candidates.map((candidate): [string, Standing] => {
      const circuit = engine.guard.circuit(candidate, entrance.kind);
      const health = circuit === "open" ? "down" : snapshot.health(candidate.provider);
      return [targetText(candidate), { score: scoreAt(candidate), health, circuit }];
    }),
    ...skipped.map((skip): [string, Standing] => [targetText(skip), unusable(skip)]),
  ]);
}

const unusable = ({ reason }: Skip): Standing => ({
  score: null,
  health: reason === "disabled" ? "disabled" : "misconfigured",
  circuit: "closed",
});
