import { describe, expect, it } from "vitest";
import type { Sample } from "../../src/core/sample.ts";
import { createLatencyWindow, ttftP50Ms } from "../../src/health/latency.ts";

const sampleOf = (more: Partial<Sample> = {}): Sample => ({
  provider: "a",
  model: "m",
  endpoint: "e",
  effect: "success",
  ttftMs: 100,
  totalMs: 1_000,
  endedMs: 0,
  ...more,
});

const samples = (times: readonly (number | null)[], more: Partial<Sample> = {}) =>
  times.map((ttftMs) => sampleOf({ ...more, ttftMs }));

describe("the median time to the first token", () => {
  const target = { provider: "a", model: "m" };

  it("needs five samples (FB-3)", () => {
    expect(ttftP50Ms(samples([1, 2, 3, 4]), target)).toBeUndefined();
    expect(ttftP50Ms(samples([100, 100, 100, 100, 100]), target)).toBe(100);
  });

  it("is rounded to 10 ms (FB-3)", () => {
    expect(ttftP50Ms(samples([1, 1, 124, 999, 999]), target)).toBe(120);
    expect(ttftP50Ms(samples([1, 1, 125, 999, 999]), target)).toBe(130);
  });

  it("is that of the target's own answers, in any order", () => {
    const others = [
      ...samples([5, 5, 5, 5, 5], { model: "other" }),
      ...samples([5, 5, 5, 5, 5], { provider: "b" }),
      ...samples([5, 5, 5, 5, 5], { effect: "failure" }),
      ...samples([null, null, null, null, null]),
    ];
    const own = samples([900, 100, 500, 300, 700]);
    expect(ttftP50Ms(others, target)).toBeUndefined();
    expect(ttftP50Ms([...others, ...own].toReversed(), target)).toBe(500);
  });
});

describe("a window of latencies", () => {
  const filled = (count: number, more: (index: number) => Partial<Sample>) => {
    const window = createLatencyWindow();
    for (let index = 1; index <= count; index += 1) window.note(sampleOf(more(index)));
    return window;
  };

  it("knows nothing of fewer than five answers", () => {
    const window = filled(4, () => ({ endedMs: 10 }));
    expect(window.over(60_000, 20)).toEqual({ firstToken: null, total: null });
  });

  it("gives the nearest rank of the first token and of the whole answer", () => {
    const window = filled(100, (n) => ({ ttftMs: n, totalMs: 10 * n, endedMs: n }));
    expect(window.over(60_000, 100)).toEqual({
      firstToken: { p50Ms: 50, p95Ms: 95 },
      total: { p50Ms: 500, p95Ms: 950 },
    });
  });

  it("leaves out what is older than asked for, and failures", () => {
    const window = filled(20, (n) => ({
      ttftMs: n,
      endedMs: n * 1_000,
      effect: n % 2 === 0 ? "success" : "failure",
    }));
    expect(window.over(10_000, 20_000).firstToken).toEqual({ p50Ms: 16, p95Ms: 20 });
    expect(window.over(8_000, 20_000).firstToken).toBeNull();
  });

  it("counts an answer without a first token in its whole time only", () => {
    const window = filled(5, () => ({ ttftMs: null, totalMs: 70 }));
    expect(window.over(60_000, 0)).toEqual({ firstToken: null, total: { p50Ms: 70, p95Ms: 70 } });
  });

  it("keeps the newest of any number", () => {
    const window = filled(5_000, (n) => ({ ttftMs: n }));
    expect(window.over(60_000, 0).firstToken?.p50Ms).toBe(5_000 - 512);
  });
});
