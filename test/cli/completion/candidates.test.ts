import { describe, expect, it } from "vitest";
import { COMMANDS } from "../../../src/cli/commands.ts";
import { candidatesFor, type NameKind } from "../../../src/cli/completion/candidates.ts";

const NAMES: Readonly<Record<NameKind, readonly string[]>> = {
  models: ["default", "mock/small", "ollama/llama3.2:1b"],
  providers: ["mock", "openai"],
  tenants: ["default", "acme"],
};

async function offered(...words: string[]): Promise<readonly string[] | "files"> {
  const offer = await candidatesFor(words, COMMANDS, async (kind) => NAMES[kind]);
  return offer === "files" ? offer : offer.map(({ value }) => value);
}

describe("what a command line offers", () => {
  it("are commands and groups at first, and none that is hidden", async () => {
    const first = await offered("");
    expect(first).toEqual(expect.arrayContaining(["complete", "config", "daemon", "help"]));
    expect(first).not.toContain("__complete");
    expect(new Set(first).size).toBe(first.length);
    expect(await offered("comp")).toEqual(["complete", "completion"]);
  });

  it.each([
    [
      ["config", ""],
      ["init", "path", "show", "diff", "validate", "schema"],
    ],
    [["--json", "daemon", "rel"], ["reload"]],
    [["-C", "config", "config", "sch"], ["schema"]],
    [
      ["completion", ""],
      ["bash", "zsh", "fish"],
    ],
    [
      ["dashboard", "c"],
      ["costs", "circuits"],
    ],
    [["complete", "--model", ""], NAMES.models],
    [["complete", "-m", "mock"], ["mock/small"]],
    [["complete", "--model=oll"], ["--model=ollama/llama3.2:1b"]],
    [["complete", "--strategy", "l"], ["lowest-cost"]],
    [
      ["complete", "-o", ""],
      ["text", "json", "jsonl"],
    ],
    [["complete", "--tenant", "a"], ["acme"]],
    [
      ["--color", ""],
      ["auto", "always", "never"],
    ],
    [["providers", "show", ""], NAMES.providers],
    [["models", "show", "d"], ["default"]],
    [["complete", "--stream-"], ["--stream-recovery"]],
    [["complete", "hello", "--mode"], ["--model"]],
    [["complete", "--model", "default", "--mode"], []],
    [["nonsense", ""], []],
  ])("after %j is %j", async (words, expected) => {
    expect(await offered(...words)).toEqual(expect.arrayContaining([...expected]));
    expect((await offered(...words)).length).toBe(expected.length);
  });

  it.each([[["complete", "-f", ""]], [["complete", "--schema", "ris"]], [["config", "validate", ""]]])(
    "are files after %j",
    async (words) => {
      expect(await offered(...words)).toBe("files");
    },
  );

  it("are no flags behind the dashes that end them", async () => {
    expect(await offered("complete", "--", "--mod")).toEqual([]);
  });
});
