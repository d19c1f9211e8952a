import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { systemClock } from "../../src/core/clock.ts";
import { MAX_NANO } from "../../src/core/money.ts";
import type { Database } from "../../src/store/database.ts";
import { grouped } from "../../src/store/grouped.ts";
import { limiterOf, setLimiter } from "../../src/store/limiters.ts";
import { isSuspended, resetBudgets, resume, suspend, unforgive } from "../../src/store/marks.ts";
import { runningOf } from "../../src/store/occupancy.ts";
import { openDatabase } from "../../src/store/open.ts";
import { spendOf } from "../../src/store/spends.ts";
import { bookWindows } from "../../src/store/windows.ts";

let folder: string;
let mine: Database;
/** As another process has it open. */
let theirs: Database;

const open = () =>
  openDatabase({ path: join(folder, "ledger.db"), durability: "normal", clock: systemClock });

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "riptide-known-"));
  mine = await open();
  theirs = await open();
});
afterEach(() => {
  mine.close();
  theirs.close();
  rmSync(folder, { recursive: true });
});

const AT = Date.UTC(2026, 0, 1);
const spend = (database: Database, spentNano: number) =>
  bookWindows(database, { tenant: "a", startedMs: AT }, { spentNano, heldNano: 0 });
const spent = (database: Database) => spendOf(database, { tenant: "a", period: "month" }, AT).spentNano;

/** What a transaction of `mine` sees. */
const seen = () =>
  mine.transact(() => ({
    spent: spent(mine),
    suspended: isSuspended(mine, "a"),
    tatUs: limiterOf(mine, "a", "tokens"),
  }));
const NOTHING = { spent: 0, suspended: false, tatUs: undefined };

describe("what a process knows of the ledger without reading it", () => {
  it("goes from one of its transactions to the next", async () => {
    expect(await seen()).toEqual(NOTHING);
    await mine.transact(() => {
      spend(mine, 5);
      setLimiter(mine, "a", "tokens", 7);
    });
    expect(await seen()).toEqual({ ...NOTHING, spent: 5, tatUs: 7 });
  });

  it("is read once", async () => {
    const asked: string[] = [];
    const counting: Database = {
      ...mine,
      prepare(sql) {
        asked.push(sql);
        return mine.prepare(sql);
      },
    };
    const look = () =>
      mine.transact(() => [
        ...[spent(counting), isSuspended(counting, "a")],
        ...[limiterOf(counting, "a", "tokens"), runningOf(counting, "a")],
      ]);
    const first = await look();
    expect(asked).toHaveLength(4);
    expect(await look()).toEqual(first);
    expect(asked).toHaveLength(4);
  });

  it("ends with each write of another process", async () => {
    await seen();
    await theirs.transact(() => {
      spend(theirs, 11);
      setLimiter(theirs, "a", "tokens", 13);
    });
    expect(await seen()).toEqual({ ...NOTHING, spent: 11, tatUs: 13 });
    await suspend(theirs, "a", AT);
    expect(await seen()).toEqual({ spent: 11, suspended: true, tatUs: 13 });
  });

  it("is not asked between transactions, when others may write", async () => {
    await seen();
    await theirs.transact(() => spend(theirs, 11));
    expect(mine.read(() => spent(mine))).toBe(11);
  });

  it("is in the file for every other process once the transaction has ended", async () => {
    await seen();
    await mine.transact(() => {
      spend(mine, 5);
      setLimiter(mine, "a", "tokens", 7);
      setLimiter(mine, "a", "tokens", 9);
    });
    expect(theirs.read(() => [spent(theirs), limiterOf(theirs, "a", "tokens")])).toEqual([5, 9]);
  });

  it("keeps a tenant's two limiters apart, here and in the file", async () => {
    const set = (requests: number, tokens: number) =>
      mine.transact(() => {
        setLimiter(mine, "a", "requests", requests);
        setLimiter(mine, "a", "tokens", tokens);
      });
    const both = (database: Database) => [
      ...[limiterOf(database, "a", "requests"), limiterOf(database, "a", "tokens")],
    ];
    await set(1, 2);
    await set(3, 4);
    expect(await mine.transact(() => both(mine))).toEqual([3, 4]);
    expect(theirs.read(() => both(theirs))).toEqual([3, 4]);
  });

  it("tells periods apart that begin or end together", async () => {
    // A Monday, and the first of its month.
    const monday = Date.UTC(2026, 5, 1);
    const day = (n: number) => monday + n * 86_400_000;
    await mine.transact(() => {
      for (const [n, spentNano] of [
        [-1, 3],
        [0, 5],
        [2, 7],
        [20, 11],
      ] as const)
        bookWindows(mine, { tenant: "a", startedMs: day(n) }, { spentNano, heldNano: 0 });
    });
    const periods = ["day", "week", "month", "2d", "3d"] as const;
    const look = () =>
      mine.transact(() => periods.map((period) => spendOf(mine, { tenant: "a", period }, monday).spentNano));
    expect(await look()).toEqual([5, 12, 23, 8, 8]);
    expect(await look()).toEqual([5, 12, 23, 8, 8]);
  });

  it("is undone with the transaction that changed it", async () => {
    await seen();
    const failing = mine.transact(() => {
      spend(mine, 5);
      setLimiter(mine, "a", "tokens", 7);
      throw new Error("not this one");
    });
    await expect(failing).rejects.toThrow("not this one");
    expect(await seen()).toEqual(NOTHING);
  });

  it("follows its own suspensions", async () => {
    await seen();
    await suspend(mine, "a", AT);
    expect(await seen()).toEqual({ ...NOTHING, suspended: true });
    await resume(mine, "a");
    expect(await seen()).toEqual(NOTHING);
  });

  it("follows its own resets, which forgive what the same transaction has spent", async () => {
    await mine.transact(() => spend(mine, 5));
    await seen();
    await resetBudgets(mine, "a", AT);
    expect(await seen()).toEqual(NOTHING);
    await mine.transact(() => spend(mine, 3));
    expect(await seen()).toEqual({ ...NOTHING, spent: 3 });
  });

  it("follows a reset in one transaction with what it forgives", async () => {
    let flush = () => {};
    const together = grouped(mine, (run) => {
      flush = run;
    });
    const work = [together.transact(() => spend(together, 5)), resetBudgets(together, "a", AT)];
    flush();
    await Promise.all(work);
    expect(await seen()).toEqual(NOTHING);
    expect(theirs.read(() => spent(theirs))).toBe(0);
  });

  it("is read anew after a write past it, with what is yet to be written", async () => {
    const tatUs = await mine.transact(() => {
      setLimiter(mine, "a", "tokens", 7);
      mine.forgetKnown();
      return limiterOf(mine, "a", "tokens");
    });
    expect(tatUs).toBe(7);
  });

  it("takes nothing out of what is not there", async () => {
    await seen();
    await mine.transact(() => spend(mine, -5));
    await mine.transact(() => spend(mine, 7));
    expect(await seen()).toEqual({ ...NOTHING, spent: 7 });
    expect(theirs.read(() => spent(theirs))).toBe(7);
  });

  it("is never more than money can be (LG-1)", async () => {
    await mine.transact(() => {
      for (const startedMs of [AT, AT + 86_400_000])
        bookWindows(mine, { tenant: "a", startedMs }, { spentNano: MAX_NANO, heldNano: MAX_NANO });
    });
    const all = { spentNano: MAX_NANO, heldNano: MAX_NANO };
    expect(theirs.read(() => spendOf(theirs, { tenant: "a", period: "month" }, AT))).toEqual(all);
  });

  it("does not grow with the tenants that come and go", async () => {
    for (let n = 0; n < 5_001; n += 1) await mine.transact(() => isSuspended(mine, `t${n}`));
    expect(await mine.transact(() => mine.known()?.suspended.size)).toBe(0);
  });

  it("follows what is forgiven no longer", async () => {
    await mine.transact(() => spend(mine, 5));
    await resetBudgets(mine, "a", AT);
    await mine.transact(() => spend(mine, 3));
    await seen();
    await mine.transact(() => {
      unforgive(mine, { tenant: "a", startedMs: AT, bookedMs: AT }, 5);
      spend(mine, -5);
    });
    expect(await seen()).toEqual({ ...NOTHING, spent: 3 });
  });

  it("does not grow with the periods that pass", async () => {
    const hour = (n: number) => ({ tenant: "a", period: "hour", atMs: AT + n * 3_600_000 }) as const;
    const kept = await mine.transact(() => {
      for (let n = 0; n < 100; n += 1) spendOf(mine, hour(n), hour(n).atMs);
      return [...(mine.known()?.ranges.values() ?? [])].flat();
    });
    const newest = [92, 93, 94, 95, 96, 97, 98, 99].map((n) => hour(n).atMs);
    expect(kept.map(({ startMs }) => startMs)).toEqual(newest);
  });
});
