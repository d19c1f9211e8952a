import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { growingText } from "../../src/engine/growing-text.ts";

describe("growing text", () => {
  it("is empty at first", () => expect(growingText().whole()).toBe(""));

  it("is its pieces in order, however many they are and whenever it is read", () => {
    const pieces = fc.array(fc.string({ maxLength: 3 }), { maxLength: 700 });
    fc.assert(
      fc.property(pieces, fc.nat(699), (given, readAfter) => {
        const text = growingText();
        for (const [index, piece] of given.entries()) {
          text.add(piece);
          if (index === readAfter) expect(text.whole()).toBe(given.slice(0, index + 1).join(""));
        }
        expect(text.whole()).toBe(given.join(""));
      }),
    );
  });
});
