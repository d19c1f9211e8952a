import type { ProviderEntry } from "../../config/config.ts";
import { formatTime } from "../../core/clock.ts";
import { RiptideError } from "../../core/errors.ts";
import type { ProbeRow } from "../../core/sample.ts";
import type { Attempt } from "../../engine/events.ts";
import type { Checked } from "../../engine/health-check.ts";
import { healthRules } from "../../engine/health-past.ts";
import { reportOf } from "../../health/policy.ts";
import type { HealthReport, ProviderHealth } from "../../health/report.ts";
import type { Daemon } from "../context.ts";
import type { HealthBook } from "./health-book.ts";
import { type Look, shownHealth } from "./health-view.ts";
import { begin, entryNow, oneMonitor } from "./rounds.ts";

/** What the monitor of a daemon needs of it. */
export interface HealthWatchParts {
  readonly daemon: Pick<Daemon, "clock" | "random" | "generations" | "stages" | "guard" | "log" | "newId">;
  readonly book: HealthBook;
  /** Whether an operator has switched the provider off. */
  readonly isOff: (provider: string) => boolean;
  /** Keeps what probes showed. @throws RiptideError `ledger_unavailable` */
  readonly record: (rows: readonly ProbeRow[]) => Promise<void>;
  readonly onProbe: (provider: string, status: ProviderHealth["status"]) => void;
}

/** Looks after the providers' health, and knows the last look at each of them (HM-1). */
export interface HealthWatch {
  /** Probes the providers of the current configuration from now on; called again after each reload. */
  follow(): Promise<void>;
  stop(): Promise<void>;
  /** What a request showed of a provider. */
  tried(attempt: Attempt): void;
  /** The last look at every provider of the current configuration. */
  report(): Promise<HealthReport>;
}

export function createHealthWatch(parts: HealthWatchParts): HealthWatch {
  const { daemon, book } = parts;
  const { clock, generations } = daemon;
  const looks = new Map<string, Look>();
  const answeredMs = new Map<string, number>();
  const entryOf = (id: string) => entryNow(generations, id);

  const onResult = async (id: string, result: Checked | RiptideError): Promise<void> => {
    if (result instanceof RiptideError)
      return daemon.log.warn({ provider: id, code: result.code }, "a probe failed");
    const entry = entryOf(id);
    if (!entry) return;
    const { health, row } = result;
    const before = looks.get(id)?.endpoint;
    if (before !== undefined && row && row.endpoint !== before) book.forget(id);
    looks.set(id, { health, endpoint: row?.endpoint, atMs: clock.wall(), monotonicMs: clock.now() });
    parts.onProbe(id, health.status);
    if (!row) return;
    book.probed(id, row, rulesOf(entry));
    const { endpoint, holdUntilMs: untilMs = null } = row;
    if (untilMs !== null) daemon.guard.hold({ provider: id, endpoint, untilMs });
    await parts.record([row]).catch(({ code }: RiptideError) => {
      daemon.log.warn({ provider: id, code }, "a probe is not recorded");
    });
  };
  const rulesOf = (entry: ProviderEntry) => healthRules(entry, generations.current().generation.config);

  return {
    ...oneMonitor(async () => {
      for (const id of looks.keys()) if (!entryOf(id)) looks.delete(id);
      return begin(daemon, looks, {
        lastSuccessMs: (id) => answeredMs.get(id),
        onResult: (id, result) => void onResult(id, result),
      });
    }),
    tried(attempt) {
      const entry = entryOf(attempt.provider);
      if (!entry || attempt.kind === "probe") return;
      if (attempt.effect === "success") answeredMs.set(attempt.provider, clock.now());
      book.tried(attempt, rulesOf(entry));
    },
    async report() {
      const entries = generations.current().generation.config.providers.filter(({ implicit }) => !implicit);
      const nowMs = clock.wall();
      const providers = await Promise.all(
        entries.map(async (entry) => {
          const seen = book.stateOf(entry.id, rulesOf(entry), nowMs);
          return shownHealth(
            entry,
            { look: looks.get(entry.id), seen, isOff: parts.isOff(entry.id) },
            daemon,
          );
        }),
      );
      const checkedMs = Math.max(0, ...[...looks.values()].map(({ atMs }) => atMs));
      const checkedAt = formatTime(checkedMs === 0 ? nowMs : checkedMs);
      return reportOf(providers, { policy: { mode: "all", value: null }, via: "daemon", checkedAt });
    },
  };
}
