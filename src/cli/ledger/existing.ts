import type { Config } from "../../config/config.ts";
import { RiptideError } from "../../core/errors.ts";
import type { LedgerReport } from "../../output/ledger.ts";
import type { Database } from "../../store/database.ts";
import { isBusy, unavailable } from "../../store/sqlite-error.ts";
import type { Call } from "../command.ts";
import { hasLedger, openLedger } from "../open-ledger.ts";

/** Works on the ledger there is, or on none: what only looks creates nothing. @throws RiptideError `ledger_unavailable` */
export async function withExisting<T>(
  { io }: Call,
  config: Pick<Config, "ledger">,
  work: (database: Database | undefined) => Promise<T>,
): Promise<T> {
  const database = hasLedger(config, io) ? await openLedger(config, io) : undefined;
  try {
    return await work(database);
  } finally {
    database?.close();
  }
}

/**
 * What is to be said of a ledger that does not open: that is a difference.
 * @throws what it was given, when that says nothing of the file, such as that another process has locked it.
 */
export function unusable(thrown: unknown, path: string): LedgerReport {
  const error = unavailable(thrown, path);
  if (!(error instanceof RiptideError && error.code === "ledger_unavailable")) throw error;
  const { reasons = [], hint, cause } = error.facts;
  if (isBusy(cause)) throw error;
  const more = reasons
    .filter((reason) => reason !== path)
    .map((reason) => (reason.startsWith(`${path}: `) ? reason.slice(path.length + 2) : reason));
  return { ok: false, differences: [[error.message, ...more].join(": ")], ...(hint && { hint }) };
}
