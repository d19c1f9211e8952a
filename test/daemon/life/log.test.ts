import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openLog } from "../../../src/daemon/life/log.ts";
import { createLogFile } from "../../../src/daemon/life/log-file.ts";
import { virtualClock } from "../../helpers/virtual-clock.ts";

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "riptide-log-"));
  path = join(folder, "daemon.log");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function stage(at = path) {
  const said: string[] = [];
  const clock = virtualClock();
  const log = openLog({
    ...{ path: at, clock, level: "info" },
    redact: (text) => text.replaceAll("SECRET", "[redacted]"),
    fallback: (text) => void said.push(text),
  });
  return { log, clock, said };
}
const lines = (at = path) =>
  readFileSync(at, "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));

describe("the daemon's log", () => {
  it("is JSON lines with time and level, redacted, for this user alone", async () => {
    const { log, clock } = stage();
    log.debug({}, "not at this level");
    log.info({ pid: 7 }, "ready SECRET");
    await clock.advance(1_000);
    log.close();
    expect(lines()).toEqual([{ level: "info", time: expect.any(String), pid: 7, msg: "ready [redacted]" }]);
    expect((statSync(path).mode & 0o777).toString(8)).toBe("600");
  });

  it("makes the folder it is to stand in", () => {
    const { log, said } = stage(join(folder, "state/daemon.log"));
    log.error({}, "trouble");
    log.close();
    expect([said, statSync(join(folder, "state")).mode & 0o777]).toEqual([[], 0o700]);
  });

  it("writes an error at once, and the rest within a second or at the end", async () => {
    const { log, clock } = stage();
    log.info({}, "first");
    expect(readFileSync(path, "utf8")).toBe("");
    await clock.advance(1_000);
    expect(lines()).toHaveLength(1);
    log.error({}, "now");
    expect(lines()).toHaveLength(2);
    log.warn({}, "last");
    log.close();
    expect(lines()).toHaveLength(3);
  });

  it("follows no link, and goes to stderr where it cannot be written (row 48)", () => {
    symlinkSync("/dev/null", path);
    const { log, said } = stage();
    log.error({}, "trouble");
    log.close();
    expect(said[0]).toMatch(/^warning: the log .* cannot be written/);
    expect(said[1]).toContain("trouble");
  });
});

describe("the daemon's log while its file cannot be written", () => {
  it("says so once, and comes back with one line that counts what it lacks", () => {
    const at = join(folder, "state/daemon.log");
    const { log, said } = stage(at);
    log.error({}, "first");
    renameSync(join(folder, "state"), join(folder, "away"));
    writeFileSync(join(folder, "state"), "in the way");
    for (const text of ["second", "third"]) log.error({}, text);
    expect(said.filter((text) => text.startsWith("warning: "))).toHaveLength(1);
    rmSync(join(folder, "state"));
    for (const text of ["fourth", "fifth"]) log.error({}, text);
    log.close();
    expect(lines(at)).toMatchObject([
      { level: "warn", lines: 2, msg: "the log could not be written, and 2 lines are not in it" },
      { msg: "fourth" },
      { msg: "fifth" },
    ]);
    expect(said.join("")).toContain("third");
  });

  it("loses nothing where another program takes the file or its folder away, or empties it", () => {
    const at = join(folder, "state/daemon.log");
    const { log, said } = stage(at);
    log.error({}, "first");
    renameSync(at, `${at}-aside`);
    log.error({}, "second");
    expect(lines(at)).toMatchObject([{ msg: "second" }]);
    rmSync(join(folder, "state"), { recursive: true });
    log.error({}, "third");
    expect(lines(at)).toMatchObject([{ msg: "third" }]);
    truncateSync(at);
    log.error({}, "fourth");
    log.close();
    expect([lines(at), said]).toMatchObject([[{ msg: "fourth" }], []]);
  });

  it("begins on a line of its own after half a line", () => {
    writeFileSync(path, '{"level":"inf');
    const { log } = stage();
    log.error({}, "whole");
    log.close();
    expect(readFileSync(path, "utf8")).toMatch(/^\{"level":"inf\n\{.*"whole"\}\n$/);
  });
});

it("a log of 10 MiB becomes another file, and five are kept", () => {
  const file = createLogFile(path);
  const megabyte = "x".repeat(1_048_576);
  for (let count = 0; count < 75; count += 1) file.write(megabyte);
  file.close();
  expect(readdirSync(folder).sort()).toEqual([
    "daemon.log",
    ...[1, 2, 3, 4, 5].map((number) => `daemon.log.${number}`),
  ]);
  expect(statSync(`${path}.5`).size).toBe(10 * 1_048_576);
});
