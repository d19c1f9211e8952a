import { describe, expect, it } from "vitest";
import { type ColorMode, createPainter, symbols, wantsAscii, wantsColor } from "../../src/output/style.ts";

const lookup = (env: Readonly<Record<string, string>>) => (name: string) => env[name];

describe("wantsColor", () => {
  it.each<[string, ColorMode, Record<string, string>, boolean, boolean]>([
    ["follows a terminal", "auto", {}, true, true],
    ["follows a pipe", "auto", {}, false, false],
    ["always wins over NO_COLOR", "always", { NO_COLOR: "1" }, false, true],
    ["never wins over FORCE_COLOR", "never", { FORCE_COLOR: "1" }, true, false],
    ["NO_COLOR wins over FORCE_COLOR", "auto", { NO_COLOR: "1", FORCE_COLOR: "1" }, true, false],
    ["an empty NO_COLOR is not set", "auto", { NO_COLOR: "" }, true, true],
    ["FORCE_COLOR colours a pipe", "auto", { FORCE_COLOR: "1" }, false, true],
    ["FORCE_COLOR=0 takes colour from a terminal", "auto", { FORCE_COLOR: "0" }, true, false],
    ["CLICOLOR_FORCE colours a pipe", "auto", { CLICOLOR_FORCE: "1" }, false, true],
    ["a dumb terminal gets none", "auto", { TERM: "dumb" }, true, false],
    ["FORCE_COLOR wins over a dumb terminal", "auto", { TERM: "dumb", FORCE_COLOR: "1" }, true, true],
  ])("%s", (_name, mode, env, isTty, expected) => {
    expect(wantsColor(mode, { isTty, env: lookup(env) })).toBe(expected);
  });
});

it("replaces symbols with the flag and on a dumb terminal", () => {
  expect(wantsAscii(true, lookup({}))).toBe(true);
  expect(wantsAscii(false, lookup({ TERM: "dumb" }))).toBe(true);
  expect(wantsAscii(false, lookup({ TERM: "xterm" }))).toBe(false);
  expect(Object.values(symbols(true)).join("")).toMatch(/^[ -~]+$/);
  expect(symbols(false).arrow).toBe("→");
});

it("paints only with colour, whatever the streams of this process are", () => {
  expect(createPainter(false)("red", "no")).toBe("no");
  expect(createPainter(true)("red", "yes")).toBe("\u001b[31myes\u001b[39m");
});
