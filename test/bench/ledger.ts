import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { run as runReports } from "./ledger-report.ts";

const FIXTURE = resolve(import.meta.dirname, "fixtures/ledger.ts");
/** Admission and settlement together, in the middle of a run of one process (issue's aim). */
const AIM_US = 150;
const AIM_BYTES = 150;

/**
 * What the ledger costs a request: admission and settlement, in one process and with eight that contend; then what
 * reports over large ledgers cost.
 */
export async function run(args: readonly string[]): Promise<void> {
  console.log("admission + settlement, flat out, microseconds a request");
  console.log(["processes", "requests", "p50", "p99", "max", "requests/s"].join("\t"));
  for (const [processes, requests] of [
    [1, 20_000],
    [8, 2_500],
  ] as const) {
    const folder = mkdtempSync(join(tmpdir(), "riptide-bench-"));
    const path = join(folder, "ledger.db");
    const { took, seconds } = await contend(path, processes, requests);
    const at = (share: number) => took[Math.min(took.length - 1, Math.floor(took.length * share))] ?? 0;
    const rate = Math.round(took.length / seconds);
    console.log([processes, took.length, at(0.5), at(0.99), at(1), rate].join("\t"));
    if (processes === 1) {
      sizes(path);
      if (at(0.5) > AIM_US) console.log(`over the aim of ${AIM_US} at p50`);
    }
    rmSync(folder, { recursive: true });
  }
  await runReports(args);
}

async function contend(path: string, processes: number, requests: number) {
  // The file is there before anybody is timed.
  const workers = [];
  for (let n = 0; n < processes; n += 1) workers.push(await startWorker(path, requests));
  const startedAt = performance.now();
  const took = (await Promise.all(workers.map((worker) => worker.go()))).flat().toSorted((a, b) => a - b);
  return { took, seconds: (performance.now() - startedAt) / 1_000 };
}

async function startWorker(path: string, requests: number) {
  const child = spawn(process.execPath, [FIXTURE, path, String(requests)], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  let output = "";
  const ended = new Promise<void>((done) => child.on("close", () => done()));
  await new Promise<void>((ready) => {
    child.stdout.on("data", (chunk: Buffer) => {
      output += chunk;
      if (output.includes("ready\n")) ready();
    });
  });
  return {
    async go(): Promise<readonly number[]> {
      child.stdin.write("go\n");
      await ended;
      return JSON.parse(output.slice("ready\n".length));
    },
  };
}

/** How many bytes a row takes, from SQLite's own page statistics where it has them, else from what the pages hold. */
function sizes(path: string): void {
  const database = new DatabaseSync(path);
  database.exec("PRAGMA wal_checkpoint(TRUNCATE)");
  const rows = database
    .prepare(
      "SELECT name, sum(payload) AS payload, sum(ncell) AS cells, sum(pgsize) AS pages FROM dbstat GROUP BY name",
    )
    .all();
  const { count } = database.prepare("SELECT count(*) AS count FROM attempts").get() as { count: number };
  console.log("bytes for each attempt, of the pages each table and index takes");
  for (const { name, pages } of rows) {
    const each = Number(pages) / count;
    if (each >= 0.5) console.log(`  ${String(name)}\t${each.toFixed(1)}`);
  }
  const own = rows.find(({ name }) => name === "attempts");
  const bytes = Number(own?.pages ?? 0) / count;
  if (bytes > AIM_BYTES) console.log(`over the aim of ${AIM_BYTES} bytes an attempt row`);
  database.close();
}
