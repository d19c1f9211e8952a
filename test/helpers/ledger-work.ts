import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterEach } from "vitest";

const WORKER = resolve(import.meta.dirname, "ledger-worker.ts");

/** Folders with a ledger and workers on it, gone after each test. */
export function useLedgerFolders() {
  const folders: string[] = [];
  afterEach(() => {
    for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
  });
  return {
    /**
     * A configuration of ten mock providers whose answers use so many of their 100 tokens of output, at $100 a million,
     * for the tenant acme with a monthly budget.
     */
    place(limit: string, outputs: readonly number[]): string {
      const folder = mkdtempSync(join(tmpdir(), "riptide-work-"));
      folders.push(folder);
      const provider = (output: number, index: number) =>
        `  p${index}: { type: mock, latency: 0ms, usage: { input: 10, output: ${output} }, prices: { m: { input: 0, output: 100 } } }`;
      const lines = [
        ...["version: 1", "providers:", ...outputs.map(provider)],
        ...["tenants:", "  list:", `    acme: { budgets: [ { limit: ${limit}, period: month } ] }`],
      ];
      writeFileSync(join(folder, "providers.yaml"), `${lines.join("\n")}\n`);
      return folder;
    },
  };
}

export interface Work {
  readonly child: ChildProcess;
  /** Ids of requests that were answered and booked, as the worker said so. */
  readonly acknowledged: () => readonly string[];
  /** Resolves to what came of all requests; undefined when the worker did not come to its end. */
  readonly ended: Promise<Readonly<Record<string, number>> | undefined>;
}

/** Starts a process that makes so many requests, so many at a time. */
export function startWork(folder: string, requests: number, atATime: number, seed: number): Work {
  const child = spawn(process.execPath, [WORKER, folder, ...[requests, atATime, seed].map(String)]);
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => {
    output += chunk;
  });
  // Whatever goes wrong in there shows beside the test that fails by it.
  child.stderr.pipe(process.stderr);
  const lines = () =>
    output
      .slice(0, output.lastIndexOf("\n") + 1)
      .split("\n")
      .filter(Boolean);
  return {
    child,
    acknowledged: () => lines().filter((line) => line.startsWith("rq_")),
    ended: new Promise((done) => {
      child.on("close", () => {
        const last = lines().at(-1) ?? "";
        done(last.startsWith("{") ? JSON.parse(last) : undefined);
      });
    }),
  };
}
