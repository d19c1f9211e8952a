import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

const LAUNCHER = resolve(import.meta.dirname, "../../bin/riptide.js");
const YAML = `version: 1
providers:
  slow: { type: mock, reply: "one two three four five six seven eight", token_interval: 60ms }
models:
  default: { targets: [slow/m] }
`;

let folder: string;
let socket: string;
const children = new Set<ChildProcess>();
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "riptide-daemon-"));
  socket = join(folder, "run/r.sock");
  writeFileSync(join(folder, "p.yaml"), YAML);
});
afterEach(async () => {
  for (const child of children) child.kill("SIGKILL");
  rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
});

interface Started {
  readonly child: ChildProcess;
  readonly ended: Promise<number | null>;
  readonly said: { text: string };
  /** Resolves when it says that it is ready, or when it has ended. */
  readonly settled: Promise<unknown>;
}

function start(...args: readonly string[]): Started {
  const words = args.length > 0 ? args : ["daemon", "run", "--grace", "200ms"];
  const child = spawn(process.execPath, [LAUNCHER, ...words, "-C", "p.yaml", "--socket", socket], {
    cwd: folder,
    env: { PATH: process.env.PATH, HOME: folder },
    stdio: ["ignore", "pipe", "pipe"],
  });
  children.add(child);
  const said = { text: "" };
  child.stderr?.on("data", (chunk) => (said.text += String(chunk)));
  const ended = new Promise<number | null>((done) =>
    child.once("close", (code) => {
      children.delete(child);
      done(code);
    }),
  );
  const ready = new Promise<void>((done) =>
    child.stdout?.on("data", (chunk) => {
      said.text += String(chunk);
      if (said.text.includes("riptide.ready/1")) done();
    }),
  );
  return { child, ended, said, settled: Promise.race([ready, ended]) };
}

/** The text of a streamed answer, and whether its body came to a proper end. */
function streamed(
  ...onPieces: readonly (() => void)[]
): Promise<{ readonly text: string; readonly isWhole: boolean }> {
  return new Promise((resolve, reject) => {
    const headers = { "content-type": "application/json" };
    const sent = request({ socketPath: socket, path: "/v1/chat/completions", method: "POST", headers });
    sent.once("response", (response) => {
      let text = "";
      const due = [...onPieces];
      response.on("data", (chunk) => {
        due.shift()?.();
        text += String(chunk);
      });
      response.once("end", () => resolve({ text, isWhole: response.complete }));
      response.once("error", () => resolve({ text, isWhole: false }));
    });
    sent.once("error", reject);
    sent.end(JSON.stringify({ model: "default", stream: true, messages: [{ role: "user", content: "hi" }] }));
  });
}

describe("the life of a daemon", () => {
  it("is one, however many are started at once; the others say so and succeed (SD-1)", async () => {
    const started = Array.from({ length: 6 }, () => start());
    await Promise.all(started.map(({ settled }) => settled));
    const ready = started.filter(({ said }) => said.text.includes("riptide.ready/1"));
    expect(ready).toHaveLength(1);
    const others = started.filter((each) => !ready.includes(each));
    expect(await Promise.all(others.map(({ ended }) => ended))).toEqual([0, 0, 0, 0, 0]);
    expect(others.every(({ said }) => said.text.includes("already running"))).toBe(true);
    ready[0]?.child.kill("SIGTERM");
    expect(await ready[0]?.ended).toBe(0);
    expect(existsSync(socket)).toBe(false);
  }, 20_000);

  it("ends running streams with an error when their time is up, settles them, and exits with 0 (SD-4)", async () => {
    const { child, ended, settled } = start();
    await settled;
    const { text, isWhole } = await streamed(() => child.kill("SIGTERM"));
    expect([isWhole, text.includes("shutting_down"), text.includes("[DONE]")]).toEqual([false, true, false]);
    expect(await ended).toBe(0);
    const verify = start("ledger", "verify", "--json");
    expect(await verify.ended).toBe(0);
    expect(JSON.parse(verify.said.text)).toMatchObject({ ok: true, operations: 1 });
  }, 20_000);

  it("ends at once at a second signal, with an error for what is running and everything settled (SD-4)", async () => {
    const { child, ended, settled } = start("daemon", "run", "--grace", "30s");
    await settled;
    const { text, isWhole } = await streamed(
      () => child.kill("SIGTERM"),
      () => child.kill("SIGINT"),
    );
    expect([isWhole, text.includes("shutting_down"), text.includes("[DONE]")]).toEqual([false, true, false]);
    expect([await ended, existsSync(socket)]).toEqual([1, false]);
    const verify = start("ledger", "verify", "--json");
    expect(await verify.ended).toBe(0);
    expect(JSON.parse(verify.said.text)).toMatchObject({ ok: true, operations: 1 });
  }, 20_000);

  it("that cannot open all of its doors opens none, says why and ends (row 38)", async () => {
    const taken = join(folder, "taken");
    writeFileSync(taken, "");
    const tenants = `tenants: { list: { acme: { socket: { path: ${JSON.stringify(taken)} } } } }\n`;
    writeFileSync(join(folder, "p.yaml"), YAML + tenants);
    const { ended, said } = start();
    expect([await ended, existsSync(socket)]).toEqual([3, false]);
    expect(said.text).toMatch(/^error\[/m);
    expect(said.text).not.toContain("riptide.ready/1");
  }, 20_000);

  it("begins anew where one was killed, and its ledger is sound (SD-1, LG-10)", async () => {
    const first = start();
    await first.settled;
    await streamed(() => first.child.kill("SIGKILL")).catch(() => undefined);
    await first.ended;
    expect(existsSync(socket)).toBe(true);
    const second = start();
    await second.settled;
    expect(second.said.text).toContain("riptide.ready/1");
    expect((await streamed()).isWhole).toBe(true);
    second.child.kill("SIGTERM");
    expect(await second.ended).toBe(0);
    const verify = start("ledger", "verify", "--json");
    expect(await verify.ended).toBe(0);
    expect(JSON.parse(verify.said.text)).toMatchObject({ ok: true, operations: 2 });
  }, 20_000);
});

it("a path that is no socket of ours ends it with exit 3, and so does one that is too long", async () => {
  socket = join(folder, "p.yaml");
  const file = start();
  expect([await file.ended, file.said.text]).toEqual([3, expect.stringContaining("socket_path_invalid")]);
  socket = join(folder, "x".repeat(108));
  const long = start();
  expect([await long.ended, long.said.text]).toEqual([3, expect.stringContaining("socket_path_invalid")]);
}, 20_000);
