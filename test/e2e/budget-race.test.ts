import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, it } from "vitest";
import { startWork, useLedgerFolders } from "../helpers/ledger-work.ts";

const folders = useLedgerFolders();

/** Sums as anybody can read them from the file. */
function books(folder: string) {
  const database = new DatabaseSync(join(folder, "ledger.db"), { readOnly: true });
  const one = (sql: string) => Number(Object.values(database.prepare(sql).get() ?? {})[0]);
  const found = {
    spent: one("SELECT sum(cost_nano) FROM attempts"),
    operations: one("SELECT count(*) FROM operations WHERE state = 'settled'"),
    held: one("SELECT count(*) FROM reservations") + one("SELECT sum(held_nano) FROM windows"),
    window: one("SELECT sum(spent_nano) FROM windows WHERE scope = 'acme' AND span = 'day'"),
  };
  database.close();
  return found;
}

const SEEDS = [1, 2, 3, 4, 5, 6, 7, 8];

it("8 processes with 200 racing requests of $0.01 spend a budget of $1.00 to the cent (TA-1, LG-2)", async () => {
  const folder = folders.place(
    "1.00",
    Array.from({ length: 10 }, () => 100),
  );
  const tallies = await Promise.all(SEEDS.map((seed) => startWork(folder, 200, 200, seed).ended));
  const sum = (code: string) => tallies.reduce((total, tally) => total + (tally?.[code] ?? 0), 0);
  expect([sum("ok"), sum("budget_exceeded")]).toEqual([100, 1_500]);
  expect(books(folder)).toEqual({ spent: 1e9, operations: 100, held: 0, window: 1e9 });
}, 60_000);

it("1,000 requests that use 10 to 100 % of their limit overshoot $5 by nothing and use 95 % of it", async () => {
  const folder = folders.place("5.00", [10, 20, 30, 40, 50, 60, 70, 80, 90, 100]);
  // Refused callers try again until nothing is held, as the worker does with a number of rounds.
  for (let round = 0; round < 3; round += 1) {
    await Promise.all([1, 2, 3, 4, 5].map((seed) => startWork(folder, 200, 10, 10 * round + seed).ended));
  }
  const { spent, held, window } = books(folder);
  expect([held, window - spent]).toEqual([0, 0]);
  expect(spent).toBeLessThanOrEqual(5e9);
  expect(spent).toBeGreaterThanOrEqual(0.95 * 5e9);
}, 60_000);
