import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { RiptideError } from "../../src/core/errors.ts";
import type { Database } from "../../src/store/database.ts";
import { grouped } from "../../src/store/grouped.ts";
import { openDatabase } from "../../src/store/open.ts";
import { virtualClock } from "../helpers/virtual-clock.ts";

let folder: string;
let clock: ReturnType<typeof virtualClock>;
let plain: Database;
let commits: number;
let flush: () => void;
let database: Database;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "riptide-grouped-"));
  clock = virtualClock();
  plain = await openDatabase({ path: join(folder, "ledger.db"), durability: "normal", clock });
  commits = 0;
  const counting: Database = {
    ...plain,
    transact(work, withinMs) {
      commits += 1;
      return plain.transact(work, withinMs);
    },
  };
  database = grouped(counting, (run) => {
    flush = run;
  });
});
afterEach(() => {
  plain.close();
  rmSync(folder, { recursive: true });
});

const add = (name: string) => () => {
  plain.prepare("INSERT INTO facts (name, value) VALUES (?, 1)").run(name);
  return name;
};
const names = () =>
  plain
    .prepare("SELECT name FROM facts WHERE name LIKE 'a%' ORDER BY name")
    .all()
    .map(({ name }) => name);

describe("writing together (LG-8)", () => {
  it("commits once for all that gathered, and answers each of them after it", async () => {
    const both = Promise.all([database.transact(add("a1")), database.transact(add("a2"))]);
    expect(names()).toEqual([]);
    flush();
    expect(await both).toEqual(["a1", "a2"]);
    expect([commits, names()]).toEqual([1, ["a1", "a2"]]);
  });

  it("undoes the piece that fails, and keeps the others", async () => {
    const failing = database.transact(() => {
      add("a1")();
      throw new Error("not this one");
    });
    const kept = database.transact(add("a2"));
    flush();
    await expect(failing).rejects.toThrow("not this one");
    expect([await kept, names()]).toEqual(["a2", ["a2"]]);
  });

  it("gives up a locked ledger for each piece when its own patience ends (LG-11)", async () => {
    const other = new DatabaseSync(join(folder, "ledger.db"));
    other.exec("BEGIN IMMEDIATE");
    const told: string[] = [];
    const asked = (name: string, withinMs: number) =>
      database.transact(add(name), withinMs).then(
        () => told.push(`${name} kept`),
        (error: RiptideError) => told.push(`${name} given up, hurried: ${error.facts.wasHurried}`),
      );
    const all = [asked("a1", 10), asked("a2", 1_000)];
    flush();
    await clock.advance(20);
    expect(told).toEqual(["a1 given up, hurried: true"]);
    other.exec("ROLLBACK");
    other.close();
    flush();
    await clock.advance(20);
    await Promise.all(all);
    expect([told, names()]).toEqual([["a1 given up, hurried: true", "a2 kept"], ["a2"]]);
  });
});
