import { RiptideError } from "../../core/errors.ts";
import type { Listening } from "../../daemon/life/listen.ts";
import { checkpoint } from "../../store/checkpoint.ts";
import type { Composed } from "./compose.ts";
import type { Ending } from "./run.ts";

/** What settling may take when everything has been told to end. */
const SETTLE_MS = 5_000;

/** How a daemon that is ending may be hurried. */
export interface Draining extends Ending {
  /** Resolves when nobody waits for what is running any more. */
  readonly hurry: Promise<void>;
}

/**
 * Ends a daemon in good order (SD-4): no new work, a while for what is running, then an error for what is left; in the
 * end everything is settled and the socket is gone.
 * @returns Whether something had to be given up.
 */
export async function drain(
  { daemon, control, watching, reloading, otlp, log }: Composed,
  listening: readonly Listening[],
  { graceMs, force, hurry }: Draining,
): Promise<boolean> {
  const { gate, clock, running, generations } = daemon;
  log.info({ in_flight: gate.inFlight(), force }, "draining");
  watching.lifecycle("draining");
  for (const each of listening) each.close();
  await reloading.close();
  let isForced = force;
  const hurried = hurry.then(() => {
    isForced = true;
    return false;
  });
  const within = async (ms: number, ...sooner: readonly Promise<boolean>[]): Promise<boolean> => {
    const waiting = new AbortController();
    const over = clock.sleep(ms, waiting.signal).then(() => false);
    const isDrained = await Promise.race([gate.drain().then(() => true), over, ...sooner]);
    waiting.abort();
    return isDrained;
  };
  const { drainMs } = generations.current().generation.config.daemon;
  let isDrained = await within(force ? 0 : (graceMs ?? drainMs), hurried);
  if (!isDrained) {
    running.cancelAll(new RiptideError("shutting_down", "the daemon is shutting down"));
    isDrained = await within(SETTLE_MS);
  }
  watching.lifecycle("stopping");
  watching.ring.close();
  await control.health.stop();
  await Promise.all([otlp.close(), ...listening.map((each) => each.end())]);
  await control.ledger.read((database) => database && checkpoint(database)).catch(() => undefined);
  log.info({ drained: isDrained }, "stopped");
  log.close();
  return isForced || !isDrained;
}
