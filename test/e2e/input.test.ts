import { writeFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { runInTerminal } from "../helpers/run-cli.ts";
import { expectErrorText, MOCK_YAML, openai, shell, useStage } from "./stage.ts";
import { yamlOf } from "./vendors.ts";

const stage = useStage();

describe("stdin", () => {
  it.each([
    ["a pipe is read", "text", "text"],
    ["a file is read", { file: "providers.yaml" }, MOCK_YAML.trimEnd()],
    ["CRLF stays", "one\r\ntwo\r\n", "one\r\ntwo\r"],
  ] as const)("without a prompt: %s", async (_name, stdin, expected) => {
    const place = await stage.workplace();
    const given = typeof stdin === "object" ? { file: `${place.folder}/${stdin.file}` } : stdin;
    const { code, stdout, stderr } = await place.run(["complete"], { stdin: given });
    expect([code, stdout.replace(/\n$/, ""), stderr]).toEqual([0, expected, ""]);
  });

  it.each([
    ["/dev/null", "null"],
    ["closed", "closed"],
    ["an empty pipe", ""],
    ["white space", " \n\n"],
  ])("without a prompt, %s is no prompt", async (_name, stdin) => {
    const place = await stage.workplace();
    const { code, stdout, stderr } = await place.run(["complete"], { stdin });
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(/^error\[usage\]: no prompt\n/);
    expect(stderr).toContain("riptide complete --help");
    expectErrorText(stderr, "usage");
  });

  it.each([
    ["/dev/null", "null", "q\n"],
    ["closed", "closed", "q\n"],
    ["an empty pipe", "", "q\n"],
    ["a pipe", "data", "q\n\n<stdin>\ndata\n</stdin>\n"],
    ["a pipe with its newline", "data\n", "q\n\n<stdin>\ndata\n</stdin>\n"],
  ])("beside a prompt: %s", async (_name, stdin, expected) => {
    const place = await stage.workplace();
    const { code, stdout, stderr } = await place.run(["complete", "q"], { stdin });
    expect([code, stdout, stderr]).toEqual([0, expected, ""]);
  });

  it("of a terminal is not read: with a prompt it answers, without one it is exit 2", async () => {
    const place = await stage.workplace();
    const options = { env: { RIPTIDE_CONFIG: `${place.folder}/providers.yaml` }, home: place.folder };
    const asked = await runInTerminal(["complete", "q"], options);
    expect([asked.code, asked.output]).toEqual([0, "q\r\n"]);
    const bare = await runInTerminal(["complete"], options);
    expect(bare.code).toBe(2);
    expect(bare.output).toContain("error[usage]: no prompt");
  });

  it("that never speaks is announced after a second and given up at its limit", async () => {
    const place = await stage.workplace();
    const { code, stdout, stderr, ms } = await place.run(["complete", "q", "--stdin-timeout", "1300ms"], {
      stdin: "open",
    });
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr.split("\n").slice(0, 2)).toEqual([
      "waiting for stdin (use --stdin never or </dev/null)",
      "error[usage]: nothing came on stdin within 1.3 s",
    ]);
    expect(stderr).toContain("hint: use --stdin never or </dev/null");
    expect(ms).toBeGreaterThan(1_300);
  });

  it.each([
    ["--stdin never", ["--stdin", "never"], {}],
    ["RIPTIDE_STDIN=never", [], { RIPTIDE_STDIN: "never" }],
  ])("that never speaks is no matter with %s", async (_name, flags, env) => {
    const place = await stage.workplace();
    const { code, stdout } = await place.run(["complete", "q", ...flags], { stdin: "open", env });
    expect([code, stdout]).toEqual([0, "q\n"]);
  });

  it("that begins is read to its end, however slow, and the deadline starts after it", async () => {
    const place = await stage.workplace();
    const { code, stdout } = await shell(
      place,
      "{ printf one; sleep 1; printf two; } | riptide complete --stdin-timeout 500ms --timeout 700ms",
    );
    expect([code, stdout]).toEqual([0, "onetwo\n"]);
  });

  it("is refused over 4 MiB unless the limit is raised", async () => {
    const simulator = await stage.simulate(openai, { kind: "answer", tokens: ["read"] });
    const place = await stage.workplace(yamlOf([[openai, simulator.url]]));
    const stdin = "x".repeat(5 * 1_048_576);
    const refused = await place.run(["complete"], { stdin });
    expect([refused.code, simulator.requests.length]).toEqual([2, 0]);
    expect(refused.stderr).toMatch(/^error\[usage\]: stdin is larger than 4 MiB \(4194304 bytes\)\n/);
    expectErrorText(refused.stderr, "usage");
    const raised = await place.run(["complete", "--set", "limits.max_stdin=6MiB"], { stdin });
    expect([raised.code, raised.stdout]).toEqual([0, "read\n"]);
  });

  it("that is not UTF-8 is refused with the place", async () => {
    const place = await stage.workplace();
    const { code, stderr } = await place.run(["complete"], { stdin: Buffer.from([0x61, 0xff, 0x62]) });
    expect(code).toBe(2);
    expect(stderr).toContain("stdin is not UTF-8 text: byte 0xff at offset 1");
    expectErrorText(stderr, "usage");
  });

  it.each([
    ["stands where {{stdin}} is", ["<{{stdin}}>"], "<data>\n"],
    ["stands where -f - is", ["q", "-f", "-", "-f", "note.txt"], "q\n\ndata\n\nnote\n"],
    ["is asked for by -", ["q", "-"], "q\n\n<stdin>\ndata\n</stdin>\n"],
  ])("%s", async (_name, args, expected) => {
    const place = await stage.workplace();
    await place.write("note.txt", "note");
    const { code, stdout } = await place.run(["complete", ...args], { stdin: "data" });
    expect([code, stdout]).toEqual([0, expected]);
  });

  it.each([
    [["<{{stdin}}>"], "null", "the prompt names {{stdin}}, but stdin was not read"],
    [["q", "-", "--stdin", "never"], "null", "--stdin never forbids"],
    [["q", "--stdin", "often"], "null", '--stdin wants auto, always, never, not "often"'],
  ] as const)("used against itself is exit 2: %j", async (args, stdin, message) => {
    const place = await stage.workplace();
    const { code, stderr } = await place.run(["complete", ...args], { stdin });
    expect(code).toBe(2);
    expect(stderr).toContain(message);
    expectErrorText(stderr, "usage");
  });

  it("carries the configuration with -C -", async () => {
    const place = await stage.workplace();
    const { code, stdout } = await place.run(["-C", "-", "complete", "q"], { stdin: MOCK_YAML });
    expect([code, stdout]).toEqual([0, "q\n"]);
  });

  it("of a wrong variable is refused by its name", async () => {
    const place = await stage.workplace();
    const { code, stderr } = await place.run(["complete", "q"], { env: { RIPTIDE_STDIN: "often" } });
    expect(code).toBe(2);
    expect(stderr).toContain("RIPTIDE_STDIN wants auto, always, never");
  });
});

describe("what is given with flags", () => {
  it("joins arguments by a space, files by blank lines, and keeps what follows --", async () => {
    const place = await stage.workplace();
    await place.write("a.txt", "A");
    await place.write("b.txt", "B");
    const { stdout } = await place.run([
      "complete",
      "one",
      "-f",
      "a.txt",
      "-f",
      "b.txt",
      "two",
      "--",
      "--three",
    ]);
    expect(stdout).toBe("one two --three\n\nA\n\nB\n");
  });

  it("sends the system prompt, also from a file", async () => {
    const simulator = await stage.simulate(openai, { kind: "answer", tokens: ["ok"] });
    const place = await stage.workplace(yamlOf([[openai, simulator.url]]));
    await place.write("role.txt", "from a file");
    await place.run(["complete", "q", "-s", "in words"]);
    await place.run(["complete", "q", "-s", "@role.txt"]);
    const [first, second] = simulator.requests.map(
      ({ json }) => (json as { messages: object[] }).messages[0],
    );
    expect([first, second]).toEqual([
      { role: "system", content: "in words" },
      { role: "system", content: "from a file" },
    ]);
  });

  it.each([
    [["-f", "nope"], "cannot read nope: no such file"],
    [["-f", "."], "cannot read .: it is a directory"],
    [["-f", "bad.txt"], "bad.txt is not UTF-8 text"],
    [["-s", "@nope"], "cannot read nope: no such file"],
    [["-a", "nope.png"], "cannot read nope.png: no such file"],
    [["-a", "providers.yaml"], "providers.yaml is not an image: it looks like text"],
    [["-a", "bad.txt"], "bad.txt is not an image"],
    [["-a", "http://x.test/a.png"], "its scheme is http, not https"],
    [["--tools", "providers.yaml"], "providers.yaml: not JSON"],
    [["--tools", "tools.json"], 'tools.json: [0]: unknown key "nmae"'],
    [["--tool-choice", "auto"], "--tool-choice needs --tools FILE"],
    [["--schema", "{"], "--schema: not JSON"],
    [["--schema", '{"type":3}'], "the schema is not a usable JSON Schema"],
    [["--schema", "nope.json"], "cannot read nope.json: no such file"],
    [["--option", "x"], "expected NAME=VALUE"],
    [["--temperature", "3"], '--temperature wants a number from 0 to 2, not "3"'],
    [["--temperature", "warm"], "--temperature wants a number"],
    [["--max-tokens", "0"], "--max-tokens wants a number from 1"],
    [["--max-tokens", "1.5"], "--max-tokens wants a whole number"],
    [["--effort", "huge"], "--effort wants none, minimal"],
    [["--timeout", "5"], '--timeout wants a duration with its unit, such as 800ms, 5s or 2m, not "5"'],
    [["--timeout", "11m"], "is over the ceiling of 10 m"],
    [["--max-attempts", "0"], "--max-attempts wants a number from 1"],
    [["-m"], "--model needs a value: --model MODEL"],
    [["-m", "fake/a", "-m", "fake/b"], "--model was given twice"],
    [["--raw=yes"], "--raw takes no value"],
  ])("is exit 2 when it cannot be used: %j", async (flags, message) => {
    const place = await stage.workplace();
    await writeFile(`${place.folder}/bad.txt`, Buffer.from([0xc3, 0x28]));
    await place.write("tools.json", '[{"nmae":"x"}]');
    const { code, stdout, stderr } = await place.run(["complete", "q", ...flags]);
    expect(stderr).toContain(message);
    expect([code, stdout]).toEqual([2, ""]);
    expectErrorText(stderr, "usage");
  });
});
