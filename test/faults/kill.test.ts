import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, it } from "vitest";
import { systemClock } from "../../src/core/clock.ts";
import { settleLeftovers } from "../../src/store/leftovers.ts";
import { openDatabase } from "../../src/store/open.ts";
import { thisProcess } from "../../src/store/owner.ts";
import { verifyLedger } from "../../src/store/verify.ts";
import { startWork, useLedgerFolders, type Work } from "../helpers/ledger-work.ts";

const folders = useLedgerFolders();
const KILLS = 20;
const AT_ONCE = 5;

/** Lets a worker come some way into its requests, never the same, and kills it. */
async function killed(work: Work, after: number): Promise<readonly string[]> {
  await new Promise<void>((done) => {
    work.child.stdout?.on("data", () => work.acknowledged().length >= after && done());
    work.child.on("close", () => done());
  });
  work.child.kill("SIGKILL");
  await work.ended;
  return work.acknowledged();
}

it(`after ${KILLS} kills under load nothing acknowledged is lost or doubled, and the books add up (row 50)`, async () => {
  const folder = folders.place("1000", [10, 20, 30, 40, 50, 60, 70, 80, 90, 100]);
  const acknowledged: string[] = [];
  for (let seed = 1; seed <= KILLS; seed += AT_ONCE) {
    const works = Array.from({ length: AT_ONCE }, (_, n) => startWork(folder, 100_000, 20, seed + n));
    const after = (n: number) => 1 + (((seed + n) * 37) % 120);
    acknowledged.push(...(await Promise.all(works.map((work, n) => killed(work, after(n))))).flat());
  }
  const startedAt = performance.now();
  const path = join(folder, "ledger.db");
  const database = await openDatabase({
    path,
    durability: "normal",
    clock: systemClock,
    mayStartFresh: false,
  });
  const left = await settleLeftovers(database, { owner: thisProcess(), nowMs: systemClock.wall() });
  const readyMs = performance.now() - startedAt;
  expect(verifyLedger(database).differences).toEqual([]);
  database.close();
  const rows = new DatabaseSync(path, { readOnly: true });
  const settled = rows
    .prepare("SELECT id FROM operations WHERE state = 'settled'")
    .all()
    .map(({ id }) => id);
  const booked = new Set(settled);
  expect(acknowledged.filter((id) => !booked.has(id))).toEqual([]);
  expect(booked.size).toBe(settled.length);
  const [unreconciled] = rows
    .prepare("SELECT count(*) AS count FROM operations WHERE state = 'unreconciled'")
    .all();
  const [held] = rows.prepare("SELECT count(*) AS count FROM reservations").all();
  rows.close();
  // The last ones to be killed left theirs to this process, the others' were found before.
  expect([Number(unreconciled?.count) >= left, held?.count]).toEqual([true, 0]);
  expect(Number(unreconciled?.count)).toBeGreaterThan(0);
  console.log(
    `${acknowledged.length} acknowledged, ${unreconciled?.count} unreconciled, ready in ${readyMs.toFixed(0)} ms`,
  );
}, 120_000);
