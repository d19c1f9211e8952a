import { expect, it } from "vitest";
import { type CsvCell, csvText } from "../../src/output/csv.ts";

it.each<[string, CsvCell, string]>([
  ["text stays", "plain text", "plain text"],
  ["a comma is quoted", "a,b", '"a,b"'],
  ["a quote is doubled", 'say "hi"', '"say ""hi"""'],
  ["a line break is quoted", "a\nb", '"a\nb"'],
  ["outer spaces are quoted", " a", '" a"'],
  ["= cannot start a formula", "=1+1", "'=1+1"],
  ["+ cannot start a formula", "+1", "'+1"],
  ["- cannot start a formula", "-1", "'-1"],
  ["@ cannot start a formula", "@SUM(A1)", "'@SUM(A1)"],
  ["a formula with a comma is disarmed and quoted", '=HYPERLINK("x","y")', '"\'=HYPERLINK(""x"",""y"")"'],
  ["a tab before a formula does not help it", "\t=1", "'\t=1"],
  ["a negative number stays a number", -1.5, "-1.5"],
  ["a small number has no exponent", 1.5e-9, "0.0000000015"],
  ["a negative small number has no exponent", -2e-7, "-0.0000002"],
  ["a large number has no exponent", 1.25e21, "1250000000000000000000"],
  ["a bigint is written whole", 12345678901234567890n, "12345678901234567890"],
  ["true is written out", true, "true"],
  ["null is empty", null, ""],
  ["what is not a number is empty", Number.NaN, ""],
])("%s", (_name, cell, expected) => {
  expect(csvText(["head"], [[cell]])).toBe(`head\r\n${expected}\r\n`);
});

it("writes the header and every row in order", () => {
  expect(
    csvText(
      ["tenant", "cost_usd"],
      [
        ["acme", "0.5"],
        ["b", "2"],
      ],
    ),
  ).toBe("tenant,cost_usd\r\nacme,0.5\r\nb,2\r\n");
});

it("writes the header alone without rows", () => expect(csvText(["a", "b"], [])).toBe("a,b\r\n"));
