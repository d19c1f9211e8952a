import type { Clock } from "../core/clock.ts";
import type { Random } from "../core/random.ts";
import type { Generation } from "./generation.ts";
import type { Guard } from "./guard.ts";
import type { Stages } from "./stages.ts";

/** What an engine runs on. */
export interface Engine {
  readonly generation: Generation;
  readonly stages: Stages;
  readonly guard: Guard;
  readonly clock: Clock;
  readonly random: Random;
}
