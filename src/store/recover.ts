import type { ConnectOptions } from "./connect.ts";
import { setAside } from "./damage.ts";
import { isDamaged, openDatabase } from "./open.ts";
import { unavailable } from "./sqlite-error.ts";

export interface Recovered {
  /** Where the damaged file lies now; null when the ledger was sound. */
  readonly movedTo: string | null;
}

/**
 * Checks every page, sets a damaged file aside and puts an empty ledger in its place, from which budgets count anew.
 * The same is accepted of a ledger that was begun after damage by itself.
 * @throws RiptideError `ledger_unavailable` for a file that is locked, not ours, or cannot be read or written.
 */
export async function recoverLedger(options: ConnectOptions): Promise<Recovered> {
  try {
    const aside = await setAside(options.path, options.clock, () => isDamaged(options, "always"));
    const database = await openDatabase(options);
    try {
      const row = await database.transact(() =>
        database.prepare("DELETE FROM facts WHERE name = 'recover_due' RETURNING value").get(),
      );
      return { movedTo: aside ?? (row === undefined ? null : String(row.value)) };
    } finally {
      database.close();
    }
  } catch (error) {
    throw unavailable(error, options.path);
  }
}
