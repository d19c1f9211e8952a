import type { Alert } from "../core/budget.ts";
import type { Embedding } from "../core/embedding.ts";
import { asRiptideError, RiptideError } from "../core/errors.ts";
import type { Usage } from "../core/usage.ts";
import type { EmbeddingAdapter } from "../providers/adapter.ts";
import { connectLimitMs } from "../resilience/deadline.ts";
import type { WireReply, WireRequest } from "../wire/http.ts";
import { type Entered, enter } from "./admission.ts";
import { bookedInTime } from "./booked.ts";
import type { Candidate } from "./candidates.ts";
import { commonPlan } from "./common-plan.ts";
import { usageOf } from "./cost.ts";
import { embeddingEntrance, seenUsage } from "./embedding-entrance.ts";
import type { Engine } from "./engine.ts";
import type { Timing, Trail } from "./events.ts";
import { type Call, fetchReply } from "./exchange.ts";
import { failover } from "./failover.ts";
import type { FailoverPlan, GrowingTrail, Share } from "./failover-plan.ts";
import { type Limit, untilAborted } from "./limit.ts";
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

/** Calls in flight for one operation, where the vendor takes one text a call. */
const PARALLEL_CALLS = 4;

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
  const found: { embedding?: Embedding } = {};
  const plan = embeddingPlan(operation, engine, { candidates, limits, startedAt, account, found });
  let error: RiptideError | undefined;
  try {
    const winner = await lastOf(failover(plan, trail));
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
  readonly found: { embedding?: Embedding };
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
    charge: (candidate, error) =>
      facts.account.charge(candidate, seenUsage(operation, found.embedding, error)),
    // biome-ignore lint/correctness/useYield: an embedding has no events before its end.
    async *tryOne(candidate, limit, share) {
      found.embedding = await embedOnce(operation, candidate, { engine, limit, share });
    },
    isContent: () => false,
    repairAnswer: () => undefined,
    sharesFate: () => null,
    alsoNext: new Set(),
  };
}

async function embedOnce(
  { texts, dimensions }: EmbeddingOperation,
  { loaded, model }: Candidate,
  { engine, limit, share }: { readonly engine: Engine; readonly limit: Limit; readonly share: Share },
): Promise<Embedding> {
  const adapter: EmbeddingAdapter | undefined = loaded.adapter.embed;
  if (!adapter) throw new RiptideError("internal", `${loaded.entry.id} was asked for embeddings`);
  const call: Call = {
    adapter: loaded.adapter,
    transport: loaded.transport,
    clock: engine.clock,
    exchange: {
      signal: limit.signal,
      connectTimeoutMs: connectLimitMs(share.sliceMs, loaded.entry.timeouts.connectMs),
      fresh: share.fresh,
    },
  };
  const request = { model, texts, ...(dimensions !== undefined && { dimensions }) };
  const replies = await untilAborted(fetchAll(call, adapter.toWire(request)), limit.signal);
  return adapter.fromWire(replies, request);
}

/** Replies in the order of the requests, a few at a time. */
async function fetchAll(call: Call, requests: readonly WireRequest[]): Promise<readonly WireReply[]> {
  const replies: WireReply[] = [];
  const waiting = [...requests.entries()];
  const worker = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift())
      replies[next[0]] = await fetchReply(call, next[1]);
  };
  await Promise.all(Array.from({ length: Math.min(PARALLEL_CALLS, requests.length) }, worker));
  return replies;
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

async function lastOf<T>(events: AsyncGenerator<unknown, T>): Promise<T> {
  for (let step = await events.next(); ; step = await events.next()) if (step.done) return step.value;
}
