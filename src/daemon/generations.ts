import type { Placed } from "../config/problems.ts";
import type { JsonObject } from "../core/json.ts";
import type { Generation } from "../engine/generation.ts";
import type { TenantKeys } from "./tenant-keys.ts";

/** One generation with its number; the first one is 1. */
export interface Numbered {
  readonly number: number;
  readonly generation: Generation;
  /** Absent where no tenant has one. */
  readonly keys?: TenantKeys | undefined;
  /** Unix milliseconds. */
  readonly loadedMs: number;
  /** What is not wrong with its file, but should be known. */
  readonly warnings?: readonly Placed[] | undefined;
  /** Its configuration in the words of the file, with every default; secrets are redacted. */
  readonly shown?: (() => Promise<JsonObject>) | undefined;
}

/** What a request works on from its beginning to its end (HR-5). */
export interface Lease extends Numbered {
  /** Called once, when the request has ended. */
  release(): void;
}

/** The generation that new requests get, and those that older ones still work on. */
export interface Generations {
  current(): Numbered;
  enter(): Lease;
  /** One assignment: requests from now on get the next generation; the old one is closed when its last request ends. */
  swap(next: Replacement): Numbered;
}

/** A generation that was built completely. */
export interface Replacement extends Omit<Numbered, "number"> {
  /** Another one has taken its place; requests that began on it go on. */
  retire?(): void;
  /** Closes its connections, once nobody uses them. */
  close(): Promise<void>;
}

export function createGenerations(first: Replacement): Generations {
  let current = opened(first, 1);
  return {
    current: () => current,
    enter() {
      const entered = current;
      entered.running += 1;
      let isReleased = false;
      return {
        number: entered.number,
        generation: entered.generation,
        keys: entered.keys,
        loadedMs: entered.loadedMs,
        release() {
          if (isReleased) return;
          isReleased = true;
          leave(entered);
        },
      };
    },
    swap(next) {
      const old = current;
      current = opened(next, old.number + 1);
      old.isRetired = true;
      old.replacement.retire?.();
      closeIfIdle(old);
      return current;
    },
  };
}

interface Running extends Numbered {
  readonly replacement: Replacement;
  running: number;
  isRetired: boolean;
}

const opened = (replacement: Replacement, number: number): Running => ({
  number,
  generation: replacement.generation,
  keys: replacement.keys,
  loadedMs: replacement.loadedMs,
  warnings: replacement.warnings,
  shown: replacement.shown,
  replacement,
  running: 0,
  isRetired: false,
});

function leave(left: Running): void {
  left.running -= 1;
  closeIfIdle(left);
}

function closeIfIdle({ isRetired, running, replacement }: Running): void {
  if (isRetired && running === 0) void replacement.close();
}
