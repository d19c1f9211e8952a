import { describe, expect, it } from "vitest";
import {
  type BreakerEffect,
  ERRORS,
  type ErrorCode,
  type ErrorFacts,
  RiptideError,
} from "../../src/core/errors.ts";
import { effectOf } from "../../src/resilience/effect.ts";

const FULL = { sliceMs: 3_000, configuredDeadlineMs: 5_000, attemptCapMs: undefined };

const effect = (code: ErrorCode, facts: ErrorFacts = {}, slice: Parameters<typeof effectOf>[1] = FULL) =>
  effectOf(new RiptideError(code, "x", facts), slice);

describe("how an attempt counts for its breaker (CB-2)", () => {
  const FAILURES: readonly ErrorCode[] = [
    "overloaded",
    "provider_error",
    "connect_failed",
    "protocol_error",
    "attempt_timeout",
    "deadline_exceeded",
    "stream_interrupted",
    "stream_idle",
  ];
  const SUCCESSES: readonly ErrorCode[] = ["schema_invalid", "incomplete"];
  const expected = (code: ErrorCode): BreakerEffect => {
    if (FAILURES.includes(code)) return "failure";
    return SUCCESSES.includes(code) ? "success" : "ignored";
  };

  // The table's own keys.
  it.each(Object.keys(ERRORS) as ErrorCode[])("%s", (code) => {
    expect(effect(code)).toBe(expected(code));
  });

  it("an answer is a success", () => {
    expect(effectOf(undefined, FULL)).toBe("success");
  });

  it.each([
    ["connect_failed", "lookup", "failure"],
    ["connect_failed", "connect", "failure"],
    ["connect_failed", "tls", "failure"],
    ["connect_failed", "timeout", "failure"],
    ["connect_failed", "policy", "ignored"],
    ["protocol_error", "headers", "failure"],
    ["protocol_error", "body", "failure"],
  ] as const)("%s at %s is a %s", (code, phase, counts) => {
    expect(effect(code, { phase })).toBe(counts);
  });

  it.each(["protocol_error", "connect_failed"] as const)(
    "%s on a stale connection is ignored (AT-4)",
    (code) => {
      const stale = { phase: "headers", connectionReused: true, action: "repair" } as const;
      expect(effect(code, stale)).toBe("ignored");
      expect(effect(code, { ...stale, connectionReused: false })).toBe("failure");
      expect(effect(code, { ...stale, phase: "body" })).toBe("failure");
      expect(effect(code, { ...stale, action: "next" })).toBe("failure");
    },
  );
});

describe.each(["attempt_timeout", "deadline_exceeded"] as const)("%s", (code) => {
  it.each([
    [3_000, 5_000, undefined, "failure"],
    [5_000, 5_000, undefined, "failure"],
    [2_999, 5_000, undefined, "failure"],
    [2_940, 5_000, undefined, "failure"],
    [2_939, 5_000, undefined, "ignored"],
    [2_000, 5_000, undefined, "ignored"],
    [300, 5_000, undefined, "ignored"],
    [2_000, 5_000, 2_000, "failure"],
    [1_999, 5_000, 2_000, "ignored"],
    [1_800, 3_000, undefined, "failure"],
    [570, 1_000, undefined, "failure"],
    [569, 1_000, undefined, "ignored"],
    [9_000, 5_000, undefined, "failure"],
  ] as const)(
    "after a slice of %i ms, %i being configured and the cap being %s, is %s (CB-2)",
    (sliceMs, configuredDeadlineMs, attemptCapMs, counts) => {
      expect(effect(code, {}, { sliceMs, configuredDeadlineMs, attemptCapMs })).toBe(counts);
    },
  );
});

describe("a connect timeout (DL-4)", () => {
  it.each([
    [2_000, 5_000, "failure"],
    [1_999, 5_000, "ignored"],
    [300, 5_000, "ignored"],
    [600, 1_000, "failure"],
  ] as const)("in a slice of %i ms, %i being configured, is %s", (sliceMs, configuredDeadlineMs, counts) => {
    expect(effect("connect_failed", { phase: "timeout" }, { sliceMs, configuredDeadlineMs })).toBe(counts);
  });
});
