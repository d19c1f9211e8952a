import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { beyond, characters, type TextGate, without } from "../../src/engine/text-gate.ts";

/** Everything the gate hands on when the text comes in these pieces. */
function through(gate: TextGate, pieces: readonly string[]): string {
  const handed = pieces.map((piece) => gate.push(piece));
  expect([...handed].every((text) => text.isWellFormed())).toBe(true);
  return handed.join("") + gate.end();
}

/** A text of whole characters, and the places where it is cut into pieces. */
const text = fc.string({ unit: "grapheme", maxLength: 30 });
const piecesOf = (whole: string, cuts: readonly number[]): readonly string[] => {
  const places = [...new Set(cuts.map((cut) => cut % (whole.length + 1)))].sort((a, b) => a - b);
  return [...places, whole.length].map((end, index) => whole.slice(places[index - 1] ?? 0, end));
};
const cuts = fc.array(fc.nat(200), { maxLength: 8 });

describe("text on its way to the caller (SR-6)", () => {
  it("comes through unchanged and in whole characters, however it arrives", () => {
    fc.assert(
      fc.property(text, cuts, (whole, at) => {
        expect(through(characters(), piecesOf(whole, at))).toBe(whole);
      }),
    );
  });

  it("has the replacement character where half a character stays alone", () => {
    expect(through(characters(), ["a\ud83d", "b\ude00"])).toBe("a\ufffdb\ufffd");
    expect(through(characters(), ["a\ud83d"])).toBe("a\ufffd");
  });
});

describe("the text of a successor", () => {
  it("begins after exactly what was delivered (SR-4)", () => {
    fc.assert(
      fc.property(text, text, cuts, (delivered, rest, at) => {
        expect(through(beyond(delivered), piecesOf(delivered + rest, at))).toBe(rest);
      }),
    );
  });

  it("is refused at its first difference, before anything of it was handed on", () => {
    fc.assert(
      fc.property(text, text, cuts, (delivered, other, at) => {
        fc.pre(!other.startsWith(delivered));
        const gate = beyond(delivered);
        expect(() => through(gate, piecesOf(other, at))).toThrow(/does not begin/);
      }),
    );
  });

  it("is not normalised: the same word in other code points is another one", () => {
    expect(() => beyond("\u00e9").push("e\u0301")).toThrow(/does not begin/);
  });

  it.each([
    ["all of it", " \n\n", [" \n\ntwo"], "two"],
    ["in pieces", " \n\n", [" ", "\n", "\ntwo"], "two"],
    ["the beginning of it", " \n\n", [" two"], "two"],
    ["none of it", " \n\n", ["two \n\n"], "two \n\n"],
    ["only once", " ", ["  two"], " two"],
    ["nothing else", "", [" two"], " two"],
  ])("drops the white space that was delivered before: %s (SR-5)", (_name, dropped, pieces, handed) => {
    expect(through(without(dropped), pieces)).toBe(handed);
  });
});
