import { expect, it } from "vitest";
import { frame } from "../../src/tui/frame.ts";
import { plainText } from "../../src/tui/line.ts";
import type { State } from "../../src/tui/state.ts";
import { circuit, sample } from "./sample.ts";
import { FRESH, screen, stateOf } from "./shown.ts";

it("says in one line that the screen is too small", () => {
  const lines = frame(sample(), stateOf("overview"), { columns: 20, rows: 5, ascii: false }, FRESH);
  expect(lines.map(plainText)).toEqual(["20x5 is too small: 6"]);
});

it("names the keys that fit beside what else is said", () => {
  const footer = (columns: number, more: Partial<State>) =>
    screen("requests", columns, 24, more).split("\n").at(-1);
  expect(footer(80, {})).toBe(" this month   ? keys  t range  s sort  / filter  e errors  q quit");
  expect(footer(80, { filter: "flaky", errorsOnly: true })).toBe(
    ' "flaky", errors only   this month   ? keys  q quit',
  );
  expect(footer(120, {})).toMatch(/ w keep {2}q quit$/);
});

it("says why the figures are not of now, and keeps showing them", () => {
  const trouble = "no daemon at /run/x.sock";
  const lines = frame(sample(), stateOf("costs"), { columns: 80, rows: 24, ascii: false }, { trouble });
  expect(plainText(lines[0] ?? [])).toContain("out of date");
  expect(plainText(lines.at(-1) ?? [])).toContain(trouble);
  expect(lines.map(plainText).join("\n")).toContain("second/fast");
});

it.each([
  [100, "› main    open    embedding, retry 09:35:17  20 attempts, 75% ok, p95 180 ms"],
  [80, "› main    open    embedding, retry 09:35:17  20 attempts, 75% ok, p95 180 ms"],
  [70, "› main    open    embedding, retry 09:35:17  20 attempts, 75% ok"],
  [60, "› main    open    20 attempts, 75% ok"],
])("tells of providers what there is room for, at %i columns", (columns, line) => {
  const circuits = [
    circuit(),
    circuit({ operation: "embedding", state: "open", retry_at: "2026-11-23T09:35:17Z" }),
    circuit({ provider: "second" }),
  ];
  const data = sample({ circuits, health: null });
  const lines = frame(data, stateOf("overview"), { columns, rows: 24, ascii: false }, FRESH);
  expect(lines.map((each) => plainText(each).trimEnd())).toContain(line);
});

it("cuts no view's name in the header, at any width", () => {
  expect(screen("circuits", 60, 20).split("\n")[0]).toMatch(
    /^ 1 {2}2 {2}3 {2}4 ›5 circuits 6 +daemon 09:35:00Z$/,
  );
  for (const columns of [60, 70, 80, 95, 96, 120]) {
    for (const trouble of [undefined, "lost"]) {
      const look = { columns, rows: 20, ascii: false };
      const [line] = frame(sample(), stateOf("overview"), look, { trouble });
      expect(plainText(line ?? [])).not.toContain("…");
    }
  }
});
