import { mkdtempSync, rmSync } from "node:fs";
import type { Server } from "node:http";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { systemClock } from "../../src/core/clock.ts";
import { seededRandom } from "../../src/core/random.ts";
import type { Daemon } from "../../src/daemon/context.ts";
import { createGate } from "../../src/daemon/gate.ts";
import { createGenerations } from "../../src/daemon/generations.ts";
import type { Door } from "../../src/daemon/http/exchange.ts";
import { createDoor } from "../../src/daemon/http/server.ts";
import { createRunning } from "../../src/daemon/life/running.ts";
import type { Ending, Work } from "../../src/daemon/observer.ts";
import { createRoutes, type Route } from "../../src/daemon/routes.ts";
import type { TenantKeys } from "../../src/daemon/tenant-keys.ts";
import type { Generation } from "../../src/engine/generation.ts";
import { openGuard } from "../../src/engine/guard.ts";
import { openStages } from "../../src/engine/stages.ts";

export interface FakeDaemon extends Daemon {
  /** What its observer was told of, in order. */
  readonly told: readonly (readonly [Work, Ending])[];
  /** The messages it logged as errors. */
  readonly complaints: readonly string[];
}

/** A daemon that is nothing but its parts: real time, an open ledger, no pressure. */
export function fakeDaemon(
  generation: Generation,
  { keys, ...parts }: Partial<Daemon> & { readonly keys?: TenantKeys } = {},
): FakeDaemon {
  const told: [Work, Ending][] = [];
  const complaints: string[] = [];
  const clock = parts.clock ?? systemClock;
  let ids = 0;
  const silent = () => {};
  return {
    version: "0.0.0-test",
    place: { pid: 1, socket: "/nowhere", stateDir: "/nowhere", startedMs: 0 },
    clock,
    random: seededRandom(1),
    generations: createGenerations({ generation, keys, loadedMs: 0, close: async () => {} }),
    stages: openStages,
    guard: openGuard,
    gate: createGate(clock, { reason: () => undefined }),
    running: createRunning(),
    observer: { began: silent, ended: (work, ending) => void told.push([work, ending]) },
    log: {
      debug: silent,
      info: silent,
      warn: silent,
      error: (facts) => void complaints.push(JSON.stringify(facts)),
    },
    newId: () => `req_${++ids}`,
    redact: (text) => text,
    ...parts,
    told,
    complaints,
  };
}

/** Opens a door of a daemon with these routes; closed when the test ends. */
export async function openDoor(
  routes: Readonly<Record<string, Route>>,
  daemon: Daemon,
  door: Door = { kind: "main" },
): Promise<{ readonly path: string; readonly port: number; readonly server: Server }> {
  const server = createDoor(door, createRoutes(routes), daemon);
  const folder = mkdtempSync(join(tmpdir(), "door-"));
  const path = join(folder, "s");
  await new Promise<void>((resolve) => {
    if (door.kind === "tcp") server.listen(0, "127.0.0.1", resolve);
    else server.listen({ path, backlog: 4_096 }, resolve);
  });
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
    rmSync(folder, { recursive: true });
  });
  const address = server.address();
  return { path, port: typeof address === "object" && address ? address.port : 0, server };
}

/** A connection of raw bytes, and all that came back on it. */
export interface RawCaller {
  readonly socket: Socket;
  received(): string;
  /** Resolves when what came back holds this. */
  until(part: string | RegExp): Promise<string>;
  closed: Promise<string>;
}

export function callRaw(
  place: { readonly path: string; readonly port: number },
  bytes: string | Buffer = "",
): RawCaller {
  const socket = place.port > 0 ? connect(place.port, "127.0.0.1") : connect(place.path);
  let text = "";
  socket.on("data", (chunk) => {
    text += chunk.toString("latin1");
  });
  // A connection that is cut is what some tests wait for.
  socket.on("error", () => {});
  const closed = new Promise<string>((resolve) => socket.once("close", () => resolve(text)));
  onTestFinished(() => void socket.destroy());
  socket.write(bytes);
  const holds = (part: string | RegExp) => (typeof part === "string" ? text.includes(part) : part.test(text));
  return {
    socket,
    received: () => text,
    closed,
    until: (part) =>
      new Promise((resolve, reject) => {
        const look = () => holds(part) && resolve(text);
        socket.on("data", look);
        socket.once("close", () =>
          holds(part) ? resolve(text) : reject(new Error(`closed after: ${text}`)),
        );
        look();
      }),
  };
}

/** The bytes of a request with a JSON body. */
export function post(path: string, body: unknown, headers: Readonly<Record<string, string>> = {}): string {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return `POST ${path} HTTP/1.1\r\nhost: riptide\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(text)}\r\n${lines.join("")}\r\n${text}`;
}

export const get = (path: string, method = "GET") => `${method} ${path} HTTP/1.1\r\nhost: riptide\r\n\r\n`;
