import { describe, expect, it } from "vitest";
import { seededRandom } from "../../src/core/random.ts";

const take = (seed: number, count: number) => {
  const random = seededRandom(seed);
  return Array.from({ length: count }, random);
};

describe("a seeded generator", () => {
  it("gives the same sequence for the same seed, on every machine", () => {
    expect(take(7, 5)).toEqual(take(7, 5));
    expect(take(7, 5)).not.toEqual(take(8, 5));
    expect(take(1, 3).map((value) => value.toFixed(12))).toEqual([
      "0.627073940588",
      "0.002735721180",
      "0.527447039960",
    ]);
  });

  it("stays within 0 and 1 and spreads evenly, whatever the seed", () => {
    for (const seed of [0, 1, -1, 0xffff_ffff, 2 ** 40, 1.5]) {
      const values = take(seed, 4_000);
      expect(values.every((value) => value >= 0 && value < 1)).toBe(true);
      for (let tenth = 0; tenth < 10; tenth += 1) {
        const inside = values.filter((value) => Math.floor(value * 10) === tenth).length;
        expect(inside).toBeGreaterThan(320);
        expect(inside).toBeLessThan(480);
      }
    }
  });
});
