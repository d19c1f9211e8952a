import { expect, it } from "vitest";
import { frame } from "../../src/tui/frame.ts";
import { plainText } from "../../src/tui/line.ts";
import { sample } from "./sample.ts";
import { FRESH, stateOf } from "./shown.ts";

it("says of each promise whether it was kept, and nothing where none was made", () => {
  const { performance } = sample();
  const slos = [
    { name: "main", metric: "success", target: 0.99, actual: 0.75, met: false },
    { name: "main", metric: "total_p95", target: 1_000, actual: 180, met: true },
    { name: "other", metric: "success", target: 0.9, actual: null, met: null },
  ];
  const shown = (own: typeof performance) => {
    const look = { columns: 80, rows: 24, ascii: false };
    const lines = frame(sample({ performance: own }), stateOf("performance"), look, FRESH).map(plainText);
    const at = lines.findIndex((line) => line.includes(" SLO of providers "));
    return at < 0 ? undefined : lines.slice(at + 1, at + 4);
  };
  expect(shown({ ...performance, slos })).toEqual([
    "  main success    missed   75%, wanted at least 99%",
    "  main total_p95  met      180 ms, wanted at most 1 s",
    "  other success   unknown  nothing known, wanted at least 90%",
  ]);
  expect(shown(performance)).toBeUndefined();
});
