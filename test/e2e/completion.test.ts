import { execFile } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
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

it("refuses a shell it does not know, with those it does", async () => {
  const { code, stderr } = await runCli(["completion", "csh"]);
  expect([code, stderr]).toEqual([2, expect.stringContaining("riptide completion bash, zsh or fish")]);
});
