import type { Embedding } from "../core/embedding.ts";
import { RiptideError } from "../core/errors.ts";
import type { EmbeddingAdapter } from "../providers/adapter.ts";
import { connectLimitMs } from "../resilience/deadline.ts";
import type { WireReply, WireRequest } from "../wire/http.ts";
import type { Candidate } from "./candidates.ts";
import type { Engine } from "./engine.ts";
import { type Call, fetchReply } from "./exchange.ts";
import type { Trying } from "./failover-plan.ts";
import type { EmbeddingOperation } from "./operation.ts";

/** Calls in flight for one operation, where the vendor takes one text a call. */
const PARALLEL_CALLS = 4;

/** How far the calls of one attempt have come, in bytes of their bodies: how many texts one takes is the vendor's. */
export interface CallsMade {
  readonly calls: number;
  readonly bytes: number;
  sentBytes: number;
  answeredBytes: number;
}

/** What one attempt has brought so far. */
export interface Found {
  embedding?: Embedding;
  made?: CallsMade;
}

/** Asks one candidate for all texts. What comes of it is put into `found`, also when this throws. */
export async function embedOnce(
  { texts, dimensions }: EmbeddingOperation,
  { loaded, model }: Candidate,
  {
    engine,
    trying,
    found,
  }: {
    readonly engine: Engine;
    readonly trying: Trying<never>;
    readonly found: Found;
  },
): Promise<void> {
  delete found.made;
  const adapter: EmbeddingAdapter | undefined = loaded.adapter.embed;
  if (!adapter) throw new RiptideError("internal", `${loaded.entry.id} was asked for embeddings`);
  const call: Call = {
    adapter: loaded.adapter,
    transport: loaded.transport,
    clock: engine.clock,
    exchange: {
      signal: trying.limit.signal,
      connectTimeoutMs: connectLimitMs(trying.sliceMs, loaded.entry.timeouts.connectMs),
      fresh: trying.fresh,
    },
  };
  const request = { model, texts, ...(dimensions !== undefined && { dimensions }) };
  const requests = adapter.toWire(request);
  const bytes = requests.reduce((sum, each) => sum + sizeOf(each), 0);
  const made: CallsMade = { calls: requests.length, bytes, sentBytes: 0, answeredBytes: 0 };
  found.made = made;
  const replies = await fetchAll(call, requests, made);
  found.embedding = adapter.fromWire(replies, request);
}

/** Replies in the order of the requests, a few at a time. */
async function fetchAll(
  call: Call,
  requests: readonly WireRequest[],
  made: CallsMade,
): Promise<readonly WireReply[]> {
  const replies: WireReply[] = [];
  const waiting = [...requests.entries()];
  const worker = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const [index, request] = next;
      made.sentBytes += sizeOf(request);
      replies[index] = await fetchReply(call, request);
      made.answeredBytes += sizeOf(request);
    }
  };
  await Promise.all(Array.from({ length: Math.min(PARALLEL_CALLS, requests.length) }, worker));
  return replies;
}

const sizeOf = ({ body }: WireRequest): number => body?.length ?? 0;
