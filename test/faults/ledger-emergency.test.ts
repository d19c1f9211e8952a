import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
import { appendEmergency } from "../../src/store/emergency.ts";
import { foldEmergency } from "../../src/store/fold.ts";
import { openDatabase } from "../../src/store/open.ts";
import { thisProcess } from "../../src/store/owner.ts";
import { verifyLedger } from "../../src/store/verify.ts";
import { settlementFor } from "../helpers/ledger-settlements.ts";
import { virtualClock } from "../helpers/virtual-clock.ts";

const START_MS = 1_750_000_000_000;
let folder = "";
afterEach(() => rmSync(folder, { recursive: true }));

it("replays settlements from the emergency file when a full disk has space again (row 47, LG-11)", async () => {
  folder = mkdtempSync(join(tmpdir(), "riptide-full-"));
  const clock = virtualClock(START_MS);
  const path = join(folder, "ledger.db");
  const database = await openDatabase({ path, durability: "normal", clock, mayStartFresh: false });
  for (let n = 0; n < 300; n += 1) appendEmergency(path, settlementFor(`rq_${n}`, START_MS + n));
  const fold = () =>
    foldEmergency(database, { owner: thisProcess(), nowMs: clock.wall(), warn: () => undefined });
  // SQLite's own bound on the file stands for the disk: what goes beyond it fails as a full disk does.
  const pages = database.prepare("PRAGMA page_count").get()?.page_count;
  database.prepare(`PRAGMA max_page_count = ${Number(pages) + 2}`).get();
  await expect(fold()).rejects.toMatchObject({ code: "ledger_unavailable" });
  expect(verifyLedger(database).differences).toEqual([]);
  database.prepare("PRAGMA max_page_count = 1000000").get();
  await fold();
  expect(verifyLedger(database)).toEqual({ operations: 300, attempts: 300, differences: [] });
  database.close();
});
