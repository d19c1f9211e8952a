import type { RiptideError } from "../../core/errors.ts";

/** The requests that work now, each by what ends it. */
export interface Running {
  /** @returns Called once, when the request has ended. */
  add(cancel: (reason: RiptideError) => void): () => void;
  cancelAll(reason: RiptideError): void;
}

/**
 * A list in which the last one takes the place of the one that leaves. A set would do, but each time V8 makes it anew
 * the old one, which is already among the old objects, holds what was in it until the next full collection: at
 * thousands of requests a second that is all of them.
 */
export function createRunning(): Running {
  const running: Entry[] = [];
  return {
    add(cancel) {
      const entry = { cancel, at: running.length };
      running.push(entry);
      return () => leave(running, entry);
    },
    cancelAll(reason) {
      for (const { cancel } of [...running]) cancel(reason);
    },
  };
}

interface Entry {
  readonly cancel: (reason: RiptideError) => void;
  at: number;
}

function leave(running: Entry[], entry: Entry): void {
  const last = running.pop();
  if (!last || last === entry) return;
  running[entry.at] = last;
  last.at = entry.at;
}
