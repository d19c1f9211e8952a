import type { Clock } from "../core/clock.ts";
import { formatDuration } from "../core/duration.ts";
import { asRiptideError, RiptideError } from "../core/errors.ts";
import { connectLimitMs } from "../resilience/deadline.ts";
import { type Call, fetchReply } from "./exchange.ts";
import type { Generation } from "./generation.ts";
import { startLimit, untilAborted } from "./limit.ts";

/** What a provider listed, or why it did not. */
export interface Listed {
  readonly provider: string;
  readonly models: readonly string[];
  readonly error?: RiptideError;
}

/** More pages than this are no list that anyone reads. */
const MAX_PAGES = 20;

/** Asks providers for their free lists of models. */
export function createLister(
  generation: Generation,
  around: { readonly clock: Clock; readonly signal: AbortSignal },
) {
  return {
    /** Never throws: a provider that cannot list says why. */
    async list(id: string, timeoutMs: number): Promise<Listed> {
      const limit = startLimit(around.clock, around.signal);
      limit.set(
        timeoutMs,
        () => new RiptideError("deadline_exceeded", `no list within ${formatDuration(timeoutMs)}`),
      );
      try {
        const { adapter, transport } = await generation.provider(id);
        const exchange = { signal: limit.signal, connectTimeoutMs: connectLimitMs(timeoutMs) };
        const models = await untilAborted(
          pages({ adapter, transport, exchange, clock: around.clock }),
          limit.signal,
        );
        return { provider: id, models };
      } catch (thrown) {
        return { provider: id, models: [], error: asRiptideError(thrown) };
      } finally {
        limit.dispose();
      }
    },
  };
}

async function pages(call: Call): Promise<readonly string[]> {
  const lister = call.adapter.models;
  if (!lister) throw new RiptideError("unsupported", "has no list of models");
  const found: string[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const reply = lister.fromWire(await fetchReply(call, lister.toWire(cursor)));
    found.push(...reply.models.map(({ model }) => model));
    cursor = reply.cursor;
    if (cursor === undefined) break;
  }
  return found;
}
