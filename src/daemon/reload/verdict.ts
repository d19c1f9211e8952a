import type { RiptideError } from "../../core/errors.ts";

/** Who asked for a reload: the watched file, SIGHUP, or `riptide daemon reload`. */
export type ReloadTrigger = "file" | "signal" | "control";

/** What became of a reload. */
export type Verdict = Reloaded | Unchanged | Refused;

interface Told {
  /** Nothing was put in place: it was only asked what would happen. */
  readonly dryRun: boolean;
}

/** Requests from now on get this generation. */
export interface Reloaded extends Told {
  readonly result: "reloaded";
  readonly revision: string;
  readonly generation: number;
  /** What is not wrong, but should be known. */
  readonly warnings: readonly string[];
}

/** It says what the running one says. */
export interface Unchanged extends Told {
  readonly result: "unchanged";
  readonly revision: string;
  readonly generation: number;
}

/** Nothing changed, for this reason (HR-4, HR-7). */
export interface Refused extends Told {
  readonly result: "refused";
  readonly error: RiptideError;
}

/** A verdict and how it came about, for the log, events and metrics. */
export interface ReloadReport {
  readonly verdict: Verdict;
  readonly triggers: readonly ReloadTrigger[];
  /** Unix milliseconds. */
  readonly atMs: number;
  readonly tookMs: number;
}
