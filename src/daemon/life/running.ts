import type { RiptideError } from "../../core/errors.ts";

/** The requests that work now, each by what ends it. */
export interface Running {
  /** @returns Called when the request has ended. */
  add(cancel: (reason: RiptideError) => void): () => void;
  cancelAll(reason: RiptideError): void;
}

export function createRunning(): Running {
  const running = new Set<(reason: RiptideError) => void>();
  return {
    add(cancel) {
      running.add(cancel);
      return () => void running.delete(cancel);
    },
    cancelAll(reason) {
      for (const cancel of running) cancel(reason);
    },
  };
}
