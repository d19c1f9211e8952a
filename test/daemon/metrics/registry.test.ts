import { describe, expect, it } from "vitest";
import { createRegistry } from "../../../src/daemon/metrics/registry.ts";

describe("the metrics registry", () => {
  it("writes nothing of a metric that was never touched", () => {
    const registry = createRegistry();
    registry.counter("a_total", "A.");
    expect(registry.text()).toBe("");
  });

  it("counts per set of labels, and leaves out the empty ones", () => {
    const registry = createRegistry();
    const family = registry.counter("a_total", "A.", ["x", "y"]);
    family.of("1", "").add();
    family.of("1", "").add(2);
    family.of("1", 'q"\\\n').add();
    expect(registry.text()).toBe(
      '# HELP a_total A.\n# TYPE a_total counter\na_total{x="1"} 3\na_total{x="1",y="q\\"\\\\\\n"} 1\n',
    );
  });

  it("adds up buckets from below; a value on a bound belongs to it", () => {
    const registry = createRegistry();
    const child = registry.histogram("h_seconds", "H.", ["k"], [1, 2]).of("v");
    for (const value of [0.5, 1, 1.5, 7]) child.observe(value);
    expect(registry.text().split("\n").slice(2)).toEqual([
      'h_seconds_bucket{k="v",le="1"} 2',
      'h_seconds_bucket{k="v",le="2"} 3',
      'h_seconds_bucket{k="v",le="+Inf"} 4',
      'h_seconds_sum{k="v"} 10',
      'h_seconds_count{k="v"} 4',
      "",
    ]);
  });

  it("does not grow without end", () => {
    const registry = createRegistry();
    const family = registry.counter("a_total", "A.", ["x"]);
    for (let n = 0; n < 5_000; n += 1) family.of(String(n)).add();
    const lines = registry.text().trimEnd().split("\n").slice(2);
    expect(lines.length).toBe(2_001);
    expect(lines.at(-1)).toBe('a_total{x="other"} 3000');
  });

  it("forgets what is cleared", () => {
    const registry = createRegistry();
    const family = registry.gauge("g", "G.", ["x"]);
    family.of("old").set(1);
    family.clear();
    family.of("new").set(2);
    expect(registry.text()).toContain('g{x="new"} 2');
    expect(registry.text()).not.toContain("old");
  });
});
