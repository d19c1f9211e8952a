import { join } from "node:path";
import type { Config } from "../config/config.ts";
import type { Database } from "../store/database.ts";
import type { OpenOptions } from "../store/open.ts";
import type { Around } from "./around.ts";

/** The ledger's file: the one named in the configuration, else the one in the state folder. */
export const ledgerPath = (
  config: Pick<Config, "ledger">,
  { environment }: Pick<Around, "environment">,
): string => config.ledger.path ?? join(environment.stateDir, "ledger.db");

/** Opens the ledger of this configuration, making it where there is none. @throws RiptideError `ledger_unavailable` */
export async function openLedger(
  config: Pick<Config, "ledger">,
  around: Pick<Around, "environment" | "clock">,
  options: Pick<OpenOptions, "mayStartFresh" | "onWarning"> = {},
): Promise<Database> {
  const { openDatabase } = await import("../store/open.ts");
  const { durability } = config.ledger;
  return openDatabase({ path: ledgerPath(config, around), durability, clock: around.clock, ...options });
}
