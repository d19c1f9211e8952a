import { globSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";

const SOURCES = resolve(import.meta.dirname, "../../src");

/** What the linter cannot say: a pattern, and the files it is allowed in. */
const RULES: readonly { what: string; pattern: RegExp; allowed: RegExp }[] = [
  { what: "reads time by itself", pattern: /\bperformance\.now\b/, allowed: /^core\/clock\.ts$/ },
  {
    what: "uses an AbortSignal that can be collected",
    pattern: /\bAbortSignal\.(any|timeout)\b/,
    allowed: /^$/,
  },
  { what: "draws its own random numbers", pattern: /\bMath\.random\b/, allowed: /^core\/random\.ts$/ },
  { what: "reveals a secret", pattern: /\.reveal\(/, allowed: /^wire\// },
  { what: "ends the process", pattern: /\bprocess\.exit\(/, allowed: /^cli\/interrupt\.ts$/ },
  {
    what: "loads Node's own undici",
    pattern: /from "node:http"|import\("node:http"\)/,
    allowed: /^$/,
  },
  { what: "counts money in floating point", pattern: /\bparseFloat\b|\bNumber\(/, allowed: /^(?!ledger\/)/ },
];

const sources = globSync("**/*.{ts,tsx}", { cwd: SOURCES }).map((file) => ({
  file,
  lines: readFileSync(resolve(SOURCES, file), "utf8").split("\n"),
}));

function offences(files: typeof sources): string[] {
  return files.flatMap(({ file, lines }) =>
    lines.flatMap((line, index) =>
      RULES.filter(
        ({ pattern, allowed }) =>
          !isComment(line) && !isType(line) && pattern.test(line) && !allowed.test(file),
      ).map(({ what }) => `${file}:${index + 1} ${what}`),
    ),
  );
}

const isComment = (line: string) => /^\s*(\/\/|\*|\/\*)/.test(line);
const isType = (line: string) => /^\s*(import|export) type\b/.test(line);

describe("words that belong to one file", () => {
  it("are found nowhere else", () => expect(offences(sources)).toEqual([]));

  it("are caught when planted", () => {
    const planted = [
      "performance.now()",
      "AbortSignal.any([])",
      "Math.random()",
      "key.reveal()",
      "process.exit(1)",
    ];
    expect(offences([{ file: "engine/x.ts", lines: planted }])).toHaveLength(planted.length);
  });
});
