import type { ReloadTrigger, Verdict } from "./verdict.ts";

/** One reload, for everybody who asked before it began. */
export interface Job {
  readonly dryRun: boolean;
  readonly triggers: ReadonlySet<ReloadTrigger>;
}

/**
 * Runs one reload at a time (HR-1). Whoever asks while one runs is answered by the next one, which then begins with what
 * is there at that moment; so there is never more than one of a kind waiting.
 */
export function createReloadQueue(work: (job: Job) => Promise<Verdict>) {
  const waiting = new Map<boolean, { readonly triggers: Set<ReloadTrigger>; verdict: Promise<Verdict> }>();
  let last: Promise<unknown> = Promise.resolve();
  return (trigger: ReloadTrigger, dryRun: boolean): Promise<Verdict> => {
    const joined = waiting.get(dryRun);
    if (joined) {
      joined.triggers.add(trigger);
      return joined.verdict;
    }
    const triggers = new Set([trigger]);
    const verdict = last.then(() => {
      waiting.delete(dryRun);
      return work({ dryRun, triggers });
    });
    waiting.set(dryRun, { triggers, verdict });
    last = verdict.catch(() => undefined);
    return verdict;
  };
}
