import { createServer } from "node:http";
import { describe, expect, it } from "vitest";
import { isHanded, listenHanded } from "../../../src/daemon/life/handed.ts";
import { createNotifier } from "../../../src/daemon/life/notify.ts";
import { virtualClock } from "../../helpers/virtual-clock.ts";

describe("a socket that a service manager has opened", () => {
  it.each([
    ["is ours with our process id and one descriptor", { LISTEN_PID: "42", LISTEN_FDS: "1" }, true],
    ["is another process's with its id", { LISTEN_PID: "41", LISTEN_FDS: "1" }, false],
    ["is none without a count", { LISTEN_PID: "42" }, false],
    ["is none with a count of none", { LISTEN_PID: "42", LISTEN_FDS: "0" }, false],
    [
      "is none of several, for one is all there is to listen on",
      { LISTEN_PID: "42", LISTEN_FDS: "2" },
      false,
    ],
    ["is none without a process id", { LISTEN_FDS: "1" }, false],
  ])("%s", (_name, variables: Readonly<Record<string, string>>, expected) => {
    expect(isHanded((name) => variables[name], 42)).toBe(expected);
  });

  it("that is no socket is an error of the set-up, which says where the descriptor came from", async () => {
    const makeServer = () => {
      const server = createServer();
      // What Node does with a descriptor of another kind.
      server.listen = () => {
        queueMicrotask(() => server.emit("error", new Error("listen EINVAL")));
        return server;
      };
      return server;
    };
    await expect(listenHanded({ makeServer, clock: virtualClock() })).rejects.toMatchObject({
      code: "socket_path_invalid",
      message: "descriptor 3, named by LISTEN_FDS, is no socket to listen on: listen EINVAL",
    });
  });
});

describe("the service manager", () => {
  it("is told one thing after another, however long each takes to tell", async () => {
    const told: string[] = [];
    const tools: (() => void)[] = [];
    const notifier = createNotifier(
      "/run/notify",
      () => 7n,
      (words) => {
        told.push(words.join(" "));
        return new Promise((done) => tools.push(done));
      },
    );
    const end = async () => {
      tools.shift()?.();
      await new Promise(setImmediate);
    };
    notifier.reloading();
    notifier.ready();
    notifier.stopping();
    await end();
    expect(told).toEqual(["RELOADING=1 MONOTONIC_USEC=7"]);
    await end();
    await end();
    expect(told).toEqual(["RELOADING=1 MONOTONIC_USEC=7", "READY=1", "STOPPING=1"]);
  });

  it("is told nothing where there is none", async () => {
    const told: string[] = [];
    const notifier = createNotifier(
      undefined,
      () => 7n,
      async (words) => void told.push(...words),
    );
    notifier.ready();
    await new Promise(setImmediate);
    expect(told).toEqual([]);
  });
});
