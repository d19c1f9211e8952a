import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { plainText } from "../../src/core/text.ts";

describe("a stranger's words", () => {
  it.each([
    ["  plain words ", "plain words"],
    ["two\r\nlines\tand\ttabs", "two lines and tabs"],
    ["\u001b[31mred\u001b[0m", "[31mred [0m"],
    ["a\u0000b\u007fc\u009bd\u2028e\u2029f", "a b c d e f"],
    ["", ""],
    ["Grüße 🌊", "Grüße 🌊"],
  ])("%j become %j", (text, expected) => {
    expect(plainText(text)).toBe(expected);
  });

  it("come on one line, well formed, of at most 2,000 characters (ER-2)", () => {
    const word = fc.string({ unit: "binary", maxLength: 3_000, size: "max" });
    fc.assert(
      fc.property(word, (text) => {
        const plain = plainText(text);
        expect(plain).not.toMatch(/[\p{Cc}\u2028\u2029]/u);
        expect(plain.length).toBeLessThanOrEqual(2_000);
        expect(plain.isWellFormed()).toBe(true);
      }),
    );
  });
});
