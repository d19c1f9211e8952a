import type { ErrorCode, RiptideError } from "../../core/errors.ts";
import type { Numbered } from "../generations.ts";
import { problemsIn } from "./problems.ts";
import type { Verdict } from "./verdict.ts";

/** What a daemon tells of its configurations. Times are Unix milliseconds. */
export interface ReloadStatus {
  /** Stale: what is there was refused, and an older configuration serves. */
  readonly state: "current" | "stale";
  /** Why; null from the next good load on. */
  readonly lastError: {
    readonly atMs: number;
    readonly code: ErrorCode;
    readonly message: string;
    /** All of them, the message first. */
    readonly problems: readonly string[];
  } | null;
  /** The last ten that were loaded, the newest first. */
  readonly revisions: readonly GoodRevision[];
}

export interface GoodRevision {
  readonly revision: string;
  readonly generation: number;
  readonly loadedMs: number;
}

const KEPT_REVISIONS = 10;

/** What was loaded and why something was not. */
export function createHistory(first: Numbered) {
  let lastError: ReloadStatus["lastError"] = null;
  let revisions: readonly GoodRevision[] = [revisionOf(first)];
  return {
    loaded(numbered: Numbered): void {
      revisions = [revisionOf(numbered), ...revisions].slice(0, KEPT_REVISIONS);
    },
    /** A file that says again what the running one says is a good load too. */
    decided(verdict: Verdict, atMs: number): void {
      if (verdict.result !== "refused") lastError = null;
      else lastError = { atMs, ...errorFacts(verdict.error) };
    },
    status: (): ReloadStatus => ({ state: lastError ? "stale" : "current", lastError, revisions }),
  };
}

const errorFacts = (error: RiptideError) => ({
  code: error.code,
  message: error.message,
  problems: problemsIn(error),
});

const revisionOf = ({ number, generation, loadedMs }: Numbered): GoodRevision => ({
  revision: generation.config.revision,
  generation: number,
  loadedMs,
});
