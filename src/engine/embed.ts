import type { Alert } from "../core/budget.ts";
import type { Embedding } from "../core/embedding.ts";
import { asRiptideError, RiptideError } from "../core/errors.ts";
import type { Usage } from "../core/usage.ts";
import { type Entered, enter } from "./admission.ts";
import { bookedInTime } from "./booked.ts";
import type { Candidate } from "./candidates.ts";
import { commonPlan } from "./common-plan.ts";
import { usageOf } from "./cost.ts";
import { embedOnce, type Found } from "./embedding-calls.ts";
import { embeddingEntrance, seenUsage } from "./embedding-entrance.ts";
import type { Engine } from "./engine.ts";
import type { Timing, Trail } from "./events.ts";
import { failover } from "./failover.ts";
import type { FailoverPlan, GrowingTrail } from "./failover-plan.ts";
import type { EmbeddingOperation } from "./operation.ts";

export interface EmbeddingResult extends Trail, Notices {
  readonly id: string;
  readonly provider: string;
  readonly model: string;
  readonly dimensions: number;
  readonly vectors: Embedding["vectors"];
  readonly usage: Usage;
  readonly timing: Timing;
}

/** What the caller should be told besides the result. */
export interface Notices {
  readonly alerts: Alert[];
  readonly warnings: string[];
}

/** All that is known of an embedding while it goes on. */
export interface GrowingRecord {
  readonly trail: GrowingTrail;
  readonly notices: Notices;
}

/**
 * Embeds all texts with one model; a failure goes to the next target with all of them, so models never mix.
 * @param record Grows as the operation goes on and is whole even when this throws.
 * @throws RiptideError the error that ends the operation.
 */
export async function embed(
  operation: EmbeddingOperation,
  engine: Engine,
  { trail, notices }: GrowingRecord,
): Promise<EmbeddingResult> {
  const { candidates, limits, account, startedAt, warnings } = await enter(
    operation,
    engine,
    embeddingEntrance(operation, engine.generation),
    trail,
  );
  const found: Found = {};
  const plan = embeddingPlan(operation, engine, { candidates, limits, startedAt, account, found });
  let error: RiptideError | undefined;
  try {
    const winner = await failover(plan, trail, () => undefined);
    if (!found.embedding) throw new RiptideError("internal", "an embedding succeeded without vectors");
    const totalMs = Math.round(engine.clock.now() - startedAt);
    const timing = { totalMs, firstTokenMs: null, queueMs: Math.round(operation.queueMs ?? 0) };
    return resultOf(operation, winner, found.embedding, { trail, timing, notices });
  } catch (thrown) {
    error = asRiptideError(thrown);
    throw error;
  } finally {
    const ending = { error, endedMs: engine.clock.wall(), firstTokenMs: null };
    const leftMs = startedAt + limits.deadlineMs - engine.clock.now();
    const settled = await bookedInTime(account.settle(trail, ending), leftMs, engine.clock);
    notices.alerts.push(...settled.alerts);
    notices.warnings.push(...warnings, ...(settled.warnings ?? []));
  }
}

interface EmbeddingPlanFacts
  extends Pick<Entered<Candidate>, "candidates" | "limits" | "startedAt" | "account"> {
  /** Where the answer is put. */
  readonly found: Found;
}

function embeddingPlan(
  operation: EmbeddingOperation,
  engine: Engine,
  { candidates, found, ...facts }: EmbeddingPlanFacts,
): FailoverPlan<Candidate, never> {
  return {
    // The texts are the same at every attempt, and were priced at admission.
    ...commonPlan(operation, engine, { ...facts, inputTokensOf: () => 0 }),
    operationClass: "embedding",
    candidates,
    drainMs: 0,
    charge: (candidate, error) => facts.account.charge(candidate, seenUsage(operation, found, error)),
    tryOne: (candidate, trying) => embedOnce(operation, candidate, { engine, trying, found }),
    isContent: () => false,
    repairAnswer: () => undefined,
    sharesFate: () => null,
    alsoNext: new Set(),
  };
}

function resultOf(
  { id }: EmbeddingOperation,
  { provider, model }: Candidate,
  { vectors }: Embedding,
  { trail, timing, notices }: { readonly trail: Trail; readonly timing: Timing; readonly notices: Notices },
): EmbeddingResult {
  const usage = usageOf(trail.attempts);
  return {
    ...trail,
    ...notices,
    id,
    provider,
    model,
    dimensions: vectors[0]?.length ?? 0,
    vectors,
    usage,
    timing,
  };
}
