import { type ChildProcess, execFile, spawn, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openDatabase } from "../../src/store/open.ts";
import { openai, shell, useStage } from "../e2e/stage.ts";
import { yamlOf } from "../e2e/vendors.ts";
import { virtualClock } from "../helpers/virtual-clock.ts";

const fixture = (name: string) => resolve(import.meta.dirname, `fixtures/${name}.ts`);
/** A file system of one's own takes rights that not every machine gives. */
const inOwnMounts = (...argv: readonly string[]) =>
  spawnSync("/usr/bin/env", ["unshare", "-m", ...argv], { encoding: "utf8" });
const canMount = inOwnMounts("true").status === 0;

interface Outcome {
  readonly warnings: readonly string[];
  readonly error?: string;
  readonly ms: number;
}

let folder = "";
let path = "";
const children: ChildProcess[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "riptide-file-"));
  path = join(folder, "state/ledger.db");
});
afterEach(() => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
  rmSync(folder, { recursive: true });
});

const openInChild = (mayStartFresh: boolean, name: string) =>
  new Promise<Outcome>((done, fail) => {
    const argv = [fixture("open-ledger"), path, String(mayStartFresh), name];
    execFile(process.execPath, argv, (error, stdout) => (error ? fail(error) : done(JSON.parse(stdout))));
  });
const inParallel = (count: number, mayStartFresh: boolean) =>
  Promise.all(Array.from({ length: count }, (_, n) => openInChild(mayStartFresh, `row ${n}`)));
const asides = () => readdirSync(join(folder, "state")).filter((name) => name.includes(".damaged-"));

function rows(): number {
  const sqlite = new DatabaseSync(path, { readOnly: true });
  const row = sqlite.prepare("SELECT count(*) AS n FROM prices").get();
  sqlite.close();
  return Number(row?.n);
}

/** Holds a lock in another process until the returned function is called. */
async function hold(kind: "write" | "all"): Promise<() => Promise<void>> {
  const child = spawn(process.execPath, [fixture("hold-lock"), path, kind]);
  children.push(child);
  await new Promise((done) => child.stdout.once("data", done));
  return () =>
    new Promise((done) => {
      child.once("close", () => done());
      child.stdin.end();
    });
}

describe("many processes", () => {
  it("that open a ledger for the first time at once share one file, and each row is in it (LG-9)", async () => {
    const outcomes = await inParallel(20, false);
    expect(outcomes.flatMap(({ error }) => error ?? [])).toEqual([]);
    expect(readdirSync(join(folder, "state"))).toEqual(["ledger.db"]);
    expect(rows()).toBe(20);
  }, 60_000);

  it("that find the same damaged ledger set it aside once, and each row is in the new one", async () => {
    mkdirSync(join(folder, "state"));
    writeFileSync(path, "no ledger".repeat(1_000));
    const outcomes = await inParallel(12, true);
    expect(outcomes.flatMap(({ error }) => error ?? [])).toEqual([]);
    expect(outcomes.flatMap(({ warnings }) => warnings)).toHaveLength(1);
    expect([rows(), asides().length]).toEqual([12, 1]);
  }, 60_000);
});

describe("a ledger that another process has locked (LG-8, LG-11)", () => {
  beforeEach(() => openInChild(false, "first"));

  it("is opened at once by whoever does not write yet", async () => {
    const release = await hold("write");
    const clock = virtualClock();
    const database = await openDatabase({ path, durability: "normal", clock });
    expect([clock.now(), database.prepare("SELECT key FROM prices").all().length]).toEqual([0, 1]);
    database.close();
    await release();
  });

  it("for 10 s is given up after 2 s, and the event loop never stood still", async () => {
    const release = await hold("all");
    const clock = virtualClock();
    let settled: unknown;
    const opening = openDatabase({ path, durability: "normal", clock, mayStartFresh: true }).catch(
      (error) => {
        settled = error;
      },
    );
    let longestMs = 0;
    while (settled === undefined && clock.now() < 10_000) {
      const before = performance.now();
      await clock.advance(2);
      longestMs = Math.max(longestMs, performance.now() - before);
      clock.skip(98);
    }
    await opening;
    expect(settled).toMatchObject({
      code: "ledger_unavailable",
      message: "the ledger is locked by another process",
    });
    expect([clock.now() >= 2_000, clock.now() < 2_500]).toEqual([true, true]);
    // One wait of SQLite is 20 ms; a busy machine adds to it.
    expect(longestMs).toBeLessThan(500);
    expect(asides()).toEqual([]);
    await release();
  });

  it("is opened as soon as it is free", async () => {
    const release = await hold("all");
    const clock = virtualClock();
    const opening = openDatabase({ path, durability: "normal", clock });
    await clock.advance(100);
    await release();
    await clock.advance(100);
    (await opening).close();
  });
});

/** Runs the worker in a file system of its own at the ledger's folder, after some commands in it. */
function openMounted(setUp: string): Outcome {
  mkdirSync(join(folder, "state"), { recursive: true });
  const script = `cd ${folder}; ${setUp}; exec "$0" "$1" "$2" true row`;
  const { stdout, stderr } = inOwnMounts(
    "bash",
    "-c",
    script,
    process.execPath,
    fixture("open-ledger"),
    path,
  );
  return stdout === "" ? expect.unreachable(stderr) : JSON.parse(stdout);
}

describe.skipIf(!canMount)("a file system that does not serve (needs the right to mount)", () => {
  it("by being full refuses the ledger and leaves no half of one", () => {
    const { error } = openMounted("mount -t tmpfs -o size=64k none state");
    expect(error).toMatch(
      /^ledger_unavailable: the ledger cannot (grow: the disk is full|be written: the disk is full)$/,
    );
  });

  it("by being read-only refuses a ledger that is there and one that is not, and takes neither for damaged", async () => {
    await openInChild(false, "first");
    const readOnly = "mount --bind state state && mount -o remount,ro,bind state";
    expect(openMounted(readOnly).error).toMatch(/^ledger_unavailable: the ledger cannot be /);
    expect([rows(), asides()]).toEqual([1, []]);
    rmSync(path);
    expect(openMounted(readOnly).error).toBe(
      "ledger_unavailable: the ledger cannot be written: the disk is read-only",
    );
  });
});

const stage = useStage();
const BUDGET = "tenants: { list: { default: { budgets: [ { limit: 5, period: month } ] } } }\n";

/** Runs a script that has a disk of its own for the state, which `fill` leaves without a free byte (row 47). */
async function onSmallDisk(script: string, extra: string) {
  const simulator = await stage.simulate(openai, {
    kind: "answer",
    tokens: ["slow ", "answer"],
    usage: { input: 1_000, output: 200 },
    delivery: { slice: 60, intervalMs: 50 },
  });
  const place = await stage.workplace(yamlOf([[openai, simulator.url]], extra));
  const body = [
    "export RIPTIDE_STATE_DIR=$PWD/state; mkdir state; mount -t tmpfs -o size=2m none state",
    "fill() { cat /dev/zero >state/filler; }",
    "riptide complete first >/dev/null || exit 99",
    script,
  ];
  const outcome = await shell(place, `export -f riptide; exec unshare -m bash -c '${body.join("\n")}'`);
  return { ...outcome, requests: simulator.requests.length };
}

describe.skipIf(!canMount)("a disk that is full by now (row 47; needs the right to mount)", () => {
  it("refuses what a budget limits, before a byte is sent", async () => {
    const { code, stdout, stderr, requests } = await onSmallDisk(
      "fill 2>/dev/null; riptide complete hi",
      BUDGET,
    );
    expect([code, stdout, requests], stderr).toEqual([8, "", 1]);
    expect(stderr).toMatch(/^error\[ledger_unavailable\]: the ledger .*(full|I\/O)/);
  });

  it.each([
    ["with a budget", BUDGET],
    ["without one", ""],
  ])(
    "does not hold back an answer that was under way, %s, and says what was not booked",
    async (_name, extra) => {
      const script = `riptide complete hi >answer & until [ -s answer ]; do sleep 0.02; done
      fill 2>/dev/null; wait $!; code=$?; rm state/filler; cat answer; exit $code`;
      const { code, stdout, stderr, requests } = await onSmallDisk(script, extra);
      expect([code, stdout, requests], stderr).toEqual([0, "slow answer\n", 2]);
      expect(stderr).toMatch(
        /^warning: the cost of .* could not be recorded anywhere: the ledger .*(full|I\/O)/,
      );
    },
  );
});

it("keeps no draft of a ledger whose making failed (F-4)", () => {
  mkdirSync(join(folder, "state"));
  const script = `ulimit -f 8; trap "" XFSZ; exec "$0" "$1" "$2" true row`;
  const argv = ["-c", script, process.execPath, fixture("open-ledger"), path];
  const { stdout } = spawnSync("bash", argv, { encoding: "utf8" });
  expect(JSON.parse(stdout).error).toMatch(/^ledger_unavailable: the ledger cannot /);
  expect(readdirSync(join(folder, "state"))).toEqual([]);
  expect(statSync(join(folder, "state")).isDirectory()).toBe(true);
});
