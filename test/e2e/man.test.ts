import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { expect, it } from "vitest";
import { COMMANDS } from "../../src/cli/commands.ts";
import { TOPICS } from "../../src/cli/help-topics.ts";

const PAGE = resolve(import.meta.dirname, "../../dist/riptide.1");
const hasMan = spawnSync("man", ["--version"]).status === 0;

it("the manual page names every command for people, and every topic", () => {
  const heads = readFileSync(PAGE, "utf8")
    .split("\n")
    .filter((line) => /^\.S[SH] /.test(line));
  for (const { path, isHidden } of COMMANDS) {
    const isNamed = heads.some((head) =>
      `${head} `.startsWith(`.SS riptide ${path.join(" ").replaceAll("-", "\\-")} `),
    );
    expect([path, isNamed]).toEqual([path, isHidden !== true]);
  }
  expect(heads.length).toBeGreaterThan(COMMANDS.length + TOPICS.length);
});

it.skipIf(!hasMan)("the manual page is rendered without a warning (skipped where there is no man)", () => {
  const { status, stdout, stderr } = spawnSync("man", ["--warnings", "-l", PAGE], {
    ...{ encoding: "utf8", env: { PATH: process.env.PATH, LC_ALL: "C" } },
  });
  expect([status, stderr]).toEqual([0, ""]);
  expect(stdout).toContain("riptide complete");
});
