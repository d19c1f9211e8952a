import { ledgerDocument } from "../../output/ledger.ts";
import { recoverLedger } from "../../store/recover.ts";
import type { Run } from "../command.ts";
import { ledgerPath } from "../open-ledger.ts";
import { printDocument, printText } from "../print.ts";
import { readConfig } from "../session.ts";

/** `riptide ledger recover` */
export const run: Run = async (call) => {
  const { config } = await readConfig(call);
  const path = ledgerPath(config, call.io);
  const { durability } = config.ledger;
  const { movedTo } = await recoverLedger({ path, durability, clock: call.io.clock });
  if (call.format === "json") {
    await printDocument(call, ledgerDocument(path, { ok: true, differences: [], movedTo }));
  } else {
    await printText(
      call,
      movedTo === null ? `the ledger is sound and stays: ${path}\n` : movedText(movedTo, path),
    );
  }
  return 0;
};

const movedText = (movedTo: string, path: string): string =>
  [
    `set aside:  ${movedTo}`,
    `new ledger: ${path}`,
    "Budgets start from 0; what the old file says is not counted any more.",
    "",
  ].join("\n");
