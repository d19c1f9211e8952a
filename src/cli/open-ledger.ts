import { lstatSync } from "node:fs";
import { join } from "node:path";
import type { Config } from "../config/config.ts";
import { asRiptideError } from "../core/errors.ts";
import type { Database } from "../store/database.ts";
import { settleLeftovers } from "../store/leftovers.ts";
import type { OpenOptions } from "../store/open.ts";
import { thisProcess } from "../store/owner.ts";
import { unavailable } from "../store/sqlite-error.ts";
import type { Io } from "./io.ts";

/** The ledger's file: the one named in the configuration, else the one in the state folder. */
export const ledgerPath = (config: Pick<Config, "ledger">, io: Io): string =>
  config.ledger.path ?? join(io.environment.stateDir, "ledger.db");

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

/** Opens the ledger of this configuration, making it where there is none. @throws RiptideError `ledger_unavailable` */
export async function openLedger(
  config: Pick<Config, "ledger">,
  io: Io,
  options: Pick<OpenOptions, "mayStartFresh" | "onWarning"> = {},
): Promise<Database> {
  const { openDatabase } = await import("../store/open.ts");
  const { durability } = config.ledger;
  return openDatabase({ path: ledgerPath(config, io), durability, clock: io.clock, ...options });
}
