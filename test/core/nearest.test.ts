import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { nearest } from "../../src/core/nearest.ts";

describe("the word nearest to a mistyped one", () => {
  it.each([
    ["opnai", ["openai", "ollama"], "openai"],
    ["azuer", ["azure", "openai"], "azure"],
    ["OpenAI", ["openai"], "openai"],
    ["ollama3", ["ollama", "openai"], "ollama"],
    ["comlpetion", ["completion", "embedding"], "completion"],
    ["a", ["b"], "b"],
    ["same", ["same", "sane"], "same"],
    ["tide", ["tidy", "side"], "tidy"],
  ])("%s means one of %j", (word, known, expected) => {
    expect(nearest(word, known)).toBe(expected);
  });

  it.each([
    ["mistral", ["openai", "ollama"]],
    ["xy", ["ab"]],
    ["anything", []],
    ["", ["openai"]],
  ])("%j means none of %j", (word, known) => {
    expect(nearest(word, known)).toBeUndefined();
  });

  it("finds every word again after one edit", () => {
    const known = ["anthropic", "bedrock", "deepseek", "mistral"];
    fc.assert(
      fc.property(
        fc.constantFrom(...known),
        fc.nat(),
        fc.constantFrom("drop", "swap", "add"),
        (word, at, edit) => {
          const index = at % (word.length - 1);
          const [head, tail] = [word.slice(0, index), word.slice(index)];
          const edited = {
            drop: head + tail.slice(1),
            swap: head + (tail[1] ?? "") + (tail[0] ?? "") + tail.slice(2),
            add: `${head}x${tail}`,
          }[edit];
          expect(nearest(edited, known)).toBe(word);
        },
      ),
    );
  });
});
