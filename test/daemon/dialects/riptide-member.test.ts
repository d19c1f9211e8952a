import { describe, expect, it } from "vitest";
import type { Json } from "../../../src/core/json.ts";
import { riptideMember } from "../../../src/daemon/dialects/riptide-member.ts";

describe("the riptide member", () => {
  it("says where a request goes, how long, how dear and for whom", () => {
    const value = {
      ...{ tenant: "acme", providers: ["a"], exclude: ["b"], strategy: "lowest-cost", fallback: ["c/m"] },
      ...{
        max_attempts: 4,
        stream_recovery: "off",
        timeout_ms: 1_500,
        max_cost_usd: "0.05",
        tags: { team: "x" },
      },
      ...{ schema: { type: "object" }, options: { top_k: 3 }, show_reasoning: true, strict_params: true },
    };
    expect(riptideMember(value, "fast")).toEqual({
      wishes: {
        ...{ tenant: "acme", timeoutMs: 1_500, maxAttempts: 4, streamRecovery: "off" },
        ...{ maxCostNano: 50_000_000, tags: { team: "x" } },
        route: {
          model: "fast",
          providers: ["a"],
          exclude: ["b"],
          strategy: "lowest-cost",
          fallback: ["c/m"],
        },
      },
      request: { schema: { name: "answer", schema: { type: "object" } }, options: { top_k: 3 } },
      ...{ showReasoning: true, strictParams: true },
    });
  });

  it("may be missing", () => {
    expect(riptideMember(undefined, undefined)).toMatchObject({ wishes: { tags: {} }, request: {} });
  });

  it("switches other targets off", () => {
    expect(riptideMember({ fallback: false }, undefined).wishes.route).toMatchObject({ noFallback: true });
  });

  it.each([
    [0.05, 50_000_000],
    ["$2", 2_000_000_000],
    ["5c", 50_000_000],
  ])("takes %j for an amount", (amount, nano) => {
    expect(riptideMember({ max_cost_usd: amount }, undefined).wishes.maxCostNano).toBe(nano);
  });

  it.each<[Json, string]>([
    ["x", "riptide: expected object, received string"],
    [{ tenat: "x" }, 'riptide: unrecognized key: "tenat"'],
    [{ tenant: "a b" }, "riptide.tenant: a tenant's name is 1 to 64"],
    [{ strategy: "best" }, 'riptide.strategy: expected one of "sequential"'],
    [{ fallback: true }, "riptide.fallback: expected a list of provider/model, or false"],
    [{ max_cost_usd: "lots" }, "riptide.max_cost_usd: expected an amount such as 0.05, $0.05 or 5c"],
    [{ max_cost_usd: -1 }, "riptide.max_cost_usd: expected an amount"],
    [{ timeout_ms: 0 }, "riptide.timeout_ms: too small"],
    [{ tags: { "1": "x" } }, "riptide.tags.1: "],
    [{ tags: { a: "x\ny" } }, "riptide.tags.a: expected one line of up to 256 characters"],
    [{ options: { model: "dearer" } }, "riptide.options: the members model, messages"],
    [{ schema: [] }, "riptide.schema: expected an object"],
  ])("refuses %j", (value, message) => {
    expect(() => riptideMember(value, undefined)).toThrow(
      expect.objectContaining({ code: "invalid_request", message: expect.stringContaining(message) }),
    );
  });
});
