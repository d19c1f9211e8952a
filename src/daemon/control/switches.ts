import type { Clock } from "../../core/clock.ts";
import { formatDuration } from "../../core/duration.ts";
import { RiptideError } from "../../core/errors.ts";
import type { Closed, Guard, Pass } from "../../engine/guard.ts";

/** What an operator has switched off in this daemon, until it is switched on or the daemon ends. */
export interface Switches {
  /** From now on nothing more is sent there; what is running goes on. @param forMs Null: until it is enabled. */
  disable(provider: string, forMs: number | null): void;
  /** False when it was not switched off. */
  enable(provider: string): boolean;
  /** Whether it is switched off, and until when (Unix milliseconds; null without an end). */
  look(provider: string): { readonly untilMs: number | null } | undefined;
  /** Attempts that are running there now. */
  inFlight(provider: string): number;
  /** Resolves when none is running there any more. */
  idle(provider: string, signal: AbortSignal): Promise<void>;
  /** The guard, which sends nothing to what is switched off. */
  guarding<G extends Guard>(guard: G): G;
}

/** How often a drain looks whether the last attempt has ended. */
const LOOK_MS = 50;

export function createSwitches(clock: Clock): Switches {
  /** By provider, when it ends by the monotonic clock. */
  const off = new Map<string, number>();
  const running = new Map<string, number>();
  const endOf = (provider: string): number | undefined => {
    const endMs = off.get(provider);
    if (endMs === undefined || clock.now() < endMs) return endMs;
    off.delete(provider);
    return undefined;
  };
  const refusal = (provider: string): Closed | null => {
    const endMs = endOf(provider);
    return endMs === undefined ? null : switchedOff(endMs, clock);
  };
  const count = (provider: string, by: 1 | -1) => {
    const left = (running.get(provider) ?? 0) + by;
    if (left > 0) running.set(provider, left);
    else running.delete(provider);
  };
  return {
    disable: (provider, forMs) => void off.set(provider, clock.now() + (forMs ?? Number.POSITIVE_INFINITY)),
    enable: (provider) => off.delete(provider),
    look(provider) {
      const endMs = endOf(provider);
      if (endMs === undefined) return undefined;
      return { untilMs: Number.isFinite(endMs) ? Math.round(clock.wall() + endMs - clock.now()) : null };
    },
    inFlight: (provider) => running.get(provider) ?? 0,
    async idle(provider, signal) {
      while (running.has(provider)) await clock.sleep(LOOK_MS, signal);
    },
    guarding: (guard) => ({
      ...guard,
      refusal: (candidate, kind) => refusal(candidate.provider) ?? guard.refusal(candidate, kind),
      enter(candidate, kind, limitMs) {
        const { provider } = candidate;
        const entered = refusal(provider) ?? guard.enter(candidate, kind, limitMs);
        if (!("end" in entered)) return entered;
        count(provider, 1);
        return counted(entered, () => count(provider, -1));
      },
    }),
  };
}

const counted = (pass: Pass, onEnd: () => void): Pass => ({
  ...pass,
  end(outcome) {
    onEnd();
    return pass.end(outcome);
  },
});

function switchedOff(endMs: number, clock: Clock): Closed {
  const leftMs = Math.max(0, Math.ceil(endMs - clock.now()));
  const isTimed = Number.isFinite(leftMs);
  const until = isTimed ? ` for ${formatDuration(leftMs)} more` : "";
  return {
    reason: "disabled",
    error: new RiptideError(
      "no_provider_available",
      `disabled by an operator${until}`,
      isTimed ? { retryAfterMs: leftMs } : {},
    ),
    untilMs: endMs,
    untilWallMs: clock.wall() + leftMs,
  };
}
