import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { systemClock } from "../../src/core/clock.ts";
import type { Database } from "../../src/store/database.ts";
import { openDatabase } from "../../src/store/open.ts";
import { createPending } from "../../src/store/pending.ts";
import { spendOf } from "../../src/store/spends.ts";
import { bookWindows } from "../../src/store/windows.ts";

let folder: string;
let database: Database;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "riptide-pending-"));
  database = await openDatabase({
    path: join(folder, "ledger.db"),
    durability: "normal",
    clock: systemClock,
  });
});
afterEach(() => {
  database.close();
  rmSync(folder, { recursive: true });
});

const AT = Date.UTC(2026, 0, 1);
const hold = (tenant: string, heldNano: number) =>
  bookWindows(database, { tenant, startedMs: AT }, { spentNano: 0, heldNano });
const held = (tenant: string | null) => spendOf(database, { tenant, period: "hour" }, AT).heldNano;

it("are all that a transaction adds to them", async () => {
  await database.transact(() => {
    hold("a", 5);
    hold("b", 7);
    hold("a", 11);
  });
  expect([held("a"), held("b"), held(null)]).toEqual([16, 7, 23]);
});

it("are written once, however often they change", async () => {
  await database.transact(() => hold("a", 1));
  const written: string[] = [];
  const pending = createPending((sql) => {
    written.push(sql);
    return database.prepare(sql);
  });
  const table = { name: "windows", key: ["scope", "span", "start"], values: ["held_nano"] };
  for (const amount of [2, 3]) pending.add(table, ["a", "hour", AT], [amount]);
  pending.write();
  expect(written).toHaveLength(1);
  expect(held("a")).toBe(6);
});

it("are there for whoever reads them inside the transaction (LG-2)", async () => {
  const seen = await database.transact(() => {
    hold("a", 5);
    const first = held("a");
    hold("a", 1);
    return [first, held("a")];
  });
  expect(seen).toEqual([5, 6]);
});

it("are undone with the transaction", async () => {
  const failing = database.transact(() => {
    hold("a", 5);
    throw new Error("not this one");
  });
  await expect(failing).rejects.toThrow("not this one");
  await database.transact(() => hold("b", 1));
  expect([held("a"), held("b"), held(null)]).toEqual([0, 1, 1]);
});

it("of names that look alike when they are joined stay apart", async () => {
  const table = { name: "turns", key: ["alias"], values: ["turn"] };
  await database.transact(() => {
    database.pending.add(table, ["a\0b"], [1]);
    database.pending.add(table, ["a"], [2]);
  });
  const rows = database.prepare("SELECT alias, turn FROM turns ORDER BY turn").all();
  expect(rows.map(({ turn }) => turn)).toEqual([1, 2]);
});
