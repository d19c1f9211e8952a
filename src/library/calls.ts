import type { Clock } from "../core/clock.ts";
import { RiptideError } from "../core/errors.ts";

/** The calls of a client that are under way. */
export interface Calls {
  /** @throws RiptideError `cancelled` once the client is closed */
  begin(signal: AbortSignal | undefined): Running;
  /** Gives all of them up and waits for their end. */
  close(): Promise<void>;
}

interface Running {
  /** Aborted with `cancelled` when the caller gives up, or the client is closed. */
  readonly signal: AbortSignal;
  end(): void;
}

/** Somebody who holds a stream without reading on is not waited for longer. */
const WITHIN_MS = 2_000;

export function createCalls(clock: Clock): Calls {
  const running = new Map<AbortController, Promise<void>>();
  let isClosed = false;
  return {
    begin(given) {
      if (isClosed) throw closed();
      const controller = new AbortController();
      const over = Promise.withResolvers<void>();
      const giveUp = () =>
        controller.abort(new RiptideError("cancelled", "the caller gave up", { cause: given?.reason }));
      if (given?.aborted) giveUp();
      given?.addEventListener("abort", giveUp, { once: true });
      running.set(controller, over.promise);
      return {
        signal: controller.signal,
        end() {
          given?.removeEventListener("abort", giveUp);
          running.delete(controller);
          over.resolve();
        },
      };
    },
    async close() {
      isClosed = true;
      for (const controller of running.keys()) controller.abort(closed());
      const enough = Promise.withResolvers<void>();
      const cancel = clock.timer(WITHIN_MS, enough.resolve);
      await Promise.race([Promise.all(running.values()), enough.promise]);
      cancel();
    },
  };
}

const closed = () => new RiptideError("cancelled", "the client is closed");
