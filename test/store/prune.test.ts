import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { admissionBooks } from "../../src/store/admission-books.ts";
import type { Database } from "../../src/store/database.ts";
import { openDatabase } from "../../src/store/open.ts";
import { thisProcess } from "../../src/store/owner.ts";
import { pruneDue, pruneLedger } from "../../src/store/prune.ts";
import { settlementBooks } from "../../src/store/settle.ts";
import { verifyLedger } from "../../src/store/verify.ts";
import { settlementFor } from "../helpers/ledger-settlements.ts";
import { virtualClock } from "../helpers/virtual-clock.ts";
import { quoteOf } from "./accounts-model.ts";

const DAY_MS = 86_400_000;
/** A midnight in UTC. */
const DAY_0 = 20_000 * DAY_MS;

let folder: string;
let database: Database;
const clock = virtualClock(DAY_0 + 100 * DAY_MS + 5_000);

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "riptide-prune-"));
  database = await openDatabase({
    path: join(folder, "ledger.db"),
    durability: "normal",
    clock,
    mayStartFresh: false,
  });
});
afterEach(() => {
  database.close();
  rmSync(folder, { recursive: true });
});

const nowMs = clock.wall();
const count = (table: string) => Number(database.prepare(`SELECT count(*) AS n FROM ${table}`).get()?.n);
const sum = (table: string, column: string) =>
  Number(database.prepare(`SELECT sum(${column}) AS n FROM ${table}`).get()?.n);
const clean = () => expect(verifyLedger(database).differences).toEqual([]);

async function settleOn(day: number, operations: number): Promise<void> {
  const books = settlementBooks(database, clock);
  for (let n = 0; n < operations; n += 1) {
    await books.settle(settlementFor(`rq_${day}_${n}`, DAY_0 + day * DAY_MS + n));
  }
}

async function holdOn(day: number): Promise<void> {
  const { operation } = settlementFor(`rq_held_${day}`, DAY_0 + day * DAY_MS + 1);
  const rules = { tenant: "acme", budgets: [], unpriced: "allow" as const };
  const ask = { operation, rules, quotes: [quoteOf(5_000)], expiresInMs: 1e9, withinMs: 2_000 };
  expect((await admissionBooks(database, { clock, owner: thisProcess() }).admit(ask)).ok).toBe(true);
}

describe("pruning", () => {
  it("removes whole UTC days of operations with all of theirs, and keeps the sums", async () => {
    for (const day of [8, 9, 10, 11, 99]) await settleOn(day, 20);
    const before = [count("windows"), count("rollup_day"), sum("rollup_day", "cost_nano")];
    // In the middle of day 10: that day stays.
    const pruned = await pruneLedger(database, { beforeMs: DAY_0 + 10.5 * DAY_MS, nowMs });
    expect(pruned).toEqual({
      ...{ borderMs: DAY_0 + 10 * DAY_MS, operations: 40, others: 0, isDone: true },
      // Those of day 10 and 11 are older than 30 days.
      decisions: 40,
    });
    expect([count("operations"), count("attempts"), count("decisions")]).toEqual([60, 60, 20]);
    expect([count("windows"), count("rollup_day"), sum("rollup_day", "cost_nano")]).toEqual(before);
    clean();
  });

  it("never removes an operation that is held, and counts it right when it settles later", async () => {
    await holdOn(3);
    await settleOn(3, 2);
    expect((await pruneLedger(database, { beforeMs: nowMs, nowMs })).operations).toBe(2);
    clean();
    await settlementBooks(database, clock).settle(settlementFor("rq_held_3", DAY_0 + 3 * DAY_MS + 1));
    clean();
    expect((await pruneLedger(database, { beforeMs: nowMs, nowMs })).operations).toBe(1);
    expect([count("operations"), count("attempts"), count("decisions")]).toEqual([0, 0, 0]);
    clean();
  });

  it("does no more than it may at once, agrees with its sums at every step, and goes on the same day", async () => {
    await settleOn(5, 50);
    expect(await pruneDue(database, nowMs)).toBe(true);
    expect(await pruneDue(database, nowMs)).toBe(false);
    for (const left of [30, 10]) {
      const { isDone } = await pruneLedger(database, { beforeMs: nowMs, nowMs, maxRows: 20 });
      expect([isDone, count("operations")]).toEqual([false, left]);
      clean();
      expect(await pruneDue(database, nowMs)).toBe(true);
    }
    expect(await pruneLedger(database, { beforeMs: nowMs, nowMs, maxRows: 20 })).toMatchObject({
      isDone: true,
    });
    expect(await pruneDue(database, nowMs)).toBe(false);
  });

  it("is due for one process a day, also after the clock was set back", async () => {
    const other = await openDatabase({
      path: database.path,
      durability: "normal",
      clock,
      mayStartFresh: false,
    });
    const ask = async (at: number) => [await pruneDue(database, at), await pruneDue(other, at)];
    expect(await ask(nowMs)).toEqual([true, false]);
    expect(await ask(nowMs + DAY_MS - 1)).toEqual([false, false]);
    expect(await ask(nowMs + DAY_MS)).toEqual([true, false]);
    expect(await ask(nowMs - 10 * DAY_MS)).toEqual([true, false]);
    other.close();
  });

  it("removes old refusals, probes and resolved alerts, and keeps new and unresolved ones", async () => {
    const hour = 3_600_000;
    await database.transact(() => {
      for (const age of [47, 49]) {
        database
          .prepare("INSERT INTO refusals VALUES ('acme', ?, 'budget_exceeded', 3)")
          .run(nowMs - age * hour);
      }
      for (const at of [DAY_0, nowMs]) {
        database.prepare("INSERT INTO probes VALUES (NULL, 'p', 'e', 'l', 'ok', 1, NULL, ?, NULL)").run(at);
        for (const resolved of [at, null]) {
          database
            .prepare("INSERT INTO alerts VALUES ('acme', 'day', ?, ?, ?, ?)")
            .run(at, String(resolved), at, resolved);
        }
      }
    });
    expect((await pruneLedger(database, { beforeMs: nowMs - DAY_MS, nowMs })).others).toBe(3);
    expect([count("refusals"), count("probes"), count("alerts")]).toEqual([1, 1, 3]);
  });

  it("never moves the border back", async () => {
    await settleOn(5, 1);
    await settleOn(50, 1);
    await pruneLedger(database, { beforeMs: DAY_0 + 60 * DAY_MS, nowMs });
    await settleOn(4, 1);
    await pruneLedger(database, { beforeMs: DAY_0 + 10 * DAY_MS, nowMs });
    clean();
  });
});
