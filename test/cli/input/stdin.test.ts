import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { PassThrough } from "node:stream";
import { afterAll, describe, expect, it } from "vitest";
import { readStdin, type StdinKind, type StdinMode } from "../../../src/cli/input/stdin.ts";
import { type RunOptions, runCli, runInTerminal } from "../../helpers/run-cli.ts";
import { virtualClock } from "../../helpers/virtual-clock.ts";

const program = resolve(import.meta.dirname, "fixtures/read-stdin.ts");
const folder = mkdtempSync(join(tmpdir(), "riptide-stdin-"));
afterAll(() => rmSync(folder, { recursive: true }));

const file = (name: string, content: string | Uint8Array) => {
  const path = join(folder, name);
  writeFileSync(path, content);
  return { file: path };
};

async function read(stdin: NonNullable<RunOptions["stdin"]>, args: readonly string[] = []) {
  const { stdout, stderr, code } = await runCli(args, { stdin, program });
  return { ...JSON.parse(stdout), stderr, exit: code };
}

describe("stdin of a real process", () => {
  it.each<[string, RunOptions["stdin"] & {}, string | null]>([
    ["/dev/null is not read", "null", null],
    ["a closed descriptor is not read", "closed", null],
    ["a regular file is read", file("a.txt", "from a file\n"), "from a file\n"],
    ["an empty file is empty text", file("empty.txt", ""), ""],
    ["a pipe is read to its end", "from a pipe", "from a pipe"],
    ["a pipe closed without a byte is empty text", "", ""],
    ["line ends stay as they are", "a\r\nb\r\n", "a\r\nb\r\n"],
    ["a byte order mark is dropped", "\ufeffmarked", "marked"],
    ["a replacement character in the input is text", "\ufffd", "\ufffd"],
  ])("%s", async (_name, stdin, text) => {
    expect(await read(stdin)).toMatchObject({ text, exit: 0, stderr: "" });
  });

  it("is not read on a terminal", async () => {
    const { code, output } = await runInTerminal([], { program });
    expect([code, JSON.parse(output)]).toEqual([0, { kind: "terminal", text: null }]);
  });

  it("is read on a terminal when asked for", async () => {
    const { code, output } = await runInTerminal(["always"], {
      program,
      act: async (terminal) => terminal.type("typed\n\u0004"),
    });
    expect([code, output]).toEqual([0, expect.stringContaining('"text":"typed\\n"')]);
  });

  it("is not touched with never, even when a pipe stays open", async () => {
    expect(await read("open", ["never"])).toMatchObject({ text: null, exit: 0 });
  });

  it("is empty when /dev/null must be read", async () => {
    expect(await read("null", ["always"])).toMatchObject({ text: "", exit: 0 });
  });

  it("ends the process with exit 2 when nothing comes on an open pipe", async () => {
    const result = await read("open", ["auto", "100"]);
    expect(result).toMatchObject({ code: "usage", exit: 2, message: "nothing came on stdin within 100 ms" });
  });

  it.each([
    ["through a pipe", Buffer.alloc(5 * 1_048_576, "x")],
    ["from a file", file("large.txt", Buffer.alloc(5 * 1_048_576, "x"))],
  ])("refuses 5 MiB %s", async (_name, stdin) => {
    expect(await read(stdin)).toMatchObject({
      exit: 2,
      message: "stdin is larger than 4 MiB (4194304 bytes)",
    });
  });

  it("takes exactly the limit", async () => {
    expect(await read("x".repeat(100), ["auto", "20000", "100"])).toMatchObject({ exit: 0 });
    expect(await read("x".repeat(101), ["auto", "20000", "100"])).toMatchObject({ exit: 2 });
  });

  it("names the first byte that is not UTF-8", async () => {
    const bytes = Buffer.concat([Buffer.from("é\ufffd ok "), Buffer.from([0xff, 0xfe])]);
    expect(await read(bytes)).toMatchObject({
      exit: 2,
      message: "stdin is not UTF-8 text: byte 0xff at offset 9",
    });
  });

  it("says what is wrong with a directory", async () => {
    expect(await read({ file: folder })).toMatchObject({
      exit: 2,
      message: "cannot read stdin: it is a directory",
    });
  });
});

describe("waiting for the first byte", () => {
  const wait = (given: { kind?: StdinKind; mode?: StdinMode; timeoutMs?: number } = {}) => {
    const clock = virtualClock();
    const stream = new PassThrough();
    const notices: string[] = [];
    const result = readStdin(
      { kind: given.kind ?? "pipe", open: () => stream },
      {
        mode: given.mode ?? "auto",
        timeoutMs: given.timeoutMs ?? 30_000,
        maxBytes: 100,
        clock,
        notice: (line) => notices.push(line),
      },
    );
    const outcome = result.catch((error: Error) => error);
    return { clock, stream, notices, outcome };
  };

  it("says after one second that it waits, once", async () => {
    const { clock, stream, notices, outcome } = wait();
    await clock.advance(999);
    expect(notices).toEqual([]);
    await clock.advance(20_000);
    expect(notices).toEqual(["waiting for stdin (use --stdin never or </dev/null)"]);
    stream.end("late");
    expect(await outcome).toBe("late");
  });

  it("gives up at the limit and lets go of the stream", async () => {
    const { clock, stream, outcome } = wait({ kind: "socket" });
    await clock.advance(30_000);
    expect(await outcome).toMatchObject({
      code: "usage",
      message: "nothing came on stdin within 30 s",
      facts: { hint: "use --stdin never or </dev/null" },
    });
    expect([stream.destroyed, clock.pending]).toEqual([true, 0]);
  });

  it("reads a slow producer to its end once a byte came", async () => {
    const { clock, stream, notices, outcome } = wait();
    stream.write("a");
    await clock.advance(3_600_000);
    stream.end("b");
    expect([await outcome, notices, clock.pending]).toEqual(["ab", [], 0]);
  });

  it("reports a failing stream", async () => {
    const { stream, outcome } = wait();
    stream.destroy(new Error("read EIO"));
    expect(await outcome).toMatchObject({ code: "usage", message: "cannot read stdin: read EIO" });
  });

  it("joins a character cut between two chunks", async () => {
    const { stream, outcome } = wait();
    stream.write(Buffer.from([0xc3]));
    stream.end(Buffer.from([0xa9]));
    expect(await outcome).toBe("é");
  });

  it("refuses an input that ends inside a character", async () => {
    const { stream, outcome } = wait();
    stream.end(Buffer.from([0x61, 0xf0, 0x9f]));
    expect(await outcome).toMatchObject({ message: "stdin is not UTF-8 text: byte 0xf0 at offset 1" });
  });
});
