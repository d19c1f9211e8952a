import { join } from "node:path";
import type { Config } from "../config/config.ts";
import type { Database } from "../store/database.ts";
import type { OpenOptions } from "../store/open.ts";
import type { Io } from "./io.ts";

/** The ledger's file: the one named in the configuration, else the one in the state folder. */
export const ledgerPath = (config: Pick<Config, "ledger">, io: Io): string =>
  config.ledger.path ?? join(io.environment.stateDir, "ledger.db");

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
