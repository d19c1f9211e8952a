import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  countAt,
  isObject,
  listAt,
  parseJson,
  shortText,
  textAt,
  valueAt,
} from "../../src/providers/read.ts";

const value = { a: [{ b: "c" }, null], n: 3, toString: undefined };

describe("a stranger's JSON", () => {
  it("is walked by keys and indexes, and ends early without a throw", () => {
    expect(textAt(value, "a", 0, "b")).toBe("c");
    expect(valueAt(value, "a", 1, "b")).toBeUndefined();
    expect(valueAt(value, "a", "0")).toBeUndefined();
    expect(valueAt("text", 0)).toBeUndefined();
    expect(valueAt({}, "constructor")).toBeUndefined();
    expect(listAt(value, "n")).toEqual([]);
    expect([null, [], "x", 1].some(isObject)).toBe(false);
  });

  it.each([-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 1e308, "12", null, true, [3]])(
    "%j is no count",
    (n) => {
      expect(countAt({ n }, "n")).toBeUndefined();
    },
  );

  it("never throws, whatever the value and the path", () => {
    const path = fc.array(fc.oneof(fc.string(), fc.integer()));
    fc.assert(
      fc.property(fc.jsonValue(), path, (json, steps) => {
        const count = countAt(json, ...steps);
        expect(count === undefined || (Number.isSafeInteger(count) && count >= 0)).toBe(true);
      }),
    );
  });

  it.each([
    ["", "the answer is empty"],
    ["  \n", "the answer is empty"],
    ["<!DOCTYPE html><p>hi", "the answer is a web page"],
    ["{oops", "the answer is not JSON (5 characters)"],
  ])("%j is a protocol_error", (text, message) => {
    const error = expect.objectContaining({
      code: "protocol_error",
      message: expect.stringContaining(message),
    });
    expect(() => parseJson(text)).toThrow(error);
    expect(() => parseJson(new TextEncoder().encode(text))).toThrow(error);
  });
});

describe("the words of a body that is no JSON", () => {
  const words = (text: string) => shortText(new TextEncoder().encode(text));
  it("are short, on one line, and nothing of a page", () => {
    expect(words("no\nhealthy upstream")).toBe("no healthy upstream");
    expect(words("x".repeat(9_000))).toHaveLength(120);
    expect(words("  <HTML><b>x")).toBe("");
    expect(words("Error <b>x</b>")).toBe("");
  });

  it.each(['{"input":"my prompt"}', ' [{"input":', '"my prompt"'])("quote nothing of JSON: %s", (body) => {
    expect(words(body)).toBe("");
  });
});
