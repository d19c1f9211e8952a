import { describe, expect, it } from "vitest";
import { assemblePrompt, stdinModeFor } from "../../../src/cli/input/prompt.ts";

const FILES: Readonly<Record<string, string>> = {
  "a.txt": "text of a",
  "b.txt": "text of b",
  "t.txt": "sum up {{stdin}}",
};
const readFile = async (path: string) => FILES[path] ?? "";
const assemble = (words: readonly string[], files: readonly string[], stdin?: string) =>
  assemblePrompt({ words, files }, stdin, readFile);

describe("assemblePrompt", () => {
  it.each<[string, string[], string[], string | undefined, string]>([
    ["joins arguments by a space", ["say", "hello"], [], undefined, "say hello"],
    ["takes a file as the prompt", [], ["a.txt"], undefined, "text of a"],
    [
      "puts files after the arguments, apart",
      ["sum up"],
      ["a.txt", "b.txt"],
      undefined,
      "sum up\n\ntext of a\n\ntext of b",
    ],
    ["takes stdin as the prompt, byte for byte", [], [], "a\r\nb\r\n", "a\r\nb\r\n"],
    ["appends stdin as a block", ["sum up"], [], "a\nb", "sum up\n\n<stdin>\na\nb\n</stdin>"],
    ["adds no second line end to the block", ["sum up"], [], "a\n", "sum up\n\n<stdin>\na\n</stdin>"],
    ["puts stdin where the prompt names it", ["from {{stdin}} to {{stdin}}"], [], "x", "from x to x"],
    ["inserts replacement patterns as they are", ["say {{stdin}}"], [], "$& $1 $$", "say $& $1 $$"],
    ["puts stdin where a prompt file names it", [], ["t.txt"], "x", "sum up x"],
    [
      "reads the name only in the prompt itself",
      ["do"],
      ["t.txt"],
      "x",
      "do\n\nsum up {{stdin}}\n\n<stdin>\nx\n</stdin>",
    ],
    [
      "puts stdin in its place among the files",
      ["do"],
      ["a.txt", "-", "b.txt"],
      "x",
      "do\n\ntext of a\n\nx\n\ntext of b",
    ],
    [
      "does not show the - that asks for stdin",
      ["-", "sum", "up"],
      [],
      "x",
      "sum up\n\n<stdin>\nx\n</stdin>",
    ],
    ["adds nothing for an empty stdin", ["sum up"], [], "", "sum up"],
  ])("%s", async (_name, words, files, stdin, expected) => {
    expect(await assemble(words, files, stdin)).toBe(expected);
  });

  it("refuses to send nothing", async () => {
    await expect(assemble([], [])).rejects.toMatchObject({ code: "usage", message: "no prompt", exit: 2 });
    await expect(assemble([" "], [], undefined)).rejects.toMatchObject({ message: "no prompt" });
    await expect(assemble([], [], " \n")).rejects.toMatchObject({
      message: "no prompt",
      facts: { reasons: ["stdin was read and holds no text"] },
    });
  });

  it("refuses a place for stdin that was not read", async () => {
    await expect(assemble(["explain {{stdin}}"], [])).rejects.toMatchObject({
      code: "usage",
      message: "the prompt names {{stdin}}, but stdin was not read",
    });
  });
});

describe("stdinModeFor", () => {
  it.each([
    [[], [], "auto", "auto"],
    [["x"], [], "never", "never"],
    [["-"], [], "auto", "always"],
    [[], ["-"], "auto", "always"],
  ] as const)("words %j and files %j with %s: %s", (words, files, mode, expected) => {
    expect(stdinModeFor({ words, files }, mode)).toBe(expected);
  });

  it("refuses - against never", () => {
    expect(() => stdinModeFor({ words: ["-"], files: [] }, "never")).toThrow("--stdin never forbids");
  });
});
