import type { Clock } from "../core/clock.ts";
import { formatDuration } from "../core/duration.ts";
import { RiptideError } from "../core/errors.ts";
import { connectLimitMs } from "../resilience/deadline.ts";
import type { WireTimings } from "../wire/http.ts";
import { fetchTimedReply } from "./exchange.ts";
import type { LoadedProvider } from "./generation.ts";
import { startLimit, untilAborted } from "./limit.ts";

/** What a free call to a provider showed. */
export interface Probe {
  readonly detail: string;
  readonly models: number | null;
  readonly timings: WireTimings;
}

export interface ProbeAsk {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
  readonly model: string | undefined;
}

/**
 * Makes the provider's free authenticated call once (HM-2).
 * @throws RiptideError the provider's failure; `deadline_exceeded` when it takes too long.
 */
export async function probe({ adapter, transport }: LoadedProvider, ask: ProbeAsk): Promise<Probe> {
  const limit = startLimit(ask.clock, ask.signal);
  limit.set(
    ask.timeoutMs,
    () => new RiptideError("deadline_exceeded", `no answer within ${formatDuration(ask.timeoutMs)}`),
  );
  try {
    const exchange = { signal: limit.signal, connectTimeoutMs: connectLimitMs(ask.timeoutMs) };
    const call = { adapter, transport, exchange, clock: ask.clock };
    const { reply, timings } = await untilAborted(
      fetchTimedReply(call, adapter.probe.toWire(ask.model)),
      limit.signal,
    );
    const { detail, models } = adapter.probe.fromWire(reply);
    return { detail, models: models ?? null, timings };
  } finally {
    limit.dispose();
  }
}
