import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { runInTerminal, type Terminal } from "../helpers/run-cli.ts";
import { useStage } from "./stage.ts";

const stage = useStage();

/** Answers each question as it comes; the last text is typed after the last one. */
async function answer({ type, waitFor }: Terminal, answers: readonly (readonly [string, string])[]) {
  for (const [question, text] of answers) {
    await waitFor(question);
    type(text);
  }
}

const PROVIDERS = "in the order they are asked? [";
const LIMIT = "a month, for everything? [no limit]";

describe("config init at a terminal", () => {
  const begin = async (answers: readonly (readonly [string, string])[], ...flags: readonly string[]) => {
    const place = await stage.workplace();
    const file = `${place.folder}/new.yaml`;
    const result = await runInTerminal(["config", "init", "-C", file, ...flags], {
      ...{
        home: place.folder,
        cwd: place.folder,
        columns: 200,
        env: { OPENAI_API_KEY: "sk-secret-of-mine" },
      },
      act: (terminal) => answer(terminal, answers),
    });
    return { ...result, place, file };
  };

  it("asks for providers and a limit, shows the file, and writes one that is valid and holds no key", async () => {
    const { code, output, place, file } = await begin([
      [PROVIDERS, "9\r"],
      ['"9" is none of 1 to 7', "mock 1\r"],
      [LIMIT, "much\r"],
      ['"much" is no amount', "12.5\r"],
      ["Write it to", "\r"],
    ]);
    expect([code, output.includes("sk-secret-of-mine")]).toEqual([0, false]);
    expect(output).toContain("1 openai        ready: OPENAI_API_KEY set");
    const text = await readFile(file, "utf8");
    expect(text).toContain("targets: [mock/mock-small, openai/gpt-4.1-mini]");
    expect(text).toContain("  - { limit: 12.5, period: month }");
    expect((await place.run(["config", "validate", "-C", file])).stdout).toContain("valid");
  });

  it.each([
    [
      "no at the end",
      [
        [PROVIDERS, "\r"],
        [LIMIT, "\r"],
        ["Write it to", "n\r"],
      ],
      1,
    ],
    ["the end of input", [[PROVIDERS, "\u0004"]], 1],
    [
      "Ctrl-C",
      [
        [PROVIDERS, "\r"],
        [LIMIT, "\u0003"],
      ],
      130,
    ],
  ] as const)("writes nothing after %s", async (_name, answers, exit) => {
    const { code, file } = await begin(answers);
    expect([code, existsSync(file)]).toEqual([exit, false]);
  });

  it.each([["--providers=mock"], ["--no-input"]])("asks nothing with %s", async (flag) => {
    const { code, output, file } = await begin([], flag);
    expect([code, output.includes(PROVIDERS), existsSync(file)]).toEqual([0, false, true]);
  });
});
