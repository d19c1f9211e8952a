import { execFile } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify, stripVTControlCharacters } from "node:util";
import { afterAll, beforeAll, expect, it } from "vitest";
import { runCli } from "../helpers/run-cli.ts";

const LAUNCHER = resolve(import.meta.dirname, "../../bin/riptide.js");
const CONFIG = `providers:
  mock: { type: mock, default_model: "small:1b" }
models:
  default: { targets: ["mock/small:1b"] }
`;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "riptide-completion-"));
  writeFileSync(join(folder, "providers.yaml"), CONFIG);
  writeFileSync(join(folder, "notes.txt"), "");
  writeFileSync(join(folder, "riptide"), `#!/bin/sh\nexec "${process.execPath}" "${LAUNCHER}" "$@"\n`);
  chmodSync(join(folder, "riptide"), 0o755);
});
afterAll(() => rmSync(folder, { recursive: true }));

/** What bash would offer for each of these lines, split as its readline splits them. */
async function inBash(lines: readonly string[]): Promise<readonly string[]> {
  const tries = lines.map(
    (line) => `COMP_WORDS=(${line}); COMP_CWORD=$((\${#COMP_WORDS[@]} - 1)); _riptide
    echo "\${COMPREPLY[*]}"`,
  );
  const script = `source <(riptide completion bash)\n${tries.join("\n")}`;
  const env = { PATH: `${folder}:${process.env.PATH}`, HOME: folder, RIPTIDE_STATE_DIR: folder };
  const { stdout } = await promisify(execFile)("bash", ["-c", script], { cwd: folder, env, timeout: 25_000 });
  return stdout.trimEnd().split("\n");
}

it("completes commands, live names that hold a colon, values behind = and files in bash", async () => {
  const config = "riptide complete -C providers.yaml";
  expect(
    await inBash([
      "riptide comp",
      `${config} -m ""`,
      `${config} --model = mock/small : 1`,
      `${config} -f not`,
    ]),
  ).toEqual(["complete completion", "default mock/small:1b", "1b", "notes.txt"]);
});

const isInstalled = (shell: string) =>
  (process.env.PATH ?? "").split(":").some((bin) => existsSync(join(bin, shell)));

/** What an interactive shell shows after these keys; it is waited for until it shows the text. */
async function typedIn(shell: string, keys: readonly string[], until: string): Promise<string> {
  const pty = await import("@lydell/node-pty");
  const env = {
    PATH: `${folder}:${process.env.PATH}`,
    HOME: folder,
    ZDOTDIR: folder,
    RIPTIDE_STATE_DIR: folder,
  };
  const child = pty.spawn(shell, ["-i"], { cols: 100, rows: 30, cwd: folder, env });
  let shown = "";
  const waitFor = (text: string) =>
    new Promise<void>((found) => {
      const look = () => stripVTControlCharacters(shown).includes(text) && found();
      child.onData(look);
      look();
    });
  child.onData((data) => {
    shown += data;
  });
  for (const text of keys) {
    child.write(text);
    await waitFor(text.startsWith("riptide") ? "riptide" : "ready");
  }
  await waitFor(until);
  child.kill();
  return shown;
}

it.skipIf(!isInstalled("zsh"))(
  "completes verbs with what they do in zsh, where that is installed",
  async () => {
    writeFileSync(join(folder, ".zshrc"), "autoload -Uz compinit && compinit -u\n");
    const script = 'source <(riptide completion zsh); PS1="rea""dy> "\r';
    const shown = await typedIn("zsh", [script, "riptide daemon st\t\t"], "-- serve in the background");
    expect(stripVTControlCharacters(shown)).toMatch(/status +-- whether it runs/);
  },
  20_000,
);

it.skipIf(!isInstalled("fish"))(
  "completes live names in fish, where that is installed",
  async () => {
    const script = "riptide completion fish | source; echo rea(echo dy)\r";
    const shown = await typedIn(
      "fish",
      [script, "riptide complete -C providers.yaml -m \t"],
      "mock/small:1b",
    );
    expect(stripVTControlCharacters(shown)).toContain("default");
  },
  20_000,
);

it("refuses a shell it does not know, with those it does", async () => {
  const { code, stderr } = await runCli(["completion", "csh"]);
  expect([code, stderr]).toEqual([2, expect.stringContaining("riptide completion bash, zsh or fish")]);
});
