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
    what: "loads all of node:http",
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
    const planted: readonly (readonly [rule: string, file: string, line: string])[] = [
      ["reads time by itself", "engine/x.ts", "const now = performance.now();"],
      ["uses an AbortSignal that can be collected", "engine/x.ts", "AbortSignal.any([signal])"],
      ["draws its own random numbers", "engine/x.ts", "const jitter = Math.random();"],
      ["reveals a secret", "providers/x.ts", "const key = secret.reveal();"],
      ["ends the process", "engine/x.ts", "process.exit(1);"],
      ["loads all of node:http", "wire/x.ts", 'import { request } from "node:http";'],
      ["counts money in floating point", "ledger/x.ts", "const price = Number(text);"],
    ];
    expect(planted.map(([rule]) => rule)).toEqual(RULES.map(({ what }) => what));
    for (const [rule, file, line] of planted) {
      expect(offences([{ file, lines: ["const x = 1;", line] }])).toEqual([`${file}:2 ${rule}`]);
    }
  });
});
