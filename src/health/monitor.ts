import type { Clock } from "../core/clock.ts";
import { formatDuration } from "../core/duration.ts";
import { asRiptideError, RiptideError } from "../core/errors.ts";
import type { Random } from "../core/random.ts";

/** What a monitor watches, and how. `Result` is whatever a probe brings. */
export interface MonitorAsk<Result> {
  readonly clock: Clock;
  /** Spreads the probes, so that many machines do not ask at the same moment. */
  readonly random: Random;
  readonly providers: readonly string[];
  /** When the provider was last probed as it is now, by the monotonic clock: its next probe goes by that. */
  lastProbeMs?(provider: string): number | undefined;
  /** From the start of one probe to the next of the same provider, a fifth more or less. */
  readonly intervalMs: number;
  /** The longest a probe may take. */
  readonly limitMs: number;
  /** Looks once; hears the signal, which is aborted at the limit and when the monitor stops. */
  probe(provider: string, signal: AbortSignal): Promise<Result>;
  /** When the provider last answered a real request, by the monotonic clock: that is as good as a probe. */
  lastSuccessMs?(provider: string): number | undefined;
  /** Gets each result, or what the probe failed with. */
  onResult(provider: string, result: Result | RiptideError): void;
}

export interface Monitor {
  /** Ends every probe; resolves when none is in flight any more. Nothing is reported from then on. */
  stop(): Promise<void>;
}

const SPREAD = 0.2;
const MAX_FIRST_DELAY_MS = 1_000;
/** A provider that answered so lately need not be asked (HM-1). */
const FRESH_MS = 30_000;

/**
 * Probes every provider again and again (HM-1): each in its own time, never two probes of one provider at once, and
 * none while real requests show that it answers.
 */
export function startMonitor<Result>(ask: MonitorAsk<Result>): Monitor {
  const stopping = new AbortController();
  const loops = ask.providers.map((provider) => watch(provider, ask, stopping.signal));
  return {
    async stop() {
      stopping.abort(new RiptideError("cancelled", "the monitor was stopped"));
      await Promise.all(loops);
    },
  };
}

async function watch<Result>(
  provider: string,
  ask: MonitorAsk<Result>,
  stopping: AbortSignal,
): Promise<void> {
  const { clock, random, intervalMs } = ask;
  const spreadMs = () => intervalMs * (1 - SPREAD + 2 * SPREAD * random());
  const probedMs = ask.lastProbeMs?.(provider);
  let waitMs = random() * Math.min(MAX_FIRST_DELAY_MS, intervalMs);
  if (probedMs !== undefined) waitMs = Math.max(waitMs, probedMs + spreadMs() - clock.now());
  while (await slept(clock, waitMs, stopping)) {
    const startedAt = clock.now();
    const answeredMs = ask.lastSuccessMs?.(provider);
    if (answeredMs === undefined || startedAt - answeredMs >= FRESH_MS)
      await probeOnce(provider, ask, stopping);
    waitMs = Math.max(0, startedAt + spreadMs() - clock.now());
  }
}

async function slept(clock: Clock, ms: number, stopping: AbortSignal): Promise<boolean> {
  return clock.sleep(ms, stopping).then(
    () => true,
    () => false,
  );
}

/** The limit holds even for a probe that does not hear the signal. */
async function probeOnce<Result>(
  provider: string,
  { clock, limitMs, probe, onResult }: MonitorAsk<Result>,
  stopping: AbortSignal,
): Promise<void> {
  const limit = new AbortController();
  const expired = new RiptideError("deadline_exceeded", `no answer within ${formatDuration(limitMs)}`);
  const cancelTimer = clock.timer(limitMs, () => limit.abort(expired));
  const stop = () => limit.abort(stopping.reason);
  stopping.addEventListener("abort", stop, { once: true });
  try {
    const result = await Promise.race([probe(provider, limit.signal), whenAborted(limit.signal)]);
    if (!stopping.aborted) onResult(provider, result);
  } catch (thrown) {
    if (!stopping.aborted) onResult(provider, asRiptideError(thrown));
  } finally {
    cancelTimer();
    stopping.removeEventListener("abort", stop);
  }
}

const whenAborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_resolve, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
