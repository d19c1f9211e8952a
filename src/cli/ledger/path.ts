import { ledgerDocument } from "../../output/ledger.ts";
import { countRows } from "../../store/verify.ts";
import type { Run } from "../command.ts";
import { ledgerPath } from "../open-ledger.ts";
import { printDocument } from "../print.ts";
import { readConfig } from "../session.ts";
import { unusable, withExisting } from "./existing.ts";

/** `riptide ledger path` */
export const run: Run = async (call) => {
  const { config } = await readConfig(call);
  const path = ledgerPath(config, call.io);
  if (call.format === "json") {
    const report = await withExisting(call, config, async (database) => ({
      ...{ ok: true, differences: [] },
      ...(database && countRows(database)),
    })).catch((error: unknown) => unusable(error, path));
    await printDocument(call, ledgerDocument(path, report));
  } else {
    await call.io.stdout.write(`${path}\n`);
  }
  return 0;
};
