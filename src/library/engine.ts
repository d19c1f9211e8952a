import { randomBytes } from "node:crypto";
import type { Clock } from "../core/clock.ts";
import { seededRandom } from "../core/random.ts";
import type { Engine } from "../engine/engine.ts";
import type { Generation } from "../engine/generation.ts";
import { createGuard, type LiveGuard } from "../engine/live-guard.ts";
import { requestId } from "../engine/request-id.ts";
import type { Stages } from "../engine/stages.ts";

/** The engine of a process with one configuration. */
export function engineOf(
  generation: Generation,
  stages: Stages,
  clock: Clock,
): Engine & { readonly guard: LiveGuard } {
  const random = seededRandom(randomBytes(4).readUInt32LE());
  const { retryBudget } = generation.config.failover;
  const guard = createGuard({ clock, random, retryBudget, history: stages.circuits });
  return { generation, stages, guard, clock, random };
}

/** The id of a request that begins now. */
export const newRequestId = (clock: Clock): string => requestId(clock.wall(), randomBytes(16));
