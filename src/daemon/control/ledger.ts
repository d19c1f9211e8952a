import type { Database } from "../../store/database.ts";

/** The ledger as the control routes use it: opened for one look, so that a file that was replaced is noticed. */
export interface LedgerAccess {
  /** Without a database where nothing was ever recorded. @throws RiptideError `ledger_unavailable` */
  read<T>(work: (database: Database | undefined) => T): Promise<T>;
  /** @throws RiptideError `ledger_unavailable` */
  write<T>(work: (database: Database) => Promise<T>): Promise<T>;
}

/**
 * @param exists Whether anything stands in the ledger's place.
 * @param open Opens it, making it where there is none.
 */
export function createLedgerAccess({
  exists,
  open,
}: {
  readonly exists: () => boolean;
  readonly open: () => Promise<Database>;
}): LedgerAccess {
  return {
    async read(work) {
      if (!exists()) return work(undefined);
      const database = await open();
      try {
        return work(database);
      } finally {
        database.close();
      }
    },
    async write(work) {
      const database = await open();
      try {
        return await work(database);
      } finally {
        database.close();
      }
    },
  };
}

/** Reads it all as it is at one moment. */
export const atOnce = <T>(database: Database | undefined, read: () => T): T =>
  database ? database.read(read) : read();
