import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Format } from "../../../src/cli/command.ts";
import { DAEMON_COMMANDS } from "../../../src/cli/daemon/commands.ts";
import { createLogTail } from "../../../src/cli/daemon/log-tail.ts";
import { run } from "../../../src/cli/daemon/logs.ts";
import { clientCall } from "../client/client-call.ts";

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "riptide-tail-"));
  path = join(folder, "daemon.log");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe("following a log", () => {
  it("reads what was put aside to its end, and then the next file, however large it is", async () => {
    writeFileSync(path, "one\n");
    const tail = createLogTail(path, 4);
    expect(await tail.next()).toEqual([]);
    appendFileSync(path, "two\n");
    renameSync(path, `${path}.1`);
    appendFileSync(`${path}.1`, "three\n");
    writeFileSync(path, "the fourth line\n");
    expect(await tail.next()).toEqual(["two", "three", "the fourth line"]);
    expect(await tail.next()).toEqual([]);
    await tail.close();
  });

  it("gives whole lines only, and begins anew in a file that was emptied", async () => {
    writeFileSync(path, "");
    const tail = createLogTail(path, 0);
    const [first = 0, ...rest] = Buffer.from("ä\n");
    appendFileSync(path, Buffer.from([first]));
    expect(await tail.next()).toEqual([]);
    appendFileSync(path, Buffer.from(rest));
    expect(await tail.next()).toEqual(["ä"]);
    truncateSync(path);
    appendFileSync(path, "b\n");
    expect(await tail.next()).toEqual(["b"]);
    await tail.close();
  });

  it("waits for a file that is not there yet", async () => {
    const tail = createLogTail(path, 0);
    expect(await tail.next()).toEqual([]);
    writeFileSync(path, "one\n");
    expect(await tail.next()).toEqual(["one"]);
    await tail.close();
  });
});

it("daemon logs looks through the older files for what is asked for", async () => {
  const flags = DAEMON_COMMANDS.find((command) => command.path.join(" ") === "daemon logs")?.flags ?? [];
  const format: Format = "jsonl";
  const { call, stdout } = clientCall({ argv: ["-n", "2", "--level", "error"], format, flags });
  const log = join(call.io.environment.stateDir, "daemon.log");
  const line = (level: string, n: number) => `{"level":"${level}","time":"2026-11-01T00:00:0${n}Z"}\n`;
  mkdirSync(call.io.environment.stateDir, { recursive: true });
  writeFileSync(log, line("info", 4));
  writeFileSync(`${log}.1`, line("error", 3));
  writeFileSync(`${log}.2`, line("error", 1) + line("error", 2));
  expect(await run(call)).toBe(0);
  expect(stdout()).toBe(line("error", 2) + line("error", 3));
});
