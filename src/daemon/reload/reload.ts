import type { Clock } from "../../core/clock.ts";
import { asRiptideError, RiptideError } from "../../core/errors.ts";
import type { Generations } from "../generations.ts";
import { createHistory, type ReloadStatus } from "./history.ts";
import { createReloadQueue, type Job } from "./queue.ts";
import { refuseRestart } from "./restart.ts";
import type { BuiltGeneration, ConfigSource, ReadConfig } from "./source.ts";
import type { Refused, ReloadReport, ReloadTrigger, Verdict } from "./verdict.ts";

/** What reloading needs of the daemon around it. */
export interface ReloadParts {
  readonly clock: Clock;
  readonly generations: Generations;
  readonly source: ConfigSource;
  /** The generation the daemon began with. */
  readonly first: BuiltGeneration;
  /** Breakers and holds, which are kept for whom nothing has changed (HR-6). */
  readonly guard: { follow(endpoints: ReadonlyMap<string, string>, providers: readonly string[]): void };
  /** Told when one begins that may change something. */
  readonly onBegin?: (() => void) | undefined;
  /** Told of every verdict, once. */
  readonly onVerdict: (report: ReloadReport) => void;
}

/** Replaces the configuration of a running daemon. */
export interface Reloader {
  /** Resolves with the verdict; never rejects. */
  reload(trigger: ReloadTrigger, options?: { readonly dryRun?: boolean }): Promise<Verdict>;
  status(): ReloadStatus;
}

/**
 * Builds the next generation completely beside the running one and then swaps one reference (HR-3, HR-5). What fails at
 * any step changes nothing (HR-4).
 */
export function createReloader(parts: ReloadParts): Reloader {
  const { clock, generations, guard, onVerdict } = parts;
  const history = createHistory(generations.current());
  let running = parts.first;
  follow(running, guard);

  const apply = (next: BuiltGeneration, warnings: readonly string[]): Verdict => {
    const numbered = generations.swap(next);
    running = next;
    follow(next, guard);
    history.loaded(numbered);
    return { result: "reloaded", dryRun: false, warnings, ...namesOf(numbered) };
  };
  const decide = async ({ dryRun, triggers }: Job): Promise<Verdict> => {
    const current = generations.current();
    const unchanged: Verdict = { result: "unchanged", dryRun, ...namesOf(current) };
    const read = await parts.source.read();
    const isSame = read.config.revision === current.generation.config.revision;
    if (isSame && onlyFile(triggers)) return unchanged;
    refuseLoss(current.generation.config.path, read);
    refuseRestart(current.generation.config, read.config, read.placeOf);
    const next = await read.build();
    const problem = newlyMissing(running, next);
    const isNew = !isSame || next.fingerprint !== running.fingerprint;
    if (!problem && isNew && !dryRun) return apply(next, read.warnings);
    await next.close();
    if (problem) throw problem;
    if (!isNew) return unchanged;
    const { config, warnings } = read;
    return {
      ...{ result: "reloaded", dryRun, warnings },
      ...{ revision: config.revision, generation: current.number + 1 },
    };
  };
  const ask = createReloadQueue(async (job) => {
    const startMs = clock.now();
    if (!job.dryRun) parts.onBegin?.();
    const verdict = await decide(job).catch(
      (thrown): Refused => ({
        result: "refused",
        dryRun: job.dryRun,
        error: asRiptideError(thrown),
      }),
    );
    const atMs = clock.wall();
    if (!job.dryRun) history.decided(verdict, atMs);
    onVerdict({ verdict, triggers: [...job.triggers], atMs, tookMs: clock.now() - startMs });
    return verdict;
  });
  return {
    reload: (trigger, { dryRun = false } = {}) => ask(trigger, dryRun),
    status: history.status,
  };
}

function follow({ generation, endpoints }: BuiltGeneration, guard: ReloadParts["guard"]): void {
  guard.follow(
    endpoints,
    generation.config.providers.map(({ id }) => id),
  );
}

const namesOf = ({ number, generation }: ReturnType<Generations["current"]>) => ({
  revision: generation.config.revision,
  generation: number,
});

/** A file that was touched says nothing new; whoever asks wants secrets to be looked at again (HR-2). */
const onlyFile = (triggers: ReadonlySet<ReloadTrigger>): boolean =>
  [...triggers].every((by) => by === "file");

/** A file that is gone does not mean that its providers should be (HR-4). */
function refuseLoss(running: string | null, { config }: ReadConfig): void {
  if (running === null || config.path !== null) return;
  throw new RiptideError("config_not_found", `${running} does not exist any more`);
}

/** Every provider that could be used and no longer could (HR-4); the first one is the message. */
function newlyMissing(
  running: BuiltGeneration,
  { misconfigured }: BuiltGeneration,
): RiptideError | undefined {
  const lost = [...misconfigured].filter(([id]) => !running.misconfigured.has(id));
  const [found] = lost;
  if (!found) return undefined;
  const [problem = "", ...others] = lost.map(
    ([id, { message, facts }]) => `${message}, ${facts.reasons?.[0] ?? `needed by provider ${id}`}`,
  );
  const [, { code, facts }] = found;
  const reasons = [...(facts.reasons ?? []), ...others];
  return new RiptideError(code, problem, { ...facts, reasons, problems: [problem, ...others] });
}
