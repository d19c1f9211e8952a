import { chmodSync, lstatSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { createServer as createNetServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { systemClock } from "../../../src/core/clock.ts";
import { listenAt } from "../../../src/daemon/life/listen.ts";
import { takeLock } from "../../../src/daemon/life/lock.ts";
import { clearPath, securePlace } from "../../../src/daemon/life/place.ts";
import { virtualClock } from "../../helpers/virtual-clock.ts";

let folder: string;
let socket: string;
const open: { close(): unknown }[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "riptide-life-"));
  socket = join(folder, "run/r.sock");
});
afterEach(() => {
  for (const each of open.splice(0)) each.close();
  rmSync(folder, { recursive: true, force: true });
});

const mode = (path: string) => (lstatSync(path).mode & 0o777).toString(8);
const codeOf = async (work: () => unknown) => {
  try {
    return await work();
  } catch (error) {
    return (error as { code?: string }).code;
  }
};
const makeServer = (): Server => createServer((_request, response) => response.end("here"));

describe("the folder of a socket (F-1)", () => {
  it("is made for this user alone", () => {
    securePlace(socket);
    expect(mode(join(folder, "run"))).toBe("700");
  });

  it("is refused where others may look into it, or where it is a link", async () => {
    mkdirSync(join(folder, "run"));
    chmodSync(join(folder, "run"), 0o755);
    expect(await codeOf(() => securePlace(socket))).toBe("unsafe_permissions");
    symlinkSync(folder, join(folder, "link"));
    expect(await codeOf(() => securePlace(join(folder, "link/r.sock")))).toBe("socket_path_invalid");
  });
});

describe("what stands at a socket's path (SD-1)", () => {
  beforeEach(() => securePlace(socket));

  it.each([
    ["a file", (path: string) => writeFileSync(path, "mine")],
    ["a folder", (path: string) => mkdirSync(path)],
    ["a link", (path: string) => symlinkSync("/dev/null", path)],
  ])("%s is left alone", async (_name, put) => {
    put(socket);
    const before = lstatSync(socket).ino;
    expect(await codeOf(() => clearPath(socket))).toBe("socket_path_invalid");
    expect(lstatSync(socket).ino).toBe(before);
  });

  it("a socket that nobody answers at is removed", async () => {
    const server = createNetServer();
    await new Promise<void>((resolve) => server.listen(`${socket}.x`, resolve));
    const { renameSync } = await import("node:fs");
    renameSync(`${socket}.x`, socket);
    await new Promise((resolve) => server.close(resolve));
    expect(lstatSync(socket).isSocket()).toBe(true);
    expect(await clearPath(socket)).toBe(true);
    expect(lstatSync(socket, { throwIfNoEntry: false })).toBeUndefined();
  });

  it("a socket at which somebody answers stays", async () => {
    open.push(await listenAt(socket, { makeServer, clock: systemClock }));
    expect(await clearPath(socket)).toBe(false);
    expect(lstatSync(socket).isSocket()).toBe(true);
  });
});

it("only one process at a time has the lock of a socket", () => {
  securePlace(socket);
  const lock = takeLock(socket);
  expect(takeLock(socket)).toBeUndefined();
  expect(mode(`${socket}.lock`)).toBe("600");
  lock?.release();
  const next = takeLock(socket);
  expect(next).toBeDefined();
  next?.release();
});

describe("listening (SD-2)", () => {
  const stage = async () => {
    securePlace(socket);
    const clock = virtualClock();
    const listening = await listenAt(socket, { makeServer, clock });
    open.push(listening);
    // What it does every two seconds takes real turns of the event loop.
    const settle = async () => {
      await clock.advance(2_000);
      for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    };
    return { listening, settle };
  };

  it("is open to this user alone, and leaves nothing else in the folder", async () => {
    await stage();
    const { readdirSync } = await import("node:fs");
    expect([mode(socket), readdirSync(join(folder, "run"))]).toEqual(["600", ["r.sock"]]);
  });

  it("begins anew where its socket was removed", async () => {
    const { listening, settle } = await stage();
    rmSync(socket);
    await settle();
    expect([lstatSync(socket).isSocket(), listening.problem()]).toEqual([true, undefined]);
    expect(await clearPath(socket)).toBe(false);
  });

  it("says that the path is not its own where a stranger's file stands, and leaves that alone at the end", async () => {
    const { listening, settle } = await stage();
    rmSync(socket);
    writeFileSync(socket, "theirs");
    await settle();
    expect(listening.problem()).toContain("something else");
    listening.close();
    expect(lstatSync(socket).isFile()).toBe(true);
  });

  it("removes its own socket at the end", async () => {
    const { listening } = await stage();
    listening.close();
    expect(lstatSync(socket, { throwIfNoEntry: false })).toBeUndefined();
  });
});
