import type { Config } from "../../config/config.ts";
import { asRiptideError } from "../../core/errors.ts";
import type { ProbeRow } from "../../core/sample.ts";
import { recordProbes } from "../../store/probes.ts";
import type { Call } from "../command.ts";
import { openLedger } from "../open-ledger.ts";

/** Nobody waits longer than this for what only helps the next process. */
const WITHIN_MS = 150;

/** Keeps what probes showed; a ledger that cannot take it is worth a warning, not a failure. */
export async function keepProbes(
  { io, given }: Call,
  config: Config,
  rows: readonly ProbeRow[],
): Promise<void> {
  if (rows.length === 0) return;
  try {
    const database = await openLedger(config, io);
    try {
      await recordProbes(database, rows, WITHIN_MS);
    } finally {
      database.close();
    }
  } catch (thrown) {
    if (given.has("quiet")) return;
    await io.stderr.write(`warning: the probes are not recorded: ${asRiptideError(thrown).message}\n`);
  }
}
