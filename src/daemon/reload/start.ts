import { type Watch, watchConfig } from "../../config/watch.ts";
import type { Log } from "../context.ts";
import { problemsIn } from "./problems.ts";
import { createReloader, type Reloader, type ReloadParts } from "./reload.ts";
import type { ReloadReport } from "./verdict.ts";

/** What reloading needs of a running daemon. */
export interface ReloadingParts extends ReloadParts {
  /** The file and what it was before it was loaded; undefined where nothing is to be watched. */
  readonly watched: { readonly path: string; readonly seen: string } | undefined;
  readonly log: Log;
}

/** Reloads whenever the file changes, and when asked. Each verdict is in the log. */
export function startReloading({ watched, log, ...parts }: ReloadingParts): Reloader & Watch {
  const reloader = createReloader({
    ...parts,
    onVerdict(report) {
      noteVerdict(report, log);
      parts.onVerdict(report);
    },
  });
  const watch =
    watched &&
    watchConfig({
      ...watched,
      clock: parts.clock,
      onTrigger: () => void reloader.reload("file"),
      onWarning: (message) => log.warn({ path: watched.path }, message),
    });
  return { ...reloader, close: async () => watch?.close() };
}

function noteVerdict({ verdict, triggers, tookMs }: ReloadReport, log: Log): void {
  const facts = { triggers, took_ms: Math.round(tookMs), ...(verdict.dryRun && { dry_run: true }) };
  if (verdict.result === "refused") {
    const { code, message } = verdict.error;
    log.error({ ...facts, code, problems: problemsIn(verdict.error) }, `configuration refused: ${message}`);
    return;
  }
  const { revision, generation } = verdict;
  log.info({ ...facts, revision, generation }, `configuration ${verdict.result}`);
  if (verdict.result !== "reloaded") return;
  for (const warning of verdict.warnings) log.warn({ revision }, warning);
}
