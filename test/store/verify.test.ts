import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { admissionBooks } from "../../src/store/admission-books.ts";
import type { Database } from "../../src/store/database.ts";
import { countLeftovers, settleLeftovers } from "../../src/store/leftovers.ts";
import { openDatabase } from "../../src/store/open.ts";
import { thisProcess } from "../../src/store/owner.ts";
import { settlementBooks } from "../../src/store/settle.ts";
import { verifyLedger } from "../../src/store/verify.ts";
import { settlementFor } from "../helpers/ledger-settlements.ts";
import { virtualClock } from "../helpers/virtual-clock.ts";
import { quoteOf } from "./accounts-model.ts";

const START_MS = 20_000 * 86_400_000;
const DEAD = { ...thisProcess(), started: 1 };

let folder: string;
let database: Database;
const clock = virtualClock(START_MS);

async function hold(id: string, owner = thisProcess()): Promise<void> {
  const { operation } = settlementFor(id, START_MS);
  const rules = { tenant: "acme", budgets: [], unpriced: "allow" as const };
  const ask = { operation, rules, quotes: [quoteOf(5_000)], expiresInMs: 1_000, withinMs: 2_000 };
  expect((await admissionBooks(database, { clock, owner }).admit(ask)).ok).toBe(true);
}

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "riptide-verify-"));
  database = await openDatabase({
    path: join(folder, "ledger.db"),
    durability: "normal",
    clock,
    mayStartFresh: false,
  });
  const books = settlementBooks(database, clock);
  for (let n = 0; n < 30; n += 1) await books.settle(settlementFor(`rq_${n}`, START_MS + n * 1_800_000));
  await hold("rq_held");
});
afterEach(() => {
  database.close();
  rmSync(folder, { recursive: true });
});

describe("verifying a ledger (LG-7)", () => {
  it("finds nothing in one that only the program wrote", () => {
    expect(verifyLedger(database)).toEqual({ operations: 31, attempts: 30, differences: [] });
  });

  it.each([
    [
      "UPDATE attempts SET cost_nano = cost_nano + 1 WHERE operation = 3",
      "not the sum of its attempts: rq_2 says 1000 in 1, its lines 1001 in 1",
    ],
    ["UPDATE operations SET attempts = 2 WHERE seq = 3", "not the sum of its attempts: rq_2"],
    [
      "DELETE FROM attempts WHERE operation = 3",
      "not the sum of its attempts: rq_2 says 1000 in 1, its lines 0 in 0",
    ],
    ["DELETE FROM operations WHERE seq = 3", "an attempt without its operation: number 3"],
    [
      "DELETE FROM reservations",
      "a reservation and its operation disagree: rq_held is held without a reservation",
    ],
    [
      "UPDATE operations SET state = 'settled', outcome = 'ok', ended = started WHERE id = 'rq_held'",
      "rq_held is settled with a reservation",
    ],
    ["DELETE FROM operations WHERE id = 'rq_held'", "number 31 is reserved for, and unknown"],
    [
      "UPDATE windows SET spent_nano = spent_nano + 7 WHERE span = 'hour' AND scope = 'acme' AND start = (SELECT max(start) FROM windows WHERE span = 'hour')",
      "what was spent in an hour is not the sum of its operations: tenant acme from 2024-10-04 14:00:00: 2007 instead of 2000",
    ],
    [
      "UPDATE windows SET spent_nano = 0 WHERE span = 'day' AND scope = ''",
      "what was spent in a day is not the sum of its operations: all from 2024-10-04 00:00:00: 0 instead of 30000",
    ],
    [
      "INSERT INTO windows VALUES ('other', 'day', 1728000000000, 5, 0, 0)",
      "spent in a day is not the sum of its operations: tenant other",
    ],
    ["DELETE FROM windows WHERE span = 'hour'", "what was spent in an hour"],
    [
      "UPDATE windows SET held_nano = 0 WHERE span = 'day'",
      "what is held in a day is not the sum of its reservations: all from 2024-10-04 00:00:00: 0 instead of 5000",
    ],
    [
      "UPDATE reservations SET held_nano = held_nano + 1",
      "what is held in an hour is not the sum of its reservations",
    ],
    [
      "UPDATE rollup_quarter SET cost_nano = 1 WHERE start = (SELECT max(start) FROM rollup_quarter)",
      "rollup_quarter is not the sum of its rows: p/m of acme from 2024-10-04 14:30:00 (ok): 1 in 1, its rows 1000 in 1",
    ],
    ["DELETE FROM rollup_day", "rollup_day is not the sum of its rows"],
    ["UPDATE rollup_day SET le_250_ms = 0", "rollup_day is not the sum of its rows"],
    ["UPDATE rollup_day SET estimated = 1", "rollup_day is not the sum of its rows"],
    ["UPDATE rollup_day SET provider = 'q'", "rollup_day is not the sum of its rows: q/m"],
    [
      "UPDATE attempts SET usage_source = 'unreconciled' WHERE operation = 3",
      "rollup_quarter is not the sum of its rows",
    ],
    ["UPDATE operations SET started = started + 86400000 WHERE seq = 3", "what was spent in a day"],
  ])("finds what %s does", (sql, told) => {
    database.prepare(sql).run();
    expect(verifyLedger(database).differences.join("\n")).toContain(told);
  });

  it("tells at most twenty of a kind and says that there are more", () => {
    database.prepare("UPDATE attempts SET cost_nano = 1").run();
    const { differences } = verifyLedger(database);
    const told = differences.filter((line) => line.startsWith("an operation is not the sum"));
    expect([told.length, told.at(-1)]).toEqual([21, "an operation is not the sum of its attempts: and more"]);
  });

  it("finds what is held before the border of pruning, too", () => {
    database.prepare("INSERT INTO facts VALUES ('pruned_before', ?)").run(String(START_MS + 86_400_000));
    expect(verifyLedger(database).differences).toEqual([]);
    database.prepare("UPDATE windows SET held_nano = 1 WHERE span = 'day' AND scope = ''").run();
    expect(verifyLedger(database).differences).toHaveLength(1);
  });
});

describe("what dead processes left (LG-10)", () => {
  const moment = (nowMs = START_MS) => ({ owner: thisProcess(), nowMs });

  it("is counted without a change, booked once at what was reserved, and corrected by a late settlement", async () => {
    await hold("rq_dead", DEAD);
    expect([countLeftovers(database, moment()), countLeftovers(database, moment())]).toEqual([1, 1]);
    expect(await settleLeftovers(database, moment())).toBe(1);
    expect(await settleLeftovers(database, moment())).toBe(0);
    const row = "SELECT state, cost_nano AS cost FROM operations WHERE id = 'rq_dead'";
    expect({ ...database.prepare(row).get() }).toEqual({ state: "unreconciled", cost: 5_000 });
    expect(verifyLedger(database).differences).toEqual([]);
    await settlementBooks(database, clock).settle(settlementFor("rq_dead", START_MS, 70));
    expect({ ...database.prepare(row).get() }).toEqual({ state: "settled", cost: 70 });
    expect(verifyLedger(database).differences).toEqual([]);
  });

  it("is left to an unknown process of another container until its reservation has run out", async () => {
    await hold("rq_far", { ...DEAD, boot: `${DEAD.boot.split(" ")[0]} pid:[1]` });
    expect(await settleLeftovers(database, moment(START_MS + 1_000))).toBe(0);
    expect(await settleLeftovers(database, moment(START_MS + 1_001))).toBe(1);
  });
});
