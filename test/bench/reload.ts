import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { reloadUnderLoad, savedYaml, startUpstream } from "../helpers/reload-load.ts";

const LAUNCHER = resolve(import.meta.dirname, "../../bin/riptide.js");

/**
 * Saves the configuration of a running daemon in every way there is while requests and streams go on, and prints what
 * went wrong; needs a build. Arguments: saves (200), milliseconds between them (260), concurrent requests (200), open
 * streams (100).
 */
export async function run(args: readonly string[]): Promise<void> {
  const [saves = 200, everyMs = 260, concurrent = 200, streams = 100] = args.map(Number);
  const folder = mkdtempSync(join(tmpdir(), "riptide-bench-"));
  const path = join(folder, "providers.yaml");
  const socket = join(folder, "run/riptide.sock");
  const upstream = await startUpstream(250);
  writeFileSync(path, savedYaml("first", upstream.port));
  const daemon = spawn(process.execPath, [LAUNCHER, "daemon", "run", "--socket", socket, "--config", path], {
    env: { PATH: process.env.PATH, HOME: folder },
    stdio: ["ignore", "pipe", "inherit"],
  });
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
    if (failures.length + cutStreams.length > 0) process.exitCode = 1;
  } finally {
    daemon.kill("SIGTERM");
    await once(daemon, "close");
    await upstream.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

function ready(child: ChildProcess): Promise<void> {
  return new Promise((done, fail) => {
    child.stdout?.once("data", () => done());
    child.once("exit", (code) => fail(new Error(`the daemon ended with ${code}`)));
  });
}
