import type { Embedding } from "../core/embedding.ts";
import { RiptideError } from "../core/errors.ts";
import type { Usage } from "../core/usage.ts";
import type { EmbeddingAdapter } from "../providers/adapter.ts";
import { estimateTokens } from "../providers/estimate.ts";
import { connectLimitMs } from "../resilience/deadline.ts";
import { routeOf } from "../routing/route.ts";
import type { WireReply, WireRequest } from "../wire/http.ts";
import { type Candidate, loadCandidates } from "./candidates.ts";
import type { Engine } from "./engine.ts";
import type { Skip, Timing, Trail } from "./events.ts";
import { type Call, fetchReply } from "./exchange.ts";
import { failover } from "./failover.ts";
import type { FailoverPlan, GrowingTrail } from "./failover-plan.ts";
import { type Limit, untilAborted } from "./limit.ts";
import { type EmbeddingOperation, limitsOf } from "./operation.ts";
import type { Admitted } from "./stages.ts";

export interface EmbeddingResult extends Trail {
  readonly id: string;
  readonly provider: string;
  readonly model: string;
  readonly dimensions: number;
  readonly vectors: Embedding["vectors"];
  readonly usage: Usage;
  readonly timing: Timing;
}

/** Calls in flight for one operation, where the vendor takes one text a call. */
const PARALLEL_CALLS = 4;

/**
 * Embeds all texts with one model; a failure goes to the next target with all of them, so models never mix.
 * @param trail Grows as the operation goes on and is whole even when this throws.
 * @throws RiptideError the error that ends the operation.
 */
export async function embed(
  operation: EmbeddingOperation,
  engine: Engine,
  trail: GrowingTrail,
): Promise<EmbeddingResult> {
  const { generation } = engine;
  const route = routeOf(operation.route, generation.table);
  const { deadlineMs, maxAttempts } = limitsOf(operation, generation.config, {
    alias: route.alias,
    kind: "embedding",
  });
  const { candidates, skipped } = await loadCandidates(route.targets, generation);
  trail.skipped.push(...skipped, ...candidates.filter(lacksEmbeddings).map(unsupported));
  const startedAt = engine.clock.now();
  const admitted = await engine.stages.admit(operation);
  const found: { embedding?: Embedding } = {};
  const plan = embeddingPlan(operation, engine, {
    candidates: candidates.filter((candidate) => !lacksEmbeddings(candidate)),
    deadlineAt: startedAt + deadlineMs,
    deadlineMs,
    maxAttempts,
    admitted,
    found,
  });
  try {
    const winner = await lastOf(failover(plan, trail));
    if (!found.embedding) throw new RiptideError("internal", "an embedding succeeded without vectors");
    const totalMs = Math.round(engine.clock.now() - startedAt);
    return resultOf(operation, winner, found.embedding, {
      trail,
      timing: { totalMs, firstTokenMs: null, queueMs: 0 },
    });
  } finally {
    await admitted.settle(trail);
  }
}

interface EmbeddingPlanFacts
  extends Pick<FailoverPlan<Candidate, never>, "candidates" | "deadlineAt" | "deadlineMs" | "maxAttempts"> {
  readonly admitted: Admitted;
  /** Where the answer is put. */
  readonly found: { embedding?: Embedding };
}

function embeddingPlan(
  operation: EmbeddingOperation,
  engine: Engine,
  { admitted, found, ...facts }: EmbeddingPlanFacts,
): FailoverPlan<Candidate, never> {
  return {
    ...facts,
    clock: engine.clock,
    signal: operation.signal,
    permit: (candidate) => admitted.permit(candidate),
    attemptCapMs: ({ loaded }) => loaded.entry.timeouts.attemptMs,
    // biome-ignore lint/correctness/useYield: an embedding has no events before its end.
    async *tryOne(candidate, limit, slice) {
      found.embedding = await embedOnce(operation, candidate, { engine, limit, slice });
    },
    isContent: () => false,
    repair: () => undefined,
    sharesFate: () => null,
    alsoNext: new Set(),
  };
}

async function embedOnce(
  { texts, dimensions }: EmbeddingOperation,
  { loaded, model }: Candidate,
  { engine, limit, slice }: { readonly engine: Engine; readonly limit: Limit; readonly slice: number },
): Promise<Embedding> {
  const adapter: EmbeddingAdapter | undefined = loaded.adapter.embed;
  if (!adapter) throw new RiptideError("internal", `${loaded.entry.id} was asked for embeddings`);
  const call: Call = {
    adapter: loaded.adapter,
    transport: loaded.transport,
    clock: engine.clock,
    exchange: {
      signal: limit.signal,
      connectTimeoutMs: connectLimitMs(slice, loaded.entry.timeouts.connectMs),
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

const lacksEmbeddings = ({ loaded }: Candidate) => loaded.adapter.embed === undefined;

const unsupported = ({ provider, model, loaded }: Candidate): Skip => {
  const error = new RiptideError("unsupported", `${loaded.entry.type} has no embeddings`);
  return { provider, model, reason: "unsupported", error };
};

function resultOf(
  { id, texts }: EmbeddingOperation,
  { provider, model }: Candidate,
  { vectors, usage }: Embedding,
  { trail, timing }: { readonly trail: Trail; readonly timing: Timing },
): EmbeddingResult {
  const inputTokens = texts.reduce((sum, text) => sum + estimateTokens(text), 0);
  const estimated: Usage = {
    inputTokens,
    outputTokens: 0,
    cacheReadTokens: 0,
    cacheWriteTokens: 0,
    reasoningTokens: 0,
    source: "estimated",
  };
  return {
    ...trail,
    id,
    provider,
    model,
    dimensions: vectors[0]?.length ?? 0,
    vectors,
    usage: usage ?? estimated,
    timing,
  };
}

async function lastOf<T>(events: AsyncGenerator<unknown, T>): Promise<T> {
  for (let step = await events.next(); ; step = await events.next()) if (step.done) return step.value;
}
