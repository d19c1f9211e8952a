import { describe, expect, it } from "vitest";
import { failureOf, type VendorError } from "../../src/providers/failure.ts";

const judge = (status: number, vendor: Partial<VendorError> = {}, headers: Record<string, string> = {}) =>
  failureOf({ status, headers, body: new Uint8Array(), wallMs: 0 }, { message: "", ...vendor });

describe("what a status means (ER)", () => {
  it.each([
    [400, "bad_request", "stop", 9],
    [401, "auth_failed", "next", 4],
    [402, "quota_exhausted", "next", 4],
    [403, "auth_failed", "next", 4],
    [404, "model_not_found", "next", 4],
    [405, "bad_request", "stop", 9],
    [408, "provider_error", "next", 5],
    [409, "provider_error", "next", 5],
    [413, "bad_request", "stop", 9],
    [415, "bad_request", "stop", 9],
    [418, "bad_request", "stop", 9],
    [422, "bad_request", "stop", 9],
    [425, "provider_error", "next", 5],
    [429, "rate_limited", "repair", 7],
    [500, "provider_error", "repair", 5],
    [501, "provider_error", "next", 5],
    [502, "provider_error", "repair", 5],
    [503, "overloaded", "repair", 5],
    [504, "provider_error", "next", 5],
    [529, "overloaded", "repair", 5],
    [599, "provider_error", "next", 5],
    [200, "provider_error", "next", 5],
  ] as const)("%i is %s, which means %s and exit %i", (status, code, action, exit) => {
    const error = judge(status);
    expect([error.code, error.action, error.exit, error.facts.status]).toEqual([code, action, exit, status]);
    expect(error.message).toBe(`answered ${status}`);
  });

  it.each([
    ["https://user:pw@api.example:8443/v1/chat?key=k#f", " to https://api.example:8443"],
    ["HTTP://Api.Example/login", " to http://api.example"],
    ["/login?key=k", ""],
    ["not an address", ""],
    ["data:text/plain,k", ""],
    [undefined, ""],
  ])("names only the origin a redirect points to: %s", (location, to) => {
    const error = judge(307, { message: "<html>Moved" }, location === undefined ? {} : { location });
    expect([error.code, error.action, error.exit]).toEqual(["protocol_error", "next", 5]);
    expect(error.message).toBe(`redirects${to} (not followed)`);
    expect(error.facts).toMatchObject({ status: 307, hint: expect.stringContaining("base_url") });
  });

  it("gives way to the vendor's own name for it", () => {
    expect(judge(429, { code: "quota_exhausted" })).toMatchObject({
      code: "quota_exhausted",
      action: "next",
    });
    expect(judge(200, { code: "overloaded" })).toMatchObject({ code: "overloaded", action: "repair" });
    expect(judge(500, { code: "overloaded", action: "next" }).action).toBe("next");
  });

  it.each([
    "This model's maximum context length is 8192 tokens.",
    "prompt is too long: 210000 tokens > 200000 maximum",
    "Input is too long for requested model.",
    "The input token count (1100000) exceeds the maximum number of tokens allowed (1048576).",
  ])("tells a prompt that is too long by its words: %s", (message) => {
    expect(judge(400, { message })).toMatchObject({ code: "context_too_long", action: "next", message });
    expect(judge(500, { message }).code).toBe("provider_error");
  });

  it("keeps a wait only where waiting can help", () => {
    const headers = { "retry-after": "2" };
    for (const status of [429, 503, 500, 402])
      expect(judge(status, {}, headers).facts.retryAfterMs).toBe(2_000);
    for (const status of [400, 401, 404])
      expect(judge(status, {}, headers).facts.retryAfterMs).toBeUndefined();
    expect(judge(429, { waitMs: 52_000 }).facts.retryAfterMs).toBe(52_000);
  });
});

describe("a provider's words (ER-2)", () => {
  it("are cut at 2,000 characters, never within one", () => {
    expect(judge(500, { message: "x".repeat(5_000) }).message).toHaveLength(2_000);
    const message = judge(500, { message: `${"x".repeat(1_999)}🌊🌊` }).message;
    expect([message.length, message.isWellFormed()]).toEqual([1_999, true]);
  });

  it("come on one line without control characters", () => {
    const hostile = "\u001b]0;owned\u0007 a\r\nb\u0000c\u009bd\u2028e";
    expect(judge(500, { message: hostile }).message).toBe("]0;owned  a b c d e");
  });

  it("say the request's id, which is cut as well", () => {
    expect(judge(500, { requestId: `req_\n${"1".repeat(500)}` }).facts.providerRequestId).toBe(
      `req_ ${"1".repeat(95)}`,
    );
  });
});
