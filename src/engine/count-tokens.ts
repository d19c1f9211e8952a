import type { CompletionRequest } from "../core/completion.ts";
import { formatDuration } from "../core/duration.ts";
import { RiptideError } from "../core/errors.ts";
import type { CountAdapter } from "../providers/adapter.ts";
import { estimateInputTokens } from "../providers/estimate.ts";
import { connectLimitMs } from "../resilience/deadline.ts";
import type { CompletionCandidate } from "./candidates.ts";
import { completionEntrance } from "./completion-entrance.ts";
import type { Engine } from "./engine.ts";
import { fetchReply } from "./exchange.ts";
import { finalError } from "./final-error.ts";
import { startLimit, untilAborted } from "./limit.ts";
import type { Asked } from "./operation.ts";
import { survey } from "./survey.ts";

/** How many tokens a prompt is. */
export interface TokenCount {
  readonly inputTokens: number;
  /** The provider counted; else it is RipTide's estimate. */
  readonly exact: boolean;
  /** Whose tokens they are. */
  readonly provider: string;
  readonly model: string;
}

/** A count is asked for before the real request: an estimate at once is worth more than an exact number late. */
const LIMIT_MS = 5_000;

/**
 * Counts a prompt's tokens with the first candidate whose provider does so for nothing, and estimates them where there
 * is none or it fails. It is no work of the provider's: nothing is booked, and no breaker hears of it.
 * @throws RiptideError where a completion of this prompt could go nowhere; `cancelled` when the caller has gone.
 */
export async function countTokens(
  { request, ...asked }: Asked & { readonly request: CompletionRequest },
  engine: Engine,
): Promise<TokenCount> {
  const operation = { ...asked, request, stream: false, strictParams: false, showReasoning: false };
  const startedAt = engine.clock.now();
  const found = await survey(operation, engine, completionEntrance(operation, engine.generation));
  const { candidates, skipped, limits } = found;
  const first = candidates[0];
  if (!first) throw finalError({ attempts: [], skipped });
  const counting = candidates.find(({ loaded }) => loaded.adapter.count);
  const leftMs = Math.min(LIMIT_MS, limits.deadlineMs - (engine.clock.now() - startedAt));
  const exact = counting && (await countedBy(counting, engine, { signal: asked.signal, timeoutMs: leftMs }));
  if (asked.signal.aborted) throw asked.signal.reason;
  if (counting && exact !== undefined) return countOf(counting, exact, true);
  return countOf(first, estimateInputTokens(first.request), false);
}

const countOf = (
  { provider, model }: CompletionCandidate,
  inputTokens: number,
  exact: boolean,
): TokenCount => ({
  inputTokens,
  exact,
  provider,
  model,
});

/** The provider's own number; undefined when it gives none in time. */
async function countedBy(
  { loaded, request }: CompletionCandidate,
  { clock }: Engine,
  { signal, timeoutMs }: { readonly signal: AbortSignal; readonly timeoutMs: number },
): Promise<number | undefined> {
  const { adapter, transport, entry } = loaded;
  const counter: CountAdapter | undefined = adapter.count;
  if (!counter || timeoutMs <= 0) return undefined;
  const limit = startLimit(clock, signal);
  limit.set(
    timeoutMs,
    () => new RiptideError("deadline_exceeded", `no count within ${formatDuration(timeoutMs)}`),
  );
  try {
    const connectTimeoutMs = connectLimitMs(timeoutMs, entry.timeouts.connectMs);
    const exchange = { signal: limit.signal, connectTimeoutMs };
    const call = { adapter, transport, exchange, clock };
    return counter.fromWire(await untilAborted(fetchReply(call, counter.toWire(request)), limit.signal));
  } catch {
    // The estimate takes its place, and the caller is told that it is one.
    return undefined;
  } finally {
    limit.dispose();
  }
}
