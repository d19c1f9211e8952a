import { spawn } from "node:child_process";
import {
  appendFileSync,
  existsSync,
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
import { join, resolve } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Database } from "../../src/store/database.ts";
import { appendEmergency, pendingPath } from "../../src/store/emergency.ts";
import { foldEmergency, unreadablePath } from "../../src/store/fold.ts";
import { openDatabase } from "../../src/store/open.ts";
import { type Owner, thisProcess } from "../../src/store/owner.ts";
import { verifyLedger } from "../../src/store/verify.ts";
import { settlementFor } from "../helpers/ledger-settlements.ts";
import { virtualClock } from "../helpers/virtual-clock.ts";

const WORKER = resolve(import.meta.dirname, "../helpers/fold-worker.ts");
const START_MS = 1_750_000_000_000;

let folder: string;
let path: string;
let database: Database;
let warnings: string[];
const clock = virtualClock(START_MS);

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "riptide-fold-"));
  path = join(folder, "ledger.db");
  warnings = [];
  database = await openDatabase({ path, durability: "normal", clock, mayStartFresh: false });
});
afterEach(() => {
  database.close();
  rmSync(folder, { recursive: true });
});

const fold = (owner: Owner = thisProcess(), nowMs = clock.wall()) =>
  foldEmergency(database, { owner, nowMs, warn: (line) => void warnings.push(line) });

const booked = () =>
  Number(database.prepare("SELECT count(*) AS n FROM operations WHERE state = 'settled'").get()?.n);

const clean = () => expect(verifyLedger(database).differences).toEqual([]);

const leftFiles = () => readdirSync(folder).filter((name) => !/^ledger\.db(-wal|-shm)?$/.test(name));

function keep(count: number, first = 0): void {
  for (let n = first; n < first + count; n += 1)
    appendEmergency(path, settlementFor(`rq_${n}`, START_MS + n));
}

/** The claim a process would have made; its owner says which. */
function claim({ pid, started, boot }: Owner, text: string): string {
  mkdirSync(`${path}.pending`, { recursive: true, mode: 0o700 });
  const name = `${pid}-${started}-0a1b2c3d-${Buffer.from(boot).toString("base64url")}.jsonl`;
  writeFileSync(join(`${path}.pending`, name), text, { mode: 0o600 });
  return join(`${path}.pending`, name);
}

const line = (id: string) => `${JSON.stringify(settlementFor(id, START_MS))}\n`;

/** Runs a process on the ledger to its end, or kills it so many milliseconds after its first word. */
function work(args: readonly string[], killAfterMs?: number): Promise<void> {
  const child = spawn(process.execPath, [WORKER, path, ...args]);
  child.stderr.pipe(process.stderr);
  child.stdout.once("data", () => {
    if (killAfterMs !== undefined) setTimeout(() => child.kill("SIGKILL"), killAfterMs);
  });
  return new Promise((done, fail) => {
    child.on("close", (code, signal) => (code === 0 || signal ? done() : fail(new Error(`exit ${code}`))));
  });
}

describe("the emergency file (LG-11)", () => {
  it("is booked whole and removed, and costs nothing where there is none", async () => {
    expect(await fold()).toEqual({ booked: 0, unreadable: 0, alerts: [] });
    keep(250);
    expect(statSync(pendingPath(path)).mode & 0o777).toBe(0o600);
    expect(await fold()).toEqual({ booked: 250, unreadable: 0, alerts: [] });
    expect([booked(), leftFiles(), warnings]).toEqual([250, [], []]);
    clean();
  });

  it("holds no digest of a prompt, which only the ledger's salt makes safe to keep", () => {
    const { operation, ...rest } = settlementFor("rq_1", START_MS);
    appendEmergency(path, {
      ...rest,
      operation: { ...operation, promptDigest: "digest-of-a-prompt", maxTokens: 7 },
    });
    const line = readFileSync(pendingPath(path), "utf8");
    expect(line).toContain('"maxTokens":7');
    expect(line).not.toContain("digest");
  });

  it("books a line twice written, or written and booked before, once", async () => {
    keep(3);
    keep(3);
    expect((await fold()).booked).toBe(3);
    keep(4);
    expect((await fold()).booked).toBe(1);
    expect(booked()).toBe(4);
    clean();
  });

  it("sets aside what cannot be read and books the rest, with a warning", async () => {
    const wrong = [
      ...['{"cut', "[]", "null", "{}", '{"operation":{"id":"x"}}'],
      line("rq_minus").replace('"costNano":1000', '"costNano":-1').trim(),
      line("rq_text").replace('"costNano":1000', '"costNano":"1e308"').trim(),
      line("rq_word").replace('"costNano":1000', '"costNano":"5"').trim(),
    ];
    keep(2);
    appendFileSync(pendingPath(path), `${wrong.join("\n")}\n`);
    keep(2, 2);
    expect(await fold()).toMatchObject({ booked: 4, unreadable: wrong.length });
    expect(readFileSync(unreadablePath(path), "utf8")).toBe(`${wrong.join("\n")}\n`);
    expect(statSync(unreadablePath(path)).mode & 0o777).toBe(0o600);
    expect(warnings).toEqual([expect.stringContaining(unreadablePath(path))]);
    expect(booked()).toBe(4);
    clean();
  });

  it("loses no line to one that a full disk cut short", async () => {
    writeFileSync(pendingPath(path), line("rq_cut").slice(0, 40), { mode: 0o600 });
    keep(1);
    expect(await fold()).toMatchObject({ booked: 1, unreadable: 1 });
  });

  it("refuses a link in its place, with a warning, and touches nothing behind it", async () => {
    const other = join(folder, "other.jsonl");
    writeFileSync(other, line("rq_planted"));
    symlinkSync(other, pendingPath(path));
    expect((await fold()).booked).toBe(0);
    expect(() => keep(1)).toThrow();
    expect(readFileSync(other, "utf8")).toBe(line("rq_planted"));
    expect(warnings).toEqual([expect.stringContaining("is not a file of this user")]);
  });

  it("refuses a link in place of the folder of claims", async () => {
    mkdirSync(join(folder, "elsewhere"));
    symlinkSync(join(folder, "elsewhere"), `${path}.pending`);
    keep(1);
    expect((await fold()).booked).toBe(0);
    expect(warnings).toHaveLength(1);
    expect(existsSync(pendingPath(path))).toBe(true);
  });

  it("takes over the claims of dead processes and its own, and leaves those of living ones", async () => {
    const own = thisProcess();
    claim({ ...own, started: 1 }, line("rq_dead"));
    claim(own, line("rq_own"));
    const alive = spawn("sleep", ["60"]);
    const stat = readFileSync(`/proc/${alive.pid}/stat`, "latin1");
    const started = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19]);
    const kept = claim({ ...own, pid: alive.pid ?? 0, started }, line("rq_alive"));
    try {
      expect((await fold()).booked).toBe(2);
      expect(existsSync(kept)).toBe(true);
    } finally {
      const ended = new Promise((done) => alive.on("close", done));
      alive.kill("SIGKILL");
      await ended;
    }
    expect((await fold()).booked).toBe(1);
    expect(leftFiles()).toEqual([]);
  });

  it("takes over a claim of another container when it is old", async () => {
    const own = thisProcess();
    const now = Date.now();
    claim({ ...own, boot: `${own.boot.split(" ")[0]} pid:[1]` }, line("rq_other"));
    expect((await fold(own, now + 300_000)).booked).toBe(0);
    expect((await fold(own, now + 700_000)).booked).toBe(1);
  });

  it("clears away the empty folder of a process that ended in its last step", async () => {
    mkdirSync(`${path}.pending`, { mode: 0o700 });
    await fold();
    expect(leftFiles()).toEqual([]);
  });

  it("keeps everything when the ledger stays locked", async () => {
    keep(5);
    const blocked = { ...database, transact: () => database.transact(() => Promise.reject(), -1) };
    const other = await openDatabase({ path, durability: "normal", clock, mayStartFresh: false });
    other.prepare("BEGIN IMMEDIATE").run();
    const run = foldEmergency(
      { ...blocked, transact: (job) => database.transact(job, -1) },
      {
        ...{ owner: thisProcess(), nowMs: clock.wall() },
        warn: () => undefined,
      },
    );
    await expect(run).rejects.toMatchObject({ code: "ledger_unavailable" });
    other.prepare("ROLLBACK").run();
    other.close();
    expect((await fold()).booked).toBe(5);
  });

  it("books each line once when eight processes write and fold it at the same time", async () => {
    const workers = [0, 1, 2, 3, 4, 5, 6, 7].map((seed) => work(["append", "60", String(seed)]));
    await Promise.all(workers);
    await fold();
    expect([booked(), leftFiles()]).toEqual([480, []]);
    clean();
  }, 60_000);

  it("books each line once though processes are killed while they fold", async () => {
    keep(3_000);
    for (const afterMs of [0, 1, 4, 10, 25, 60]) await work(["fold"], afterMs);
    await fold();
    expect([booked(), leftFiles()]).toEqual([3_000, []]);
    clean();
  }, 60_000);
});
