import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { reloadUnderLoad, savedYaml, startUpstream } from "../helpers/reload-load.ts";

// 200 saves in 60 s, in every way there is, under 200 concurrent requests and 100 open streams; needs a build.
// node test/bench/reload.ts [saves] [ms between] [concurrent] [streams]

const [saves = 200, everyMs = 260, concurrent = 200, streams = 100] = process.argv.slice(2).map(Number);
const folder = mkdtempSync(join(tmpdir(), "riptide-bench-"));
const path = join(folder, "providers.yaml");
const socket = join(folder, "run/riptide.sock");
const upstream = await startUpstream(250);
writeFileSync(path, savedYaml("first", upstream.port));
const daemon = spawn(
  process.execPath,
  [
    resolve(import.meta.dirname, "../../bin/riptide.js"),
    "daemon",
    "run",
    "--socket",
    socket,
    "--config",
    path,
  ],
  { env: { PATH: process.env.PATH, HOME: folder }, stdio: ["ignore", "pipe", "pipe"] },
);
const lines: string[] = [];
daemon.stderr?.setEncoding("utf8").on("data", (text: string) => lines.push(...text.trim().split("\n")));
try {
  await ready(daemon);
  const figures = await reloadUnderLoad({ socket, path, upstream, saves, everyMs, concurrent, streams });
  const { failures, cutStreams, effectMs, ...counts } = figures;
  const sorted = effectMs.toSorted((a, b) => a - b);
  const at = (share: number) => Math.round(sorted[Math.floor((sorted.length - 1) * share)] ?? Number.NaN);
  console.log(counts);
  console.log({ failed: failures.length, streams, cut: cutStreams.length });
  console.log({ effect_ms: { p50: at(0.5), p95: at(0.95), max: at(1) } });
  for (const line of new Set([...failures, ...cutStreams])) console.log(line);
} finally {
  daemon.kill("SIGTERM");
  await upstream.close();
  rmSync(folder, { recursive: true, force: true });
}

function ready(child: ChildProcess): Promise<void> {
  return new Promise((done, fail) => {
    child.stdout?.once("data", () => done());
    child.once("exit", () => fail(new Error(lines.join("\n"))));
  });
}
