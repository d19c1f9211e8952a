/** An hour or a day of a scope, as in the table of that name. Amounts are nano-dollars. */
export interface Window {
  readonly startMs: number;
  /** Spent and not forgiven; below zero where what was forgiven is taken back. */
  spentNano: number;
  heldNano: number;
}

/** All windows of a scope from one moment to another (Unix milliseconds), by their start. */
export interface WindowRange {
  readonly startMs: number;
  readonly endMs: number;
  readonly windows: Map<number, Window>;
}

/** Rows that nearly every request asks for, as they are in the file with what the running transaction changes. */
export interface Known {
  /** By tenant. */
  readonly suspended: Map<string, boolean>;
  /** Theoretical arrival times in microseconds by tenant and kind; undefined where there is no row. */
  readonly limiters: Map<string, number | undefined>;
  /** The ranges that were asked for, by scope and span. */
  readonly ranges: Map<string, WindowRange[]>;
  /** Reservations by tenant. */
  readonly running: Map<string, number>;
  /** The numbers of operations that this process holds money for, by their ids. */
  readonly begun: Map<string, number>;
}

/** Keeps what is known from one transaction to the next, for as long as nobody else writes to the file. */
export interface KnownKeeper {
  /** @param version What SQLite counts the writes of other connections by (`PRAGMA data_version`). */
  begin(version: number): void;
  end(): void;
  /** Undefined between transactions, when others may write at any moment. */
  now(): Known | undefined;
  /** After a write past what is known, or an undone one. */
  forget(): void;
}

/** More names than this are forgotten together. */
const MAX_NAMES = 5_000;

export function knownKeeper(): KnownKeeper {
  let known = nothing();
  let knownVersion: number | undefined;
  let isRunning = false;
  return {
    begin(version) {
      if (version !== knownVersion || sizeOf(known) > MAX_NAMES) known = nothing();
      knownVersion = version;
      isRunning = true;
    },
    end() {
      isRunning = false;
    },
    now: () => (isRunning ? known : undefined),
    forget() {
      known = nothing();
    },
  };
}

const nothing = (): Known => ({
  suspended: new Map(),
  limiters: new Map(),
  ranges: new Map(),
  running: new Map(),
  begun: new Map(),
});

const sizeOf = (known: Known): number => Object.values(known).reduce((sum, { size }) => sum + size, 0);
