import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cleaned } from "../../src/tui/clean.ts";
import { clipped, cut, filled, type Line, lineWidth, pad, plainText, widthOf } from "../../src/tui/line.ts";
import { barOf, course, gathered, gauge } from "../../src/tui/look.ts";

const spans = fc.array(
  fc.string({ unit: "grapheme" }).map((text) => [text.replace(/[\n\t\r]/g, "")] as const),
);

describe("a line", () => {
  it("takes exactly the columns it is given, whatever stands in it", () => {
    fc.assert(
      fc.property(spans, fc.integer({ min: 1, max: 40 }), (line, columns) => {
        const width = lineWidth(filled(line, columns));
        // Half of a wide character cannot be shown.
        expect(width).toBe(columns);
        expect(lineWidth(clipped(line, columns))).toBeLessThanOrEqual(columns);
      }),
    );
  });

  it.each([
    ["abcdef", 4, "abc…"],
    ["abcd", 4, "abcd"],
    ["日本語", 4, "日…"],
    ["日本語", 6, "日本語"],
    ["👩‍👩‍👧‍👧👩‍👩‍👧‍👧", 3, "👩‍👩‍👧‍👧…"],
    ["abc", 0, ""],
  ])("cuts %s to %i columns between what a reader calls characters", (text, columns, shown) =>
    expect(cut(text, columns)).toBe(shown),
  );

  it("is marked where it was cut, also between two pieces", () => {
    const line: Line = [["abcd"], ["efgh"]];
    expect(plainText(clipped(line, 6))).toBe("abcde…");
    expect(plainText(clipped(line, 4))).toBe("abc…");
    expect(plainText(clipped(line, 7, "..."))).toBe("abcd...");
  });

  it("pads by columns, not by characters", () =>
    expect([pad("日", 4), pad("7", 3, "right")]).toEqual(["日  ", "  7"]));
});

describe("bars and courses", () => {
  it("are as long as their share, and never longer than their room", () => {
    expect(gauge(0.5, 10, false)).toBe("█████░░░░░");
    expect(gauge(7, 10, true)).toBe("##########");
    expect(gauge(0, 4, true)).toBe("....");
    expect(widthOf(gauge(0.333, 10, false))).toBe(10);
    expect(barOf(1, 4, 8, false)).toBe("██");
    expect(barOf(0, 4, 8, false)).toBe("");
  });

  it("add neighbours up where there are more values than columns, the newest at the end", () => {
    expect(gathered([1, 2, 3, 4, 5], 2)).toEqual([3, 12]);
    expect(gathered([1, 2], 5)).toEqual([1, 2]);
    expect(course([0, 0, 8], 3, true)).toBe("..#");
    expect(
      course(
        Array.from({ length: 60 }, () => 1),
        20,
        false,
      ),
    ).toHaveLength(20);
  });
});

it("nothing of a document reaches the terminal that it would obey", () => {
  const hostile = "a\u001b]52;c;cm0=\u0007b\u001b[2Jc\nd\u202ee\u009b31m";
  expect(cleaned({ [hostile]: [hostile, 1, null, { x: hostile }] })).toEqual({
    "abc de": ["abc de", 1, null, { x: "abc de" }],
  });
});
