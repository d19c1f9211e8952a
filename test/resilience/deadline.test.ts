import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { connectLimitMs, sliceMs } from "../../src/resilience/deadline.ts";

/** The slices of candidates that each use all of theirs. */
function slices(deadlineMs: number, candidates: number): readonly number[] {
  const given: number[] = [];
  let remainingMs = deadlineMs;
  for (let candidatesLeft = candidates; candidatesLeft > 0; candidatesLeft -= 1) {
    given.push(sliceMs({ remainingMs, candidatesLeft }));
    remainingMs -= given.at(-1) ?? 0;
  }
  return given;
}

describe("a slice of the deadline (DL-3)", () => {
  it.each([
    [5_000, 1, [5_000]],
    [5_000, 2, [3_000, 2_000]],
    [5_000, 3, [3_000, 1_200, 800]],
    [3_000, 2, [1_800, 1_200]],
    [1_000, 2, [800, 0]],
    [1_049, 2, [800, 0]],
    [1_050, 2, [800, 250]],
    [700, 2, [700, 0]],
    [250, 1, [250]],
    [249, 1, [0]],
    [0, 1, [0]],
    [-5, 2, [0, 0]],
  ])("of %i ms among %i is %j", (deadlineMs, candidates, expected) => {
    expect(slices(deadlineMs, candidates)).toEqual(expected);
  });

  it("is rounded down to a whole millisecond", () => {
    expect(sliceMs({ remainingMs: 4_999, candidatesLeft: 2 })).toBe(2_999);
  });

  it("is no longer than the provider's own cap, however short that is", () => {
    const ask = { remainingMs: 5_000, candidatesLeft: 2 };
    expect(sliceMs({ ...ask, attemptCapMs: 2_000 })).toBe(2_000);
    expect(sliceMs({ ...ask, attemptCapMs: 100 })).toBe(100);
    expect(sliceMs({ ...ask, attemptCapMs: 9_000 })).toBe(3_000);
  });

  it("leaves every attempt of every operation within its deadline", () => {
    const attempt = fc.record({
      capMs: fc.option(fc.integer({ min: 1, max: 20_000 }), { nil: undefined }),
      usedShare: fc.double({ min: 0, max: 1, noNaN: true }),
    });
    const plan = fc.array(attempt, { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 600_000 }), plan, (deadlineMs, attempts) => {
        let usedMs = 0;
        for (const [index, { capMs, usedShare }] of attempts.entries()) {
          const remainingMs = deadlineMs - usedMs;
          const candidatesLeft = attempts.length - index;
          const slice = sliceMs({ remainingMs, candidatesLeft, attemptCapMs: capMs });
          expect(slice).toBeLessThanOrEqual(capMs ?? slice);
          if (slice === 0) expect(remainingMs).toBeLessThan(250);
          usedMs += slice * usedShare;
          expect(usedMs).toBeLessThanOrEqual(deadlineMs + 1e-6);
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it("of the last candidate is all that is left", () => {
    fc.assert(
      fc.property(fc.integer({ min: 250, max: 600_000 }), (remainingMs) => {
        expect(sliceMs({ remainingMs, candidatesLeft: 1 })).toBe(remainingMs);
      }),
    );
  });
});

describe("the limit of connecting (DL-4)", () => {
  it.each([
    [5_000, undefined, 1_000],
    [1_200, undefined, 600],
    [3_000, 300, 300],
    [3_000, 4_000, 1_000],
    [300, 200, 150],
  ])("of a slice of %i ms with a cap of %s is %i", (slice, capMs, expected) => {
    expect(connectLimitMs(slice, capMs)).toBe(expected);
  });
});
