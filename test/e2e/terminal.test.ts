import { readdir } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { stripVTControlCharacters } from "node:util";
import { describe, expect, it } from "vitest";
import { runInTerminal, type TerminalOptions } from "../helpers/run-cli.ts";
import type { Scenario } from "../helpers/simulator.ts";
import { MOCK_YAML, openai, startCli, useStage } from "./stage.ts";
import { type Workplace, yamlOf } from "./vendors.ts";

const stage = useStage();
const ESC = "\u001b";
const HOSTILE = [
  `${ESC}]52;c;cm0gLXJm\u0007`,
  `${ESC}]8;;http://evil.test${ESC}\\link${ESC}]8;;${ESC}\\`,
  `${ESC}[2J${ESC}[31mred${ESC}[0m`,
  "visible\rgone",
  "\u009b31mc1\u0090dcs\u009c",
  "\u202egnp.exe\u2066",
  "bell\u0007back\u0008space\u007f",
  "\u{e0041}tag",
  `${ESC}Pqsixel${ESC}\\done`,
];

/** An OpenAI that begins to answer and then waits for its client to go; `closedAt` is when it went. */
async function patient() {
  const seen: { closedAt?: number } = {};
  const server = createServer((request, response) => {
    request.resume().on("end", () => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      const chunk = { choices: [{ index: 0, delta: { content: "first words" }, finish_reason: null }] };
      response.write(`data: ${JSON.stringify(chunk)}\n\n`);
    });
    response.on("close", () => {
      seen.closedAt = performance.now();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  stage.defer(
    () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  );
  const place = await stage.workplace(
    yamlOf([[openai, `http://127.0.0.1:${(server.address() as AddressInfo).port}`]]),
  );
  return { place, seen };
}

const inTerminal = (place: Workplace, args: readonly string[], options: TerminalOptions = {}) =>
  runInTerminal(args, {
    cwd: place.folder,
    home: place.folder,
    ...options,
    env: { RIPTIDE_CONFIG: `${place.folder}/providers.yaml`, OPENAI_API_KEY: "sk-simulated", ...options.env },
  });

describe("a signal in the middle of an answer", () => {
  it.each([
    ["SIGINT", 130, []],
    ["SIGTERM", 143, []],
    ["SIGINT", 130, ["-o", "jsonl"]],
  ] as const)("%s ends it with %i and cancels upstream within 100 ms %j", async (signal, exit, flags) => {
    const { place, seen } = await patient();
    const running = startCli(place, ["complete", "hi", ...flags]);
    await running.waitFor("first words");
    const sentAt = performance.now();
    running.child.kill(signal);
    expect(await running.ended).toEqual({ code: exit, signal: null });
    await expect.poll(() => seen.closedAt).toBeDefined();
    expect((seen.closedAt ?? Infinity) - sentAt).toBeLessThan(100);
    expect(running.stderr()).toMatch(/^interrupted, \$0\.0\d+ spent\n$/);
    if (flags.length === 0) expect(running.stdout()).toBe("first words\n");
    else {
      const last = JSON.parse(running.stdout().trimEnd().split("\n").at(-1) ?? "");
      expect(last).toMatchObject({
        type: "error",
        error: { code: "cancelled", exit },
        partial_text: "first words",
      });
    }
  });

  it("typed as Ctrl-C does the same", async () => {
    const { place, seen } = await patient();
    let typedAt = Infinity;
    const { code, output } = await inTerminal(place, ["complete", "hi"], {
      act: async (terminal) => {
        await terminal.waitFor("first words");
        typedAt = performance.now();
        terminal.type("\u0003");
      },
    });
    expect(code).toBe(130);
    expect(output).toMatch(/first words(\^C)?\r\ninterrupted, \$0\.0\d+ spent\r\n$/);
    await expect.poll(() => seen.closedAt).toBeDefined();
    expect((seen.closedAt ?? Infinity) - typedAt).toBeLessThan(100);
  });

  it("while a file is written leaves no file", async () => {
    const { place } = await patient();
    const running = startCli(place, ["complete", "hi", "-O", "a.txt", "-v"]);
    const parts = async () => (await readdir(place.folder)).filter((name) => /part$|^a\.txt$/.test(name));
    await expect.poll(parts, { timeout: 10_000 }).toHaveLength(1);
    running.child.kill("SIGINT");
    expect(await running.ended).toMatchObject({ code: 130 });
    expect(await parts()).toEqual([]);
  });

  it("that comes twice does not wait for an orderly end", async () => {
    const { place } = await patient();
    const running = startCli(place, ["complete", "hi"]);
    await running.waitFor("first words");
    running.child.kill("SIGINT");
    running.child.kill("SIGTERM");
    const { code } = await running.ended;
    expect([130, 143]).toContain(code);
  });
});

describe("hostile model text", () => {
  const text = HOSTILE.join("|");
  const answers: readonly (readonly [string, Scenario])[] = [
    ["whole", { kind: "answer", tokens: [text] }],
    ["split at every character", { kind: "answer", tokens: [...text] }],
  ];

  it.each(answers)("never reaches a terminal, and passes a pipe byte for byte: %s", async (_name, answer) => {
    const simulator = await stage.simulate(openai, answer);
    const place = await stage.workplace(yamlOf([[openai, simulator.url]]));
    const { code, output } = await inTerminal(place, ["complete", "hi"]);
    expect(code).toBe(0);
    expect(output).not.toMatch(/[^\P{Cc}\r\n\t]|[\u202a-\u202e\u2066-\u2069\u{e0000}-\u{e007f}]/u);
    expect(output).toContain("visible\r\ngone");
    expect(output).toContain("|link|red|");
    const piped = await place.run(["complete", "hi"]);
    expect(piped.stdoutBytes.equals(Buffer.from(`${text}\n`))).toBe(true);
  });

  it.each([
    ["--sanitize always cleans a pipe", ["--sanitize", "always"], false],
    ["a tool call's arguments are JSON, which a terminal does not obey", ["--tools", "tools.json"], false],
  ])("%s", async (_name, flags) => {
    const call = { id: "c", name: "run", arguments: { text: HOSTILE.join("") } };
    const scenario: Scenario =
      flags[0] === "--tools" ? { kind: "answer", toolCalls: [call] } : { kind: "answer", tokens: HOSTILE };
    const simulator = await stage.simulate(openai, scenario);
    const place = await stage.workplace(yamlOf([[openai, simulator.url]]));
    await place.write("tools.json", '[{"name":"run"}]');
    const { code, stdout } = await place.run(["complete", "hi", ...flags]);
    expect([code, stdout]).toEqual([0, expect.not.stringMatching(/[^\P{Cc}\n\t]|[\u202a-\u202e]/u)]);
  });

  it("in reasoning and in a provider's error does not reach a terminal's stderr either", async () => {
    const body = JSON.stringify({
      error: { message: `no ${HOSTILE.join(" ")}`, type: "invalid_request_error" },
    });
    const simulator = await stage.simulate(openai, {
      kind: "raw",
      status: 400,
      headers: { "content-type": "application/json" },
      body,
    });
    const place = await stage.workplace(yamlOf([[openai, simulator.url]]));
    for (const flags of [[], ["--json"]]) {
      const { code, stdout, stderr } = await place.run(["complete", "hi", ...flags]);
      expect(code).toBe(9);
      expect(stdout + stderr).not.toMatch(/[^\P{Cc}\n]|[\u202a-\u202e\u2066-\u2069]/u);
      expect(stderr).toContain("error[bad_request]: ");
    }
  });

  it("in a provider's list of models does not reach a terminal", async () => {
    const body = JSON.stringify({ object: "list", data: [{ id: `m${ESC}]0;x\u0007\r`, object: "model" }] });
    const simulator = await stage.simulate(openai, {
      kind: "raw",
      headers: { "content-type": "application/json" },
      body,
    });
    const place = await stage.workplace(yamlOf([[openai, simulator.url]]));
    const { stdout } = await place.run(["models", "list", "--refresh", "-P", "openai"]);
    expect(stdout).toMatch(/openai\/m\s/);
    expect(stdout).not.toContain(ESC);
  });
});

describe("colour", () => {
  it.each([
    ["a terminal has it", {}, [], true],
    ["NO_COLOR", { NO_COLOR: "1" }, [], false],
    ["an empty NO_COLOR does nothing", { NO_COLOR: "" }, [], true],
    ["TERM=dumb", { TERM: "dumb" }, [], false],
    ["--color never", {}, ["--color", "never"], false],
    ["--color always over NO_COLOR", { NO_COLOR: "1" }, ["--color", "always"], true],
    ["NO_COLOR over FORCE_COLOR", { NO_COLOR: "1", FORCE_COLOR: "1" }, [], false],
  ] as const)("on a terminal: %s", async (_name, env, flags, expected) => {
    const place = await stage.workplace();
    const { output } = await inTerminal(place, ["models", "list", ...flags], { env });
    expect(output.includes(`${ESC}[`)).toBe(expected);
    expect(output).toMatch(/ALIAS/i);
  });

  it.each([
    ["none", {}, [], false],
    ["FORCE_COLOR", { FORCE_COLOR: "1" }, [], true],
    ["CLICOLOR_FORCE", { CLICOLOR_FORCE: "1" }, [], true],
    ["FORCE_COLOR=0", { FORCE_COLOR: "0" }, [], false],
    ["--color always", {}, ["--color", "always"], true],
  ] as const)("in a pipe: %s", async (_name, env, flags, expected) => {
    const place = await stage.workplace();
    const { stdout } = await place.run(["models", "list", ...flags], { env });
    expect(stdout.includes(ESC)).toBe(expected);
  });

  it("decides nothing but colour: the rows are the same", async () => {
    const place = await stage.workplace(`${MOCK_YAML}  long: { targets: [fake/${"x".repeat(200)}] }\n`);
    const plain = (await place.run(["models", "list"])).stdout;
    const forced = (await place.run(["models", "list", "--color", "always"])).stdout;
    expect(stripVTControlCharacters(forced)).toBe(plain);
    expect(plain).toContain("x".repeat(200));
    const { output } = await inTerminal(place, ["models", "list"]);
    const widths = stripVTControlCharacters(output)
      .split("\r\n")
      .map((line) => line.length);
    expect(Math.max(...widths)).toBeLessThanOrEqual(80);
  });
});
