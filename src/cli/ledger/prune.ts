import { RiptideError } from "../../core/errors.ts";
import { ledgerDocument, pruneText } from "../../output/ledger.ts";
import type { Database } from "../../store/database.ts";
import { pruneLedger } from "../../store/prune.ts";
import { countRows } from "../../store/verify.ts";
import type { Call, Run } from "../command.ts";
import { ledgerPath } from "../open-ledger.ts";
import { printDocument, printText } from "../print.ts";
import { readConfig } from "../session.ts";
import { durationOf } from "../values.ts";
import { withExisting } from "./existing.ts";

const DAY_MS = 86_400_000;

/** `riptide ledger prune --older-than DUR` */
export const run: Run = async (call) => {
  const keptMs = keptOf(call);
  const { config } = await readConfig(call);
  const path = ledgerPath(config, call.io);
  await withExisting(call, config, async (database) => {
    if (database) return prune(call, database, keptMs);
    if (call.format === "json")
      return printDocument(call, ledgerDocument(path, { ok: true, differences: [] }));
    return printText(call, `no ledger yet: ${path}\n`);
  });
  return 0;
};

async function prune(call: Call, database: Database, keptMs: number): Promise<void> {
  const nowMs = call.io.clock.wall();
  const pruned = await pruneLedger(database, { beforeMs: nowMs - keptMs, nowMs });
  const report = { ok: true, differences: [], ...countRows(database), pruned };
  if (call.format === "json") await printDocument(call, ledgerDocument(database.path, report));
  else await printText(call, pruneText(pruned));
}

function keptOf({ given }: Call): number {
  const keptMs = durationOf(given, "older-than");
  if (keptMs === undefined) throw new RiptideError("usage", "ledger prune wants --older-than, such as 90d");
  if (keptMs >= DAY_MS) return keptMs;
  throw new RiptideError("usage", `--older-than wants 1d or more, not "${given.value("older-than")}"`);
}
