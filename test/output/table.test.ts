import { stripVTControlCharacters } from "node:util";
import { describe, expect, it } from "vitest";
import { sanitise } from "../../src/output/sanitise.ts";
import { type Column, renderPlain, renderTable } from "../../src/output/table.ts";

const rows = (...cells: string[][]) => cells.map((row) => row.map(sanitise));
const plain = { color: false, ascii: false };

const HEALTH: readonly Column[] = [
  { head: "provider" },
  { head: "status", paint: (cell) => (cell === "healthy" ? "green" : "red") },
  { head: "latency", align: "right" },
  { head: "detail" },
];
const PROVIDERS = rows(
  ["anthropic", "healthy", "212 ms", "38 models"],
  ["azure", "misconfigured", "-", "AZURE_OPENAI_API_KEY is not set"],
);

describe("renderTable", () => {
  it("aligns rows under upper-case heads, without lines and without spaces at line ends", async () => {
    expect(await renderTable(HEALTH, PROVIDERS, plain)).toBe(
      [
        "PROVIDER   STATUS         LATENCY  DETAIL",
        "anthropic  healthy         212 ms  38 models",
        "azure      misconfigured        -  AZURE_OPENAI_API_KEY is not set",
        "",
      ].join("\n"),
    );
  });

  it("cuts nothing without a width", async () => {
    const long = "x".repeat(5_000);
    expect(await renderTable([{ head: "text" }], rows([long]), plain)).toBe(`TEXT\n${long}\n`);
  });

  it("cuts the longest text to the width of a terminal, never a number", async () => {
    const columns: Column[] = [{ head: "name" }, { head: "count", align: "right" }];
    const table = await renderTable(columns, rows(["x".repeat(100), "123456789"]), { ...plain, width: 30 });
    expect(table).toBe(`NAME                     COUNT\n${"x".repeat(18)}…  123456789\n`);
    const ascii = await renderTable(columns, rows(["x".repeat(100), "1"]), {
      color: false,
      ascii: true,
      width: 30,
    });
    expect(ascii).toContain(`${"x".repeat(20)}...      1\n`);
  });

  it("leaves a table alone that fits", async () => {
    expect(await renderTable(HEALTH, PROVIDERS, { ...plain, width: 70 })).toBe(
      await renderTable(HEALTH, PROVIDERS, plain),
    );
  });

  it("keeps every line within a terminal, with wide characters too", async () => {
    const cells = rows(["漢字".repeat(30), "y".repeat(60)]);
    const table = await renderTable([{ head: "a" }, { head: "b" }], cells, { ...plain, width: 40 });
    for (const line of table.split("\n")) {
      expect(
        [...line].reduce((sum, char) => sum + (/\p{sc=Han}/u.test(char) ? 2 : 1), 0),
      ).toBeLessThanOrEqual(40);
    }
  });

  it("differs with colour in nothing but colour", async () => {
    const painted = await renderTable(HEALTH, PROVIDERS, { color: true, ascii: false });
    expect(painted).toContain("\u001b[32mhealthy\u001b[39m");
    expect(painted).toContain("\u001b[31mmisconfigured\u001b[39m");
    const bare = stripVTControlCharacters(painted).replace(/ +$/gm, "");
    expect(bare).toBe(await renderTable(HEALTH, PROVIDERS, plain));
  });

  it("keeps a cell on one line and a missing cell empty", async () => {
    const columns = [{ head: "a" }, { head: "b" }];
    expect(await renderTable(columns, rows(["one\ntwo\tthree"]), plain)).toBe(
      "A              B\none two three\n",
    );
  });

  it("keeps an empty row", async () => {
    expect(await renderTable([{ head: "a" }], rows([""], ["x"]), plain)).toBe("A\n\nx\n");
  });

  it("shows its heads without rows", async () => {
    expect(await renderTable([{ head: "a" }, { head: "b" }], [], plain)).toBe("A  B\n");
  });
});

it("renders plain rows tab-separated, without heads, one line each", () => {
  expect(renderPlain(rows(["a b", "c\td"], ["e\nf", ""]))).toBe("a b\tc d\ne f\t\n");
});
