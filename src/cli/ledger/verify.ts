import { type LedgerReport, ledgerDocument, verifyText } from "../../output/ledger.ts";
import type { Database } from "../../store/database.ts";
import { hasPending } from "../../store/fold-claims.ts";
import { countLeftovers } from "../../store/leftovers.ts";
import { thisProcess } from "../../store/owner.ts";
import { verifyLedger } from "../../store/verify.ts";
import type { Call, Run } from "../command.ts";
import { ledgerPath } from "../open-ledger.ts";
import { printDocument, printText } from "../print.ts";
import { readConfig } from "../session.ts";
import { unusable, withExisting } from "./existing.ts";

/** `riptide ledger verify` */
export const run: Run = async (call) => {
  const { config } = await readConfig(call);
  const path = ledgerPath(config, call.io);
  const report = await withExisting(call, config, async (database) => reportOf(call, database)).catch(
    (error: unknown) => unusable(error, path),
  );
  if (call.format === "json") await printDocument(call, ledgerDocument(path, report));
  else await printText(call, verifyText(path, report));
  return report.ok ? 0 : 1;
};

function reportOf({ io }: Call, database: Database | undefined): LedgerReport {
  if (database === undefined) return { ok: true, differences: [], isThere: false };
  const check = verifyLedger(database);
  const leftovers = countLeftovers(database, { owner: thisProcess(), nowMs: io.clock.wall() });
  const ok = check.differences.length === 0;
  return { ok, ...check, leftovers, pending: hasPending(database.path) };
}
