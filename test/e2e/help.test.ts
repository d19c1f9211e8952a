import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join, resolve } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { COMMANDS as ALL } from "../../src/cli/commands.ts";
import { GLOBAL_FLAGS } from "../../src/cli/global-flags.ts";
import { ERRORS } from "../../src/core/errors.ts";
import { useStage } from "./stage.ts";

/** Those for people. */
const COMMANDS = ALL.filter(({ isHidden }) => isHidden !== true);

const stage = useStage();
const LAUNCHER = resolve(import.meta.dirname, "../../bin/riptide.js");

const help = async (...words: readonly string[]): Promise<string> => {
  const { code, stdout, stderr } = await (await stage.workplace()).run(["help", ...words]);
  expect([code, stderr]).toEqual([0, ""]);
  return stdout;
};

const TEXTS: readonly (readonly string[])[] = [
  [],
  ["exit-codes"],
  ["environment"],
  ["models"],
  ["providers"],
  ["config"],
  ...COMMANDS.map(({ path }) => path),
];

describe("every help text", () => {
  it.each(TEXTS)("fits a terminal of 80 columns and ends its last line: %s %s", async (...words) => {
    const text = await help(...words.filter((word) => word !== undefined));
    expect(text.split("\n").filter((line) => line.length > 80)).toEqual([]);
    expect(text).toMatch(/\S\n$/);
    expect(text).not.toMatch(/undefined|null|[ \t]\n/);
  });

  it.each(COMMANDS.map(({ path }) => [path.join(" "), path] as const))(
    "is the same by help %s and --help",
    async (name, path) => {
      const place = await stage.workplace();
      const byFlag = await place.run([...path, "--help"]);
      expect([byFlag.code, byFlag.stdout]).toEqual([0, await help(...path)]);
      expect(byFlag.stdout).toMatch(new RegExp(`^Usage: riptide ${name} \\[flags\\]`));
    },
  );
});

describe("riptide help", () => {
  it("names the usage, every command, every flag and the topics", async () => {
    const text = await help();
    expect(text.startsWith("One dependable command line for OpenAI, Anthropic,")).toBe(true);
    expect(text).toContain("\nUsage: riptide [flags] COMMAND [arguments]\n\nCommands:\n  complete, c  ");
    for (const { path, summary } of COMMANDS)
      expect(text).toMatch(
        new RegExp(`^  ${path.join(" ")}.* {2}${summary.slice(0, 20).replaceAll("|", "\\|")}`, "m"),
      );
    for (const { name, later } of GLOBAL_FLAGS)
      expect(text.includes(`--${name}`), name).toBe(later === undefined);
    expect(text).toMatch(/\nTopics \(riptide help TOPIC\):\n {2}exit-codes .*\n {2}environment .*\n/);
  });

  it("shows examples that work", async () => {
    const place = await stage.workplace();
    const { code, stdout } = await place.run(["complete", "hello", "-m", "mock/mock-small"], {
      env: { RIPTIDE_CONFIG: undefined },
    });
    expect([code, stdout]).toEqual([0, "Mock response to: hello\n"]);
    expect(await help()).toContain('\nExamples:\n  riptide complete "hello" -m mock/mock-small\n');
  });
});

describe("riptide help complete", () => {
  it("groups its flags, says which repeat, and shows examples", async () => {
    const text = await help("complete");
    expect([...text.matchAll(/^(\S.*):$/gm)].map(([, title]) => title)).toEqual([
      "Input",
      "Route",
      "Model",
      "Output",
      "Money",
      "Plan (nothing is sent)",
      "Examples",
    ]);
    expect(text).toContain(
      "Usage: riptide complete [flags] [PROMPT…]\nAlias: riptide c\n\nAsk a model and print its answer.\n",
    );
    expect(text).toMatch(/^ {2}-f, --file PATH .*\(repeatable\)$/m);
    expect(text).toMatch(/^ {6}--max-tokens N +limit of the answer$/m);
    expect(text).toContain("Output formats (-o): text, json, jsonl.\n");
  });

  it("names no flag that this version does not take", async () => {
    const text = await help("complete");
    const flags = COMMANDS.find(({ path }) => path[0] === "complete")?.flags ?? [];
    for (const { name, later } of flags)
      expect(text.includes(`--${name} `) || text.includes(`--${name}\n`), name).toBe(later === undefined);
  });
});

describe("groups and topics", () => {
  it("a group lists its verbs with their arguments and what it does alone", async () => {
    const place = await stage.workplace();
    const text = await help("providers");
    expect(text).toBe(`Usage: riptide providers VERB [flags]

Verbs:
  list          configured providers and whether they can be used
  show NAME     one provider's entry, secrets redacted
  test NAME     reach a provider with a free call and time each step
  types         provider types and how they authenticate
  disable NAME  the daemon sends nothing to a provider
  enable NAME   the daemon sends to it again

Without a verb: providers list.
Help on one: riptide help providers VERB
`);
    expect((await place.run(["providers", "--help"])).stdout).toBe(text);
  });

  it("exit-codes names every code of the table once, also as JSON", async () => {
    const text = await help("exit-codes");
    for (const code of Object.keys(ERRORS))
      expect(text.match(new RegExp(`\\b${code}\\b`, "g")), code).toHaveLength(1);
    expect(text).toMatch(/^ {4}0 OK +done/m);
    const { exit_codes: codes } = JSON.parse(
      (await (await stage.workplace()).run(["help", "exit-codes", "--json"])).stdout,
    );
    const of = (code: number) => codes.find((entry: { code: number }) => entry.code === code);
    expect(of(7)).toStrictEqual({
      code: 7,
      name: "RATE_LIMITED",
      meaning: expect.any(String),
      retryable: true,
      errors: ["rate_limited", "tenant_rate_limited", "tenant_busy"],
    });
    expect([of(11).name, of(143).name]).toEqual(["PROTOCOL", "TERMINATED"]);
  });

  it("environment groups its variables", async () => {
    const text = await help("environment");
    expect([...text.matchAll(/^(\S.*):$/gm)].map(([, title]) => title)).toEqual([
      "RipTide",
      "Providers without a configuration file",
      "Network and terminal",
    ]);
  });

  it("are data with --json", async () => {
    const place = await stage.workplace();
    const {
      schema,
      commands,
      global_flags: flags,
    } = JSON.parse((await place.run(["help", "--json"])).stdout);
    expect([schema, commands.length, flags.length > 10]).toEqual(["riptide.help/1", COMMANDS.length, true]);
    const one = JSON.parse((await place.run(["help", "complete", "--json"])).stdout).commands;
    expect(one).toHaveLength(1);
    expect(one[0]).toMatchObject({ name: "complete", aliases: ["c"], formats: ["text", "json", "jsonl"] });
    expect(one[0].flags).toContainEqual({
      name: "file",
      short: "f",
      value: "PATH",
      repeatable: true,
      text: expect.any(String),
    });
  });
});

/** A Node older than this program needs, from PATH but not from node_modules. */
function oldNode(): string | undefined {
  const places = (process.env.PATH ?? "").split(delimiter).map((folder) => join(folder, "node"));
  return places
    .filter((path) => existsSync(path) && !realpathSync(path).includes("node_modules"))
    .find(
      (path) => Number.parseInt(spawnSync(path, ["-p", "process.versions.node"]).stdout.toString(), 10) < 24,
    );
}

describe.skipIf(oldNode() === undefined)("under an old Node (skipped where PATH has none)", () => {
  const home = mkdtempSync(join(tmpdir(), "riptide-old-node-"));
  afterAll(() => rmSync(home, { recursive: true }));
  const run = (args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
    spawnSync(oldNode() ?? "", [LAUNCHER, ...args], {
      env: { PATH: process.env.PATH ?? "", HOME: home, ...env },
      input: "",
    });

  it("hands over to the pinned runtime, with arguments, output and exit code", () => {
    const answered = run(["complete", "hello there", "-m", "mock/m"]);
    expect([answered.status, answered.stdout.toString()]).toEqual([0, "Mock response to: hello there\n"]);
    expect(run(["complete", "hi", "--bogus"]).status).toBe(2);
    expect(JSON.parse(run(["version", "--json"]).stdout.toString()).node).toMatch(/^(2[4-9]|[3-9]\d)\./);
  });

  it("says in one line that it is too old where there is no other, with exit 3", () => {
    const { status, stdout, stderr } = run(["--version"], { RIPTIDE_RUNTIME: "pinned" });
    expect([status, stdout.toString()]).toEqual([3, ""]);
    expect(stderr.toString()).toMatch(
      /^error\[runtime_too_old\]: riptide needs Node 24 or newer, this is Node \d+\.\d+\.\d+\n$/,
    );
  });
});
