import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { lookForDaemon, refuseWithout } from "../../../src/cli/client/choose.ts";
import { PROTOCOL } from "../../../src/cli/client/hello.ts";
import { asRiptideError, type RiptideError } from "../../../src/core/errors.ts";
import { PROTOCOL as SPOKEN } from "../../../src/daemon/control/hello.ts";
import { type CallOptions, type ClientCall, clientCall, standIn } from "./client-call.ts";

const REQUIRE = ["--daemon", "require"];

/** Why a call goes without the daemon; undefined where it does not. */
async function whyNot(stage: ClientCall): Promise<RiptideError | undefined> {
  const verdict = await lookForDaemon(stage.call);
  return verdict.daemon ? undefined : verdict.why;
}

async function refusal(options: CallOptions): Promise<RiptideError> {
  const stage = clientCall({ ...options, argv: [...REQUIRE, ...(options.argv ?? [])] });
  const verdict = await lookForDaemon(stage.call);
  if (verdict.daemon) throw new Error("there is a daemon");
  try {
    refuseWithout(stage.call, verdict);
  } catch (thrown) {
    return asRiptideError(thrown);
  }
  throw new Error("it goes without");
}

/** A socket whose process has ended: a server that was closed takes its own away. */
async function leftBehind(path: string): Promise<void> {
  const { execFileSync } = await import("node:child_process");
  const script =
    "require('node:net').createServer().listen(process.argv[1], () => process.kill(process.pid, 'SIGKILL'))";
  try {
    execFileSync(process.execPath, ["-e", script, path], { stdio: "ignore" });
  } catch {
    // It was killed, as it should be.
  }
}

describe("the daemon of a call (SD-5)", () => {
  it("is one that answers, on the same configuration, state and protocol", async () => {
    const stage = clientCall();
    await standIn(stage);
    const { daemon } = await lookForDaemon(stage.call);
    expect(daemon).toMatchObject({
      socket: stage.socket,
      hello: { version: "0.0.0-test", state: "running" },
    });
    expect(PROTOCOL).toBe(SPOKEN);
  });

  it("is none for --daemon off, which asks nobody", async () => {
    const stage = clientCall({ argv: ["--daemon", "off"] });
    const { asked } = await standIn(stage);
    expect(await whyNot(stage)).toMatchObject({ code: "daemon_not_running" });
    expect(asked).toEqual([]);
  });

  it.each([
    ["--set", { argv: ["--set", "strategy=sequential"] }, "--set holds for this process alone"],
    [
      "a RIPTIDE_<PATH>",
      { env: { RIPTIDE_STRATEGY: "sequential" } },
      "RIPTIDE_STRATEGY holds for this process alone",
    ],
  ])("is none for a call with %s, which the daemon cannot know of", async (_what, options, reason) => {
    const stage = clientCall(options);
    const { asked } = await standIn(stage);
    expect((await whyNot(stage))?.facts.reasons).toEqual([reason]);
    expect(asked).toEqual([]);
  });

  it.each([
    [
      "on another file",
      { config: { path: "/elsewhere/providers.yaml", revision: "x" } },
      "daemon_not_running",
    ],
    ["with another state", { state_dir: "/elsewhere" }, "daemon_not_running"],
    ["that is draining", { state: "draining" }, "shutting_down"],
  ])("is not one %s, and nothing is said of it", async (_what, hello, code) => {
    const stage = clientCall();
    await standIn(stage, { hello });
    expect(await whyNot(stage)).toMatchObject({ code });
    expect(stage.stderr()).toBe("");
  });

  it("is the one of the same file by another name", async () => {
    const stage = clientCall();
    const link = join(stage.folder, "link.yaml");
    symlinkSync(stage.config, link);
    await standIn(stage, { hello: { config: { path: link, revision: "x" } } });
    expect((await lookForDaemon(stage.call)).daemon).toBeDefined();
  });

  it("is not one that says nothing within 150 ms", async () => {
    const stage = clientCall();
    await standIn(stage, { hello: null });
    const startedAt = performance.now();
    expect(await whyNot(stage)).toMatchObject({ code: "daemon_not_running" });
    const ms = performance.now() - startedAt;
    expect(ms).toBeGreaterThan(140);
    expect(ms).toBeLessThan(600);
  });

  it("is not one of another protocol, which is told in one line with both versions", async () => {
    const stage = clientCall();
    await standIn(stage, { hello: { protocol: 2, version: "9.0.0" } });
    expect(await whyNot(stage)).toMatchObject({ code: "protocol_mismatch" });
    expect(stage.stderr()).toBe(
      "note: the daemon (riptide 9.0.0) speaks protocol 2, this command (riptide 0.0.0-test) 1; working in this process\n",
    );
    const required = await refusal({ folder: stage.folder });
    expect([required.exit, required.message.includes("9.0.0")]).toEqual([11, true]);
  });
});

describe("what stands at the socket's path (faults row 38)", () => {
  it("nothing: works without, or ends with 10 where the daemon is required", async () => {
    expect(await whyNot(clientCall())).toMatchObject({ code: "daemon_not_running", exit: 10 });
    const { message, facts } = await refusal({});
    expect(message).toMatch(/^no daemon at \/.*\/run\/riptide\/riptide\.sock$/);
    expect(facts.reasons).toEqual(["--daemon require was given"]);
    expect(facts.hint).toBe("riptide daemon start   or   --daemon auto");
  });

  it("a socket whose process has ended: the same, and says that it was left behind", async () => {
    const stage = clientCall();
    await leftBehind(stage.socket);
    expect(await whyNot(stage)).toMatchObject({ code: "socket_stale", exit: 10 });
    expect(await refusal({ folder: stage.folder })).toMatchObject({
      code: "socket_stale",
      facts: { hint: "riptide daemon start   (removes it)" },
    });
  });

  it.each([
    ["a file", (path: string) => writeFileSync(path, "")],
    ["a folder", (path: string) => mkdirSync(path)],
    ["a link", (path: string) => symlinkSync("/dev/null", path)],
  ])("%s: ends with 3 where the path was named, and works without where it was not", async (_what, put) => {
    const stage = clientCall();
    put(stage.socket);
    expect(await whyNot(stage)).toMatchObject({ code: "socket_path_invalid" });
    const named = clientCall({ folder: stage.folder, argv: ["--socket", stage.socket] });
    await expect(lookForDaemon(named.call)).rejects.toMatchObject({ code: "socket_path_invalid", exit: 3 });
  });

  it("a link to a daemon's socket: nothing is sent", async () => {
    const stage = clientCall();
    const { asked } = await standIn(stage);
    const link = join(stage.folder, "s");
    symlinkSync(stage.socket, link);
    const named = clientCall({ folder: stage.folder, argv: ["--socket", link] });
    await expect(lookForDaemon(named.call)).rejects.toMatchObject({ code: "socket_path_invalid" });
    expect(asked).toEqual([]);
  });

  it("a path of 108 bytes: ends with 3 where it was named", async () => {
    const path = `/tmp/${"x".repeat(103)}`;
    const { call } = clientCall({ argv: ["--socket", path] });
    await expect(lookForDaemon(call)).rejects.toMatchObject({ code: "socket_path_invalid", exit: 3 });
  });

  it("what takes the connection and ends it: is no daemon", async () => {
    const stage = clientCall();
    const server = createServer((socket) => socket.destroy());
    await new Promise<void>((resolve) => server.listen(stage.socket, resolve));
    expect(await whyNot(stage)).toMatchObject({ code: "daemon_not_running" });
    server.close();
  });
});
