import type { Clock } from "../../core/clock.ts";
import type { RiptideError } from "../../core/errors.ts";
import type { Turn } from "../gate.ts";

/**
 * The rest of a request's waiting, for when other processes hold the tenant's places: nobody tells when they are free,
 * so they are asked for again and again, while those behind wait in line (TA-5).
 */
export interface Patience {
  /** How long it waited so far, in all. */
  queueMs(): number;
  /** True, after a pause, where the request may ask again. */
  again(error: RiptideError): Promise<boolean>;
}

const PAUSE_MS = 100;

export function patience({ queueMs, waitLeftMs }: Turn, clock: Clock, signal: AbortSignal): Patience {
  let waitedMs = 0;
  return {
    queueMs: () => queueMs + waitedMs,
    async again({ code }) {
      const pauseMs = Math.min(PAUSE_MS, waitLeftMs - waitedMs);
      if (code !== "tenant_busy" || pauseMs <= 0) return false;
      const startedAt = clock.now();
      await clock.sleep(pauseMs, signal).catch(() => {});
      waitedMs += Math.max(1, clock.now() - startedAt);
      return !signal.aborted;
    },
  };
}
