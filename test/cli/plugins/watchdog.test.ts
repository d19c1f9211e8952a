import { spawnSync } from "node:child_process";
import { expect, it } from "vitest";

const moduleUrl = (path: string) => new URL(`../../../src/${path}`, import.meta.url).href;
const PROGRAM = `
  const { watchLoops } = await import("${moduleUrl("cli/plugins/watchdog.ts")}");
  const { systemClock } = await import("${moduleUrl("core/clock.ts")}");
  const stop = await watchLoops(systemClock, "it loops\\n", 300);`;

function play(rest: string) {
  const argv = ["--input-type=module", "--eval", PROGRAM + rest];
  const { stderr, signal, status } = spawnSync(process.execPath, argv, { encoding: "utf8", timeout: 20_000 });
  return { stderr, signal, status };
}

it("ends a process that is kept busy for ever, in words", () => {
  expect(play("for (;;);")).toEqual({ stderr: "it loops\n", signal: "SIGKILL", status: null });
});

it("leaves one alone that comes to its end", () => {
  expect(play("stop();")).toEqual({ stderr: "", signal: null, status: 0 });
});
