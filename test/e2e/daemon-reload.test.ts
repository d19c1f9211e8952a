import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { reloadUnderLoad, savedYaml, startUpstream } from "../helpers/reload-load.ts";

const LAUNCHER = resolve(import.meta.dirname, "../../bin/riptide.js");

const open: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

/** A running daemon on a file that names one model of the upstream. */
async function daemon() {
  const folder = mkdtempSync(join(tmpdir(), "riptide-reload-"));
  open.push(async () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));
  const upstream = await startUpstream(250);
  open.push(upstream.close);
  const path = join(folder, "providers.yaml");
  const socket = join(folder, "run/riptide.sock");
  writeFileSync(path, savedYaml("first", upstream.port));
  const child = spawn(process.execPath, [LAUNCHER, "daemon", "run", "--config", path, "--socket", socket], {
    env: { PATH: process.env.PATH, HOME: folder },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const said: string[] = [];
  child.stderr.setEncoding("utf8").on("data", (text: string) => said.push(text));
  const ended = new Promise<void>((done) => child.once("close", () => done()));
  open.push(async () => {
    child.kill("SIGTERM");
    await ended;
  });
  await new Promise<void>((ready, fail) => {
    child.stdout.once("data", () => ready());
    child.once("exit", () => fail(new Error(said.join(""))));
  });
  return { socket, path, upstream };
}

const RETRY = { retry: 1, timeout: 40_000 };

describe("a daemon whose file is saved again and again under load (HR-5, HR-8)", () => {
  // A machine that is too busy for a moment sheds requests by another rule (TA-7); it is not so twice.
  it("fails no request, cuts no stream, and answers by each good save within a second", RETRY, async () => {
    const place = await daemon();
    const load = { saves: 40, everyMs: 180, concurrent: 50, streams: 20 };
    const figures = await reloadUnderLoad({ ...place, ...load });
    expect([figures.failures, figures.cutStreams]).toEqual([[], []]);
    expect(figures.mixed).toBe(0);
    expect(figures.requests).toBeGreaterThan(500);
    // A save on the heels of another may take its place unseen, the more so on a busy machine.
    expect(figures.superseded).toBeLessThan(figures.goodSaves / 2);
    expect(figures.generations).toBeGreaterThan(figures.goodSaves / 2);
    expect(figures.lastEffectMs).toBeLessThan(1_000);
  });
});
