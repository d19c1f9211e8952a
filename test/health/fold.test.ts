import { describe, expect, it } from "vitest";
import type { ProbeRow, Sample } from "../../src/core/sample.ts";
import { healthOf } from "../../src/health/fold.ts";

const NOW = 1_000_000_000;
const WATCHED = { provider: "a", endpoint: "e1", rules: { fall: 3, rise: 2, sliceMs: 1_000 } };

const probe = (agoMs: number, more: Partial<ProbeRow> = {}): ProbeRow => ({
  provider: "a",
  endpoint: "e1",
  level: "auth",
  status: "pass",
  latencyMs: 10,
  code: null,
  atMs: NOW - agoMs,
  ...more,
});
const failed = (agoMs: number, code = "connect_failed") => probe(agoMs, { status: "fail", code });

const attempt = (agoMs: number, more: Partial<Sample> = {}): Sample => ({
  provider: "a",
  model: "m",
  endpoint: "e1",
  effect: "success",
  ttftMs: 100,
  totalMs: 200,
  endedMs: NOW - agoMs,
  ...more,
});

const fold = (probes: readonly ProbeRow[], samples: readonly Sample[] = []) =>
  healthOf({ probes, samples }, WATCHED, NOW);

describe("what a new process knows of a provider (HM-1)", () => {
  it.each([
    ["nothing without rows", [], "unknown"],
    ["the last probe", [probe(1_000)], "healthy"],
    [
      "a probe that passed with a warning answered all the same",
      [probe(1_000, { status: "warn" })],
      "healthy",
    ],
    ["three failures", [failed(3_000), failed(2_000), failed(1_000)], "down"],
    ["a refused key", [failed(1_000, "auth_failed")], "misconfigured"],
    ["a code of a later version is a failure", [failed(1_000, "from_the_future")], "degraded"],
    [
      "429 changes nothing",
      [probe(2_000), probe(1_000, { status: "unknown", code: "rate_limited" })],
      "healthy",
    ],
    [
      "404 makes it unknown",
      [probe(2_000), probe(1_000, { status: "unknown", code: "model_not_found" })],
      "unknown",
    ],
    ["rows of five minutes and more ago do not count", [failed(300_000, "auth_failed")], "unknown"],
    ["rows of almost five minutes ago do", [failed(299_999, "auth_failed")], "misconfigured"],
    ["rows of the future do not count", [failed(-1_001, "auth_failed")], "unknown"],
    ["another provider's rows do not count", [probe(1_000, { provider: "b" })], "unknown"],
    ["another endpoint's rows do not count", [probe(1_000, { endpoint: "e2" })], "unknown"],
  ] as const)("%s", (_name, probes, expected) => expect(fold(probes)).toBe(expected));

  it("puts probes and attempts in the order of their times, whatever order they come in", () => {
    const samples = [attempt(1_000), attempt(5_000, { effect: "failure" })];
    expect(fold([failed(4_000), failed(3_000)], samples)).toBe("degraded");
    expect(fold([failed(3_000), failed(4_000)], samples.toReversed())).toBe("degraded");
    expect(fold([failed(4_000), failed(500)], [attempt(5_000, { effect: "failure" })])).toBe("down");
  });

  it("is degraded by first tokens that need most of a slice, of the last minute only (HM-4)", () => {
    const slow = (agoMs: number) => Array.from({ length: 5 }, () => attempt(agoMs, { ttftMs: 801 }));
    expect(fold([], slow(1_000))).toBe("degraded");
    expect(fold([], slow(60_000))).toBe("healthy");
    expect(fold([], slow(1_000).slice(1))).toBe("healthy");
  });
});
