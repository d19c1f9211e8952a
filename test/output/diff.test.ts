import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { unifiedDiff } from "../../src/output/diff.ts";

const lines = (...all: readonly (string | number)[]) => all.map((line) => `${line}\n`).join("");

describe("unifiedDiff", () => {
  it("is empty where nothing differs", () => expect(unifiedDiff("a\n", "a\n", "f")).toBe(""));

  it("shows three lines around a change, with their numbers", () => {
    expect(unifiedDiff(lines(1, 2, 3, 4, 5, 6, 7, 8, 9), lines(1, 2, 3, 4, "x", 6, 7, 8, 9), "f")).toBe(
      "--- f\n+++ f\n@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+x\n 6\n 7\n 8\n",
    );
  });

  it("makes two parts of changes that are far apart, and one of near ones", () => {
    const numbers = Array.from({ length: 30 }, (_, index) => index);
    const changed = (...at: readonly number[]) =>
      unifiedDiff(lines(...numbers), lines(...numbers.map((n) => (at.includes(n) ? `x${n}` : n))), "f");
    expect(changed(3, 25).match(/^@@/gm)).toHaveLength(2);
    expect(changed(3, 9).match(/^@@/gm)).toHaveLength(1);
  });

  it("says where a final newline is missing", () => {
    expect(unifiedDiff("a", "a\nb", "f")).toBe(
      "--- f\n+++ f\n@@ -1 +1,2 @@\n-a\n\\ No newline at end of file\n+a\n+b\n\\ No newline at end of file\n",
    );
    expect(unifiedDiff("", "a\n", "f")).toBe("--- f\n+++ f\n@@ -0,0 +1 @@\n+a\n");
  });

  it("is a patch that makes the one text of the other", () => {
    const folder = mkdtempSync(join(tmpdir(), "riptide-diff-"));
    const text = fc
      .tuple(fc.array(fc.constantFrom("a", "b", "c", "d", ""), { maxLength: 25 }), fc.boolean())
      .map(([all, ends]) => all.join("\n") + (ends && all.length > 0 ? "\n" : ""));
    try {
      fc.assert(
        fc.property(text, text, (before, after) => {
          const diff = unifiedDiff(before, after, "f");
          if (diff === "" || before === "" || after === "") return;
          const file = join(folder, "f");
          writeFileSync(file, before);
          const args = ["apply", "--whitespace=nowarn", "--unsafe-paths", "-p0", "--directory", folder, "-"];
          execFileSync("git", args, { input: diff, cwd: folder });
          expect(execFileSync("cat", [file]).toString()).toBe(after);
        }),
        { numRuns: 60 },
      );
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
