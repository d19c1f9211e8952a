import type { Clock } from "../core/clock.ts";
import type { Random } from "../core/random.ts";
import type { Guard } from "../engine/guard.ts";
import type { Stages } from "../engine/stages.ts";
import type { Gate } from "./gate.ts";
import type { Generations } from "./generations.ts";
import type { Running } from "./life/running.ts";
import type { Observer } from "./observer.ts";

/** What every request to the daemon works with: one for the life of the process. */
export interface Daemon {
  readonly version: string;
  readonly place: Place;
  readonly clock: Clock;
  readonly random: Random;
  readonly generations: Generations;
  readonly stages: Stages;
  /** Breakers and holds, which outlive generations. */
  readonly guard: Guard;
  readonly gate: Gate;
  readonly running: Running;
  readonly observer: Observer;
  readonly log: Log;
  newId(): string;
  /** Takes secrets out of a text. */
  redact(text: string): string;
}

/** Where this daemon is. */
export interface Place {
  readonly pid: number;
  /** Path of its socket. */
  readonly socket: string;
  readonly stateDir: string;
  /** Unix milliseconds. */
  readonly startedMs: number;
}

/** The daemon's log: facts first, then a short message in lower case; neither prompts, answers nor secrets. */
export interface Log {
  debug(facts: object, message: string): void;
  info(facts: object, message: string): void;
  warn(facts: object, message: string): void;
  error(facts: object, message: string): void;
}
