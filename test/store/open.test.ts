import {
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { RiptideError } from "../../src/core/errors.ts";
import type { Database } from "../../src/store/database.ts";
import { type OpenOptions, openDatabase } from "../../src/store/open.ts";
import { recoverLedger } from "../../src/store/recover.ts";
import { MIGRATIONS } from "../../src/store/schema.ts";
import { virtualClock } from "../helpers/virtual-clock.ts";

const clock = virtualClock();
let folder = "";
let path = "";
let warnings: string[] = [];
const opened: Database[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "riptide-open-"));
  path = join(folder, "state/ledger.db");
  warnings = [];
});
afterEach(() => {
  for (const database of opened.splice(0)) database.close();
  rmSync(folder, { recursive: true });
});

async function open(options: Pick<OpenOptions, "mayStartFresh" | "durability"> = { durability: "normal" }) {
  const onWarning = (line: string) => void warnings.push(line);
  const database = await openDatabase({ path, clock, onWarning, ...options });
  opened.push(database);
  return database;
}
const openIn = (mayStartFresh: boolean) => open({ durability: "normal", mayStartFresh });
const close = () => opened.splice(0).forEach((database) => void database.close());
const names = () => readdirSync(join(folder, "state")).toSorted();
const modeOf = (file: string) => statSync(file).mode & 0o777;
const refusal = (opening: Promise<unknown>): Promise<RiptideError> =>
  opening.then(
    () => expect.unreachable("it was opened"),
    (error: RiptideError) => error,
  );

/** A closed ledger with a price in it, by which it is known again. */
async function ledgerWith(key: string, rows = 1): Promise<void> {
  const database = await open();
  const insert = database.prepare("INSERT INTO prices (key, price) VALUES (?, ?)");
  await database.transact(() => {
    for (let row = 0; row < rows; row += 1) insert.run(row === 0 ? key : `${key} ${row}`, "x".repeat(200));
  });
  close();
}
const has = (database: Database, key: string) =>
  database.prepare("SELECT 1 FROM prices WHERE key = ?").get(key) !== undefined;

function overwrite(offset: number, bytes: Uint8Array): void {
  const whole = readFileSync(path);
  whole.set(bytes, offset);
  writeFileSync(path, whole);
}
const pragma = (text: string) => {
  const sqlite = new DatabaseSync(path);
  sqlite.exec(text);
  sqlite.close();
};

describe("a new ledger (LG-9)", () => {
  it("is complete, in a private folder, and leaves no other file", async () => {
    const database = await open();
    expect(database.prepare("PRAGMA user_version").get()).toEqual({ user_version: MIGRATIONS.length });
    expect(database.prepare("PRAGMA application_id").get()).toEqual({ application_id: 0x52_54_4c_47 });
    expect(names()).toEqual(["ledger.db", "ledger.db-shm", "ledger.db-wal"]);
    expect(modeOf(join(folder, "state"))).toBe(0o700);
    close();
    expect(names()).toEqual(["ledger.db"]);
  });

  it.each([0o000, 0o077, 0o777])("is for its user alone under umask %o (F-4)", async (mask) => {
    mkdirSync(join(folder, "state"));
    const before = process.umask(mask);
    try {
      await open();
    } finally {
      process.umask(before);
    }
    expect(names().map((name) => modeOf(join(folder, "state", name)))).toEqual([0o600, 0o600, 0o600]);
  });

  it("works in WAL with short waits, and syncs as it is told to (LG-8)", async () => {
    const database = await open();
    const value = (name: string) => Object.values(database.prepare(`PRAGMA ${name}`).get() ?? {})[0];
    expect(["journal_mode", "busy_timeout", "synchronous"].map(value)).toEqual(["wal", 20, 1]);
    expect(["foreign_keys", "trusted_schema", "cell_size_check"].map(value)).toEqual([0, 0, 1]);
    database.prepare("PRAGMA writable_schema = ON").run();
    expect(() => database.prepare("DELETE FROM sqlite_master").run()).toThrow("may not be modified");
    const full = await open({ durability: "full" });
    expect(full.prepare("PRAGMA synchronous").get()).toEqual({ synchronous: 2 });
  });

  it("is not taken from under another process that made it first", async () => {
    await ledgerWith("kept");
    const copy = join(folder, "copy.db");
    linkSync(path, copy);
    const database = await open();
    expect([has(database, "kept"), statSync(copy).ino]).toEqual([true, statSync(path).ino]);
  });

  it("does not take a log that was left behind for its own", async () => {
    await ledgerWith("lost");
    const old = await openDatabase({ path, durability: "normal", clock });
    await old.transact(() => old.prepare("INSERT INTO prices VALUES ('in the log', '')").run());
    copyFileSync(`${path}-wal`, join(folder, "log"));
    old.close();
    rmSync(path);
    copyFileSync(join(folder, "log"), `${path}-wal`);
    const database = await open();
    expect(has(database, "in the log")).toBe(false);
    expect(database.prepare("PRAGMA integrity_check").get()).toEqual({ integrity_check: "ok" });
    expect(names().filter((name) => name.endsWith("-wal") && name.includes("damaged"))).toHaveLength(1);
  });
});

describe("a ledger that is there", () => {
  it("gets its modes back, and those of its log (F-4)", async () => {
    await ledgerWith("kept");
    const other = await openDatabase({ path, durability: "normal", clock });
    for (const name of names()) chmodSync(join(folder, "state", name), 0o666);
    await open();
    expect(names().map((name) => modeOf(join(folder, "state", name)))).toEqual([0o600, 0o600, 0o600]);
    other.close();
  });

  it("is brought from an older schema to this one, keeping what it holds", async () => {
    await ledgerWith("kept");
    // The first step makes all tables; what it would find of them is in its way.
    pragma("PRAGMA user_version = 0; ALTER TABLE prices RENAME TO old");
    const sqlite = new DatabaseSync(path);
    for (const { type, name } of sqlite
      .prepare(
        "SELECT type, name FROM sqlite_master WHERE name <> 'old' AND sql IS NOT NULL ORDER BY type = 'table'",
      )
      .all())
      sqlite.exec(`DROP ${type} IF EXISTS ${name}`);
    sqlite.close();
    const database = await open();
    expect(database.prepare("PRAGMA user_version").get()).toEqual({ user_version: MIGRATIONS.length });
    expect(database.prepare("SELECT key FROM old").get()).toEqual({ key: "kept" });
  });

  it("goes back to WAL when somebody took it out of it", async () => {
    await ledgerWith("kept");
    pragma("PRAGMA journal_mode = DELETE");
    const database = await open();
    expect(database.prepare("PRAGMA journal_mode").get()).toEqual({ journal_mode: "wal" });
  });

  it("is whole though a crash came while its log was emptied", async () => {
    await ledgerWith("first");
    const before = readFileSync(path);
    const database = await open();
    const insert = database.prepare("INSERT INTO prices VALUES (?, ?)");
    await database.transact(() => {
      for (let n = 0; n < 500; n += 1) insert.run(`second ${n}`, "y".repeat(500));
    });
    const log = readFileSync(`${path}-wal`);
    database.prepare("PRAGMA wal_checkpoint(TRUNCATE)").get();
    const after = readFileSync(path);
    close();
    // The header is the new one already, the pages it speaks of are not there yet.
    writeFileSync(path, Buffer.concat([after.subarray(0, 4096), before.subarray(4096)]));
    writeFileSync(`${path}-wal`, log);
    expect(has(await openIn(false), "second 499")).toBe(true);
    expect(after.length).toBeGreaterThan(before.length);
  });

  it("warns of a log that nobody can empty (row 52)", async () => {
    const database = await open();
    await database.transact(() => database.prepare("INSERT INTO prices VALUES ('a', '')").run());
    const reader = new DatabaseSync(path, { readOnly: true });
    reader.exec("BEGIN; SELECT * FROM prices");
    reader.prepare("SELECT * FROM prices").all();
    const grow = database.prepare("UPDATE prices SET price = hex(zeroblob(?))");
    for (let n = 0; n < 7; n += 1) await database.transact(() => grow.run(5_000_000 + n));
    await open();
    expect(warnings).toEqual([expect.stringMatching(/^the ledger's log has grown to \d\d MB: /)]);
    reader.close();
    // Whoever writes next empties the log, and then begins it anew.
    for (let n = 0; n < 3; n += 1) await database.transact(() => grow.run(n));
    expect(statSync(`${path}-wal`).size).toBeLessThanOrEqual(8 * 1_048_576);
  });
});

describe("what is not a ledger of ours is refused and left as it is", () => {
  const bytesOf = (file: string) => readFileSync(file).toString("base64");

  it("a database of another program", async () => {
    mkdirSync(join(folder, "state"));
    pragma(
      "CREATE TABLE mine (x); INSERT INTO mine VALUES (1); PRAGMA application_id = 7; PRAGMA journal_mode = WAL",
    );
    const before = bytesOf(path);
    for (const mayStartFresh of [true, false]) {
      const error = await refusal(openIn(mayStartFresh));
      expect([error.code, error.message]).toEqual([
        "ledger_unavailable",
        "the ledger's file is an SQLite database of another program",
      ]);
    }
    await expect(recoverLedger({ path, durability: "normal", clock })).rejects.toThrow("another program");
    expect([bytesOf(path), names().filter((name) => name !== "ledger.db.lock")]).toEqual([
      before,
      ["ledger.db"],
    ]);
  });

  it("a ledger of a newer version, also when only its log says so", async () => {
    await ledgerWith("newer");
    pragma("PRAGMA user_version = 99");
    // Even what the newer version left in its log stays there.
    writeFileSync(`${path}-wal`, "a log of the newer version");
    const before = bytesOf(path);
    const error = await refusal(openIn(true));
    expect(bytesOf(`${path}-wal`)).toBe(Buffer.from("a log of the newer version").toString("base64"));
    rmSync(`${path}-wal`);
    expect(error.message).toBe(
      `the ledger was written by a newer RipTide (schema 99; this one knows ${MIGRATIONS.length})`,
    );
    expect(bytesOf(path)).toBe(before);
    pragma(`PRAGMA user_version = ${MIGRATIONS.length}`);
    const other = new DatabaseSync(path);
    other.exec("PRAGMA user_version = 99");
    expect((await refusal(openIn(true))).message).toContain("newer RipTide (schema 99");
    other.close();
  });

  it.skipIf(process.getuid?.() !== 0)("a file of another user (only root can make one)", async () => {
    await ledgerWith("theirs");
    chownSync(path, 12_345, 12_345);
    expect((await refusal(openIn(true))).message).toBe(
      "the ledger's file belongs to another user (uid 12345)",
    );
  });

  it.each([
    ["a link", () => symlinkSync(join(folder, "elsewhere"), path), "is a link, which is not followed"],
    ["a directory", () => mkdirSync(path), "is a directory"],
  ])("%s", async (_name, place, message) => {
    mkdirSync(join(folder, "state"));
    place();
    const error = await refusal(openIn(true));
    expect([error.code, error.message]).toEqual(["ledger_unavailable", `the ledger's file ${message}`]);
    expect(existsSync(join(folder, "elsewhere"))).toBe(false);
  });

  it.each([
    [
      "below a regular file",
      () => writeFileSync(join(folder, "state"), ""),
      /a part of its path is not a directory/,
    ],
    ["in a folder that takes no files", () => symlinkSync("/proc/self", join(folder, "state")), /cannot be/],
  ])("nothing, %s", async (_name, place, message) => {
    place();
    const error = await refusal(openIn(true));
    expect(error.code).toBe("ledger_unavailable");
    expect(error.message).toMatch(message);
  });
});

const PAGE = 4096;
/** Ways to spoil a ledger of some pages. */
const DAMAGES: readonly (readonly [string, () => void])[] = [
  ["a page in the middle", () => overwrite(9 * PAGE, Buffer.alloc(PAGE, 0x55))],
  ["its header", () => overwrite(0, Buffer.alloc(100, 0xff))],
  ["nothing left in it", () => writeFileSync(path, "")],
  ["its second half missing", () => writeFileSync(path, readFileSync(path).subarray(0, 10 * PAGE))],
  ["some text in its place", () => writeFileSync(path, "some text\n".repeat(100))],
  ["one table missing", () => pragma("DROP TABLE facts")],
];

describe.each(DAMAGES)("a damaged ledger: %s", (_name, spoil) => {
  beforeEach(async () => {
    await ledgerWith("before");
    spoil();
  });

  it("is never used nor replaced where budgets count on it, until recover (LG-9)", async () => {
    const damaged = readFileSync(path);
    for (let start = 0; start < 2; start += 1) {
      const { code, message, facts } = await refusal(openIn(false));
      expect([code, message, facts.hint]).toEqual([
        "ledger_unavailable",
        "the ledger is damaged",
        "riptide ledger recover",
      ]);
      expect(readFileSync(path).equals(damaged)).toBe(true);
    }
    const { movedTo } = await recoverLedger({ path, durability: "normal", clock });
    expect(readFileSync(String(movedTo)).equals(damaged)).toBe(true);
    expect(has(await openIn(false), "before")).toBe(false);
    expect(await recoverLedger({ path, durability: "normal", clock })).toEqual({ movedTo: null });
  });

  it("is set aside with a warning where nothing counts on it, and budgets that come later wait for recover", async () => {
    const damaged = readFileSync(path);
    await openIn(true);
    expect(warnings).toEqual([expect.stringMatching(/^the ledger was damaged \(.+\) and is set aside as /)]);
    const aside = join(folder, "state/ledger.db.damaged-2026-11-22T15-00-00Z");
    expect(readFileSync(aside).equals(damaged)).toBe(true);
    await openIn(true);
    expect(warnings).toHaveLength(1);
    const { message, facts } = await refusal(openIn(false));
    expect([message, facts.hint]).toEqual([
      "the ledger is new, as the one before was damaged",
      "riptide ledger recover",
    ]);
    close();
    rmSync(path);
    await refusal(openIn(false));
    expect(await recoverLedger({ path, durability: "normal", clock })).toEqual({ movedTo: aside });
    await openIn(false);
  });
});

describe("damage", () => {
  it("of two ledgers at the same moment keeps both files", async () => {
    for (const text of ["first", "second"]) {
      mkdirSync(join(folder, "state"), { recursive: true });
      writeFileSync(path, text);
      await openIn(true);
      close();
      rmSync(path);
    }
    const asides = names().filter((name) => name.includes(".damaged-"));
    expect(asides.map((name) => readFileSync(join(folder, "state", name), "utf8"))).toEqual([
      "first",
      "second",
    ]);
  });

  it("that two find at once is set aside by one, and the other takes the new ledger", async () => {
    mkdirSync(join(folder, "state"));
    writeFileSync(path, "no ledger");
    const opening = Promise.all([openIn(true), openIn(true), openIn(true)]);
    await clock.advance(500);
    await opening;
    const asides = names().filter((name) => name.includes(".damaged-"));
    expect([warnings.length, asides.length, new Set(opened.map(({ path }) => path)).size]).toEqual([1, 1, 1]);
  });

  it("takes its log along", async () => {
    await ledgerWith("before");
    const other = await openDatabase({ path, durability: "normal", clock });
    await other.transact(() => other.prepare("INSERT INTO prices VALUES ('in the log', '')").run());
    const log = readFileSync(`${path}-wal`);
    other.close();
    overwrite(0, Buffer.alloc(100, 0xff));
    writeFileSync(`${path}-wal`, log);
    await openIn(true);
    const aside = names().find((name) => name.endsWith("Z-wal"));
    expect(readFileSync(join(folder, "state", String(aside))).equals(log)).toBe(true);
  });
});
