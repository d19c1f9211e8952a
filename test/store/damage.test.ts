import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Database } from "../../src/store/database.ts";
import { openDatabase } from "../../src/store/open.ts";
import { recoverLedger } from "../../src/store/recover.ts";
import { virtualClock } from "../helpers/virtual-clock.ts";

const PAGE = 4096;
const clock = virtualClock();
let folder = "";
let path = "";
let warnings: string[] = [];
const opened: Database[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "riptide-damage-"));
  path = join(folder, "ledger.db");
  warnings = [];
});
afterEach(() => {
  close();
  rmSync(folder, { recursive: true });
});

async function openIn(mayStartFresh: boolean): Promise<Database> {
  const onWarning = (line: string) => void warnings.push(line);
  const database = await openDatabase({ path, durability: "normal", clock, mayStartFresh, onWarning });
  opened.push(database);
  return database;
}
const close = () => opened.splice(0).forEach((database) => void database.close());

/** A closed ledger of about 4,000 rows a megabyte. */
async function ledgerWith(rows: number): Promise<void> {
  const database = await openIn(true);
  const insert = database.prepare("INSERT INTO prices (key, price) VALUES (?, ?)");
  await database.transact(() => {
    for (let row = 0; row < rows; row += 1) insert.run(`row ${row}`, "x".repeat(200));
  });
  close();
}

function overwrite(offset: number, bytes: Uint8Array): void {
  const whole = readFileSync(path);
  whole.set(bytes, offset);
  writeFileSync(path, whole);
}
const factOfRun = (value: string) => {
  const sqlite = new DatabaseSync(path);
  sqlite.prepare("UPDATE facts SET value = ? WHERE name = 'checked_boot'").run(value);
  sqlite.close();
};

describe("damage", () => {
  it("in a ledger too large to be checked each time is found once in each run of the machine", async () => {
    await ledgerWith(4_000);
    expect(statSync(path).size).toBeGreaterThan(512 * 1_024);
    await openIn(false);
    close();
    overwrite(statSync(path).size - 20 * PAGE, Buffer.alloc(PAGE, 0x55));
    await openIn(false);
    close();
    factOfRun("the run before");
    await expect(openIn(false)).rejects.toThrow("the ledger is damaged");
    const { movedTo } = await recoverLedger({ path, durability: "normal", clock });
    expect(movedTo).not.toBeNull();
  });

  it.each([
    ["already checked", 4_000],
    ["too large for a check", 160_000],
  ])("met in use in a ledger %s is looked for at the next opening (LG-9)", async (_name, rows) => {
    await ledgerWith(rows);
    await openIn(true);
    close();
    const middle = Math.floor(statSync(path).size / PAGE / 2) * PAGE;
    overwrite(middle, Buffer.alloc(100 * PAGE, 0x55));
    const database = await openIn(true);
    const all = () => database.prepare("SELECT sum(length(price)) FROM prices").get();
    expect(() => database.read(all)).toThrow("the ledger is damaged");
    await expect(database.transact(all)).rejects.toThrow("the ledger is damaged");
    close();
    await expect(openIn(false)).rejects.toThrow("the ledger is damaged");
    await openIn(true);
    expect(warnings).toEqual([expect.stringMatching(/^the ledger was damaged /)]);
  });
});
