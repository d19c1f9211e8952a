import { lstatSync } from "node:fs";
import type { Config } from "../config/config.ts";
import { asRiptideError } from "../core/errors.ts";
import { ledgerPath, openLedger } from "../library/ledger.ts";
import type { Database } from "../store/database.ts";
import { settleLeftovers } from "../store/leftovers.ts";
import { thisProcess } from "../store/owner.ts";
import { unavailable } from "../store/sqlite-error.ts";
import type { Io } from "./io.ts";

export { ledgerPath, openLedger };

/** Whether anything stands in the ledger's place. @throws RiptideError `ledger_unavailable` where that cannot be seen */
export function hasLedger(config: Pick<Config, "ledger">, io: Io): boolean {
  const path = ledgerPath(config, io);
  try {
    return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch (error) {
    throw unavailable(error, path);
  }
}

/**
 * Opens the ledger as {@link openLedger} does, and first books what dead processes left in it (LG-10), so that nothing
 * that was spent is missing from what is read. A ledger that takes no writes is read as it is.
 * @throws RiptideError `ledger_unavailable`
 */
export async function openSettledLedger(config: Pick<Config, "ledger">, io: Io): Promise<Database> {
  const database = await openLedger(config, io);
  try {
    await settleLeftovers(database, { owner: thisProcess(), nowMs: io.clock.wall() });
  } catch (error) {
    if (asRiptideError(error).code !== "ledger_unavailable") throw error;
  }
  return database;
}
