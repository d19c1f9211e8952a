import type { ErrorCode } from "../core/errors.ts";
import type { Random } from "../core/random.ts";

/** Who asked to be left alone, and until when (HO-3, HO-4). Times are milliseconds of one clock. */
export interface Holds {
  /** Notes a failed attempt; the end of the hold it led to, or null when it led to none. */
  hold(ask: HoldAsk): number | null;
  /** The hold that a target is under: the provider's or the model's, whichever ends later. Null: it may be asked. */
  look(provider: string, model: string, nowMs: number): Hold | null;
  /** The provider answered, so the next wait of unknown length is a short one again. */
  succeeded(provider: string): void;
  /** Brings back a hold that another process noted. */
  restore(hold: HeldTarget): void;
  /** Brings back how often in a row the provider refused for its rate. */
  restoreStrikes(provider: string, strikes: number): void;
  /** Forgets all of a provider (CB-10). */
  clear(provider: string): void;
}

export interface HoldAsk {
  readonly provider: string;
  readonly model: string;
  readonly code: ErrorCode;
  readonly retryAfterMs: number | undefined;
  readonly nowMs: number;
}

export interface Hold {
  readonly untilMs: number;
  readonly code: ErrorCode;
}

export interface HeldTarget extends Hold {
  readonly provider: string;
  readonly model: string;
}

/** What is known of one provider. */
interface Entry {
  whole: Hold | undefined;
  readonly models: Map<string, Hold>;
  /** Refusals for its rate since its last answer. */
  strikes: number;
}

/** @param random Spreads waits of unknown length, so that not everyone comes back at once. */
export function createHolds(random: Random): Holds {
  const entries = new Map<string, Entry>();
  const entryOf = (provider: string): Entry => {
    const entry = entries.get(provider) ?? { whole: undefined, models: new Map(), strikes: 0 };
    entries.set(provider, entry);
    return entry;
  };
  return {
    hold({ provider, model, code, retryAfterMs, nowMs }) {
      const entry = entryOf(provider);
      if (code === "rate_limited") entry.strikes += 1;
      const ms = lengthOf(code, usable(retryAfterMs), () => unknownWaitMs(entry.strikes, random));
      if (ms === null) return null;
      const untilMs = nowMs + ms;
      for (const [name, held] of entry.models) if (held.untilMs <= nowMs) entry.models.delete(name);
      note(entry, { provider, model, code, untilMs });
      return untilMs;
    },
    look(provider, model, nowMs) {
      const entry = entries.get(provider);
      const hold = later(entry?.whole, entry?.models.get(model));
      return hold && nowMs < hold.untilMs ? hold : null;
    },
    succeeded(provider) {
      const entry = entries.get(provider);
      if (entry) entry.strikes = 0;
    },
    restore: (held) => note(entryOf(held.provider), held),
    restoreStrikes(provider, strikes) {
      entryOf(provider).strikes = strikes;
    },
    clear: (provider) => void entries.delete(provider),
  };
}

/** A shorter hold never ends a longer one: the answers of attempts that ran side by side come in any order. */
function note(entry: Entry, { model, code, untilMs }: HeldTarget): void {
  const hold = { untilMs, code };
  if (code === "model_not_found") entry.models.set(model, later(entry.models.get(model), hold) ?? hold);
  else entry.whole = later(entry.whole, hold);
}

function later(one: Hold | undefined, other: Hold | undefined): Hold | undefined {
  if (!one || !other) return one ?? other;
  return other.untilMs > one.untilMs ? other : one;
}

const MINUTE_MS = 60_000;
const MAX_HOLD_MS = 3_600_000;
const MAX_UNKNOWN_WAIT_MS = 30_000;

/** How long an error of this code holds; null when it does not. */
function lengthOf(code: ErrorCode, retryAfterMs: number | undefined, unknownMs: () => number): number | null {
  switch (code) {
    case "rate_limited":
      return retryAfterMs ?? unknownMs();
    case "overloaded":
      return retryAfterMs ?? null;
    case "quota_exhausted":
      return Math.max(MINUTE_MS, retryAfterMs ?? 0);
    case "auth_failed":
    case "model_not_found":
      return MINUTE_MS;
    default:
      return null;
  }
}

/** A time that means nothing, or none after a refusal, is unknown; a long one is cut to an hour (HO-2). */
const usable = (retryAfterMs: number | undefined): number | undefined =>
  retryAfterMs !== undefined && retryAfterMs > 0 ? Math.min(retryAfterMs, MAX_HOLD_MS) : undefined;

/** 1, 2, 4 … 30 s, ± 20 %. */
function unknownWaitMs(strikes: number, random: Random): number {
  const ms = Math.min(1_000 * 2 ** (strikes - 1), MAX_UNKNOWN_WAIT_MS);
  return Math.round(ms * (0.8 + 0.4 * random()));
}
