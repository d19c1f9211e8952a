import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { systemClock } from "../../src/core/clock.ts";
import { openDatabase } from "../../src/store/open.ts";
import { verifyLedger } from "../../src/store/verify.ts";
import { ledgerCalls } from "../helpers/ledger-calls.ts";

const REQUESTS = 120;
const CUTS = 60;
const folder = mkdtempSync(join(tmpdir(), "riptide-power-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** The machine as it comes up again when only so many bytes of the log had reached the disk, some of them garbled. */
async function afterPowerCut(name: string, log: Buffer) {
  const place = join(folder, name);
  mkdirSync(place, { mode: 0o700 });
  const path = join(place, "ledger.db");
  copyFileSync(join(folder, "ledger.db"), path);
  writeFileSync(`${path}-wal`, log);
  const database = await openDatabase({ path, durability: "normal", clock: systemClock });
  const { differences } = verifyLedger(database);
  const ids = database.read(() => database.prepare("SELECT id FROM operations ORDER BY seq").all());
  database.close();
  return { differences, ids: ids.map(({ id }) => id) };
}

it("a power cut at any point of the log leaves an unbroken prefix of the commits, and books that add up (row 51)", async () => {
  const { database, request } = await ledgerCalls(join(folder, "ledger.db"));
  // Everything stays in the log, as it does between two checkpoints.
  database.prepare("PRAGMA wal_autocheckpoint = 0").run();
  const all = Array.from({ length: REQUESTS }, (_, n) => `rq_${n}`);
  for (const id of all) await request(id);
  const log = readFileSync(join(folder, "ledger.db-wal"));
  const seen = new Set<number>();
  for (let cut = 0; cut < CUTS; cut += 1) {
    const length = Math.floor((log.length * (cut * 37 + 11)) / (CUTS * 37));
    const lost = Buffer.from(log.subarray(0, Math.min(length, log.length)));
    // Every other time a block that was on its way is garbled too.
    if (cut % 2 === 1) lost.fill(0x5a, Math.max(0, lost.length - 4_096));
    const { differences, ids } = await afterPowerCut(String(cut), lost);
    expect([cut, differences]).toEqual([cut, []]);
    expect(ids).toEqual(all.slice(0, ids.length));
    seen.add(ids.length);
  }
  // The cuts have to have met many different states.
  expect(seen.size).toBeGreaterThan(CUTS / 2);
  const whole = await afterPowerCut("whole", log);
  expect(whole.ids).toEqual(all);
  database.close();
}, 60_000);
