import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { Clock } from "../core/clock.ts";
import { RiptideError } from "../core/errors.ts";
import { type Known, knownKeeper } from "./known.ts";
import { createPending, type Pending } from "./pending.ts";
import { isBusy, unavailable } from "./sqlite-error.ts";

/** An open ledger file. Everything in it is synchronous and short; only waiting for other processes is not (LG-8). */
export interface Database {
  readonly path: string;
  /** The statement for this text, prepared once. */
  prepare(sql: string): StatementSync;
  /** What the running transaction has yet to write. */
  readonly pending: Pending;
  /** What needs no reading; undefined outside of {@link transact}. */
  known(): Known | undefined;
  /** To be called by whoever writes past it. */
  forgetKnown(): void;
  /**
   * Runs `work` alone among all processes and keeps all of what it wrote, or nothing.
   * @throws RiptideError `ledger_unavailable` when the ledger stays locked or cannot be written.
   */
  transact<T>(work: () => T, withinMs?: number): Promise<T>;
  /** Runs `work` on one unchanging state of the file. @throws RiptideError `ledger_unavailable` */
  read<T>(work: () => T): T;
  /** Once more does nothing. */
  close(): void;
}

/** A locked ledger is waited for no longer than this (LG-8, LG-11). */
export const MAX_WAIT_MS = 2_000;

/** Between two tries for the lock: long enough for another's transaction, short enough to be nobody's delay. */
const RETRY_MS = [1, 2, 3] as const;

/** Wraps an open and migrated file. */
export function databaseOf(sqlite: DatabaseSync, path: string, clock: Clock): Database {
  const statements = new Map<string, StatementSync>();
  const prepare = (sql: string): StatementSync => {
    const known = statements.get(sql) ?? sqlite.prepare(sql);
    statements.set(sql, known);
    return known;
  };
  const pending = createPending(prepare);
  const keeper = knownKeeper();
  const finish = (sql: "COMMIT" | "ROLLBACK") => prepare(sql).run();
  const inside = <T>(work: () => T): T => {
    try {
      const result = work();
      pending.write();
      finish("COMMIT");
      return result;
    } catch (error) {
      pending.forget();
      keeper.forget();
      rollBack(() => finish("ROLLBACK"));
      throw error;
    }
  };
  const knowing = <T>(work: () => T): T => {
    keeper.begin(Number(prepare("PRAGMA data_version").get()?.data_version));
    try {
      return work();
    } finally {
      keeper.end();
    }
  };
  return {
    path,
    prepare,
    pending,
    known: keeper.now,
    forgetKnown: keeper.forget,
    async transact(work, withinMs = MAX_WAIT_MS) {
      const giveUpAt = clock.now() + Math.min(withinMs, MAX_WAIT_MS);
      for (let tries = 0; ; tries += 1) {
        try {
          prepare("BEGIN IMMEDIATE").run();
          return inside(() => knowing(work));
        } catch (error) {
          if (!isBusy(error) || clock.now() >= giveUpAt)
            throw unavailable(error, path, withinMs < MAX_WAIT_MS);
          await clock.sleep(RETRY_MS[tries % RETRY_MS.length] ?? 1);
        }
      }
    },
    read(work) {
      try {
        prepare("BEGIN").run();
        return inside(work);
      } catch (error) {
        throw unavailable(error, path);
      }
    },
    close() {
      if (sqlite.isOpen) sqlite.close();
    },
  };
}

/** SQLite itself rolls back after some errors, and then there is nothing left to roll back. */
function rollBack(run: () => void): void {
  try {
    run();
  } catch (error) {
    if (error instanceof RiptideError) throw error;
  }
}
