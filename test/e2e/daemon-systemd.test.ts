import { type ChildProcess, spawn } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { request } from "node:http";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";

const LAUNCHER = resolve(import.meta.dirname, "../../bin/riptide.js");
const YAML = `version: 1
providers: { fake: { type: mock, reply: one } }
models: { default: { targets: [fake/m] } }
`;

let folder: string;
let socket: string;
let child: ChildProcess | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "riptide-systemd-"));
  mkdirSync(join(folder, "run"), { mode: 0o700 });
  socket = join(folder, "run/r.sock");
  writeFileSync(join(folder, "p.yaml"), YAML);
});
afterEach(() => {
  child?.kill("SIGKILL");
  rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
});

/** Opens the socket as a service manager does: it is listening, and whoever has it later does not own its path. */
async function openSocket(): Promise<Server> {
  const first = `${socket}.first`;
  const server = createServer();
  await new Promise<void>((done) => server.listen(first, done));
  // Node removes what it has opened under that name, and only that.
  renameSync(first, socket);
  return server;
}

/** The descriptor of a server is in its handle, which has no type. */
const descriptorOf = (server: Server): number =>
  (server as unknown as { _handle: { fd: number } })._handle.fd;

/** Starts a daemon with the socket as descriptor 3; `sh` gives it a process id that is known before it begins. */
async function start(listening: Server): Promise<{ readonly ended: Promise<number | null> }> {
  const started = spawn(
    "/bin/sh",
    ["-c", 'LISTEN_FDS=1 LISTEN_PID=$$ exec "$@"', "sh", process.execPath, LAUNCHER, "daemon", "run"],
    {
      cwd: folder,
      env: {
        PATH: `${folder}:${process.env.PATH}`,
        HOME: folder,
        NOTIFY_SOCKET: join(folder, "told"),
        RIPTIDE_CONFIG: "p.yaml",
        RIPTIDE_SOCKET: socket,
      },
      stdio: ["ignore", "pipe", "inherit", descriptorOf(listening)],
    },
  );
  child = started;
  listening.close();
  const ended = new Promise<number | null>((done) => started.once("close", done));
  const ready = new Promise((done) => started.stdout?.once("data", done));
  await Promise.race([ready, ended]);
  return { ended };
}

/** Takes the place of systemd-notify, and writes down what it is to tell. */
function noteNotices(): () => readonly string[] {
  const tool = join(folder, "systemd-notify");
  writeFileSync(tool, '#!/bin/sh\necho "$*" >> "$NOTIFY_SOCKET"\n');
  chmodSync(tool, 0o755);
  const told = join(folder, "told");
  return () => (existsSync(told) ? readFileSync(told, "utf8").trimEnd().split("\n") : []);
}

function ask(method: string, path: string): Promise<number | undefined> {
  return new Promise((done, fail) => {
    const sent = request({ socketPath: socket, method, path }, (response) => {
      response.resume().once("end", () => done(response.statusCode));
    });
    sent.once("error", fail).end();
  });
}

it("serves on the socket it was handed, leaves it in place, and tells how it stands (SD-3)", async () => {
  const told = noteNotices();
  const { ended } = await start(await openSocket());
  expect(await ask("GET", "/healthz")).toBe(200);
  expect(await ask("POST", "/riptide/v1/reload")).toBe(200);
  child?.kill("SIGTERM");
  expect([await ended, existsSync(socket)]).toEqual([0, true]);
  expect(told()).toEqual([
    "READY=1",
    expect.stringMatching(/^RELOADING=1 MONOTONIC_USEC=\d{6,}$/),
    "READY=1",
    "STOPPING=1",
  ]);
}, 20_000);
