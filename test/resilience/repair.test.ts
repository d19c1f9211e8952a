import { describe, expect, it } from "vitest";
import { type ErrorCode, type ErrorFacts, RiptideError } from "../../src/core/errors.ts";
import { repairOf } from "../../src/resilience/repair.ts";

const error = (code: ErrorCode, facts: ErrorFacts = {}) => new RiptideError(code, "no", facts);
const waitOf = (code: ErrorCode, facts: ErrorFacts, remainingMs: number, random = 0.5) =>
  repairOf(error(code, facts), remainingMs, () => random)?.waitMs ?? null;

describe("the same provider once more (AT-3)", () => {
  it.each([
    ["500", "provider_error", {}, 125],
    ["a refused connection", "connect_failed", {}, 125],
    ["a cut body", "protocol_error", { action: "repair", phase: "body" }, 125],
    ["another 5xx", "provider_error", { action: "next" }, null],
    ["a connect timeout", "connect_failed", { action: "next" }, null],
    ["a malformed answer", "protocol_error", { action: "next" }, null],
    ["a timeout", "attempt_timeout", {}, null],
    ["wrong credentials", "auth_failed", {}, null],
    ["a spent quota", "quota_exhausted", {}, null],
    ["overload that names no wait", "overloaded", {}, null],
    ["a rate limit that names no wait", "rate_limited", {}, null],
    ["a wait that fits", "rate_limited", { retryAfterMs: 1_500 }, 1_500],
    ["a wait that does not", "overloaded", { retryAfterMs: 1_501 }, null],
  ] as const)("after %s", (_name, code, facts, waitMs) => {
    expect(waitOf(code, facts, 3_000)).toBe(waitMs);
  });

  it("waits from nothing to 250 ms, and wants 800 ms after it", () => {
    expect([0, 0.999].map((random) => waitOf("provider_error", {}, 2_000, random))).toEqual([0, 249.75]);
    expect(waitOf("provider_error", {}, 925)).toBe(125);
    expect(waitOf("provider_error", {}, 924)).toBe(null);
  });
});

it("is made at once, on a new connection, where the old one had been given up (AT-4)", () => {
  const facts = { action: "repair", phase: "headers" } as const;
  const stale = error("protocol_error", { ...facts, connectionReused: true });
  expect(repairOf(stale, 300, () => 0.5)).toEqual({ waitMs: 0, fresh: true });
  const fresh = error("protocol_error", { ...facts, connectionReused: false });
  expect(repairOf(fresh, 3_000, () => 0.5)).toEqual({ waitMs: 125, fresh: false });
});
