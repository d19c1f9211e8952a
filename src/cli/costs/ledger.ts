import type { Config } from "../../config/config.ts";
import type { LoadedConfig } from "../../config/load.ts";
import type { Database } from "../../store/database.ts";
import type { Call } from "../command.ts";
import { hasLedger, openSettledLedger } from "../open-ledger.ts";
import { readConfig } from "../session.ts";

/**
 * Reads from the ledger of this call's configuration, all of it as it is at one moment. Where nothing was ever recorded
 * there is no file, and a mere report makes none: `work` then gets no database.
 */
export async function withLedger<T>(
  call: Call,
  work: (
    database: Database | undefined,
    config: Config,
    loaded: Pick<LoadedConfig, "config" | "registry">,
  ) => T | Promise<T>,
): Promise<T> {
  const loaded = await readConfig(call);
  const { config } = loaded;
  if (!hasLedger(config, call.io)) return work(undefined, config, loaded);
  const database = await openSettledLedger(config, call.io);
  try {
    return await work(database, config, loaded);
  } finally {
    database.close();
  }
}
