import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Secret } from "../../src/core/secret.ts";
import { documentText, toSnake } from "../../src/output/json.ts";
import { sanitise } from "../../src/output/sanitise.ts";

describe("documentText", () => {
  it("is one line with a final newline, and absent values are null", () => {
    expect(documentText({ a: undefined, list: [] })).toBe('{"a":null,"list":[]}\n');
  });

  it("holds nothing a terminal obeys, and the same values", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const written = documentText({ text, more: "\u009b\u007f\u202e\u{e0041}\u001b" });
        expect(sanitise(written)).toBe(written);
        expect(JSON.parse(written).text).toBe(text);
      }),
      { numRuns: 2_000 },
    );
    expect(documentText("\u{e0041}")).toBe('"\\udb40\\udc41"\n');
  });
});

describe("toSnake", () => {
  it("writes keys in snake case, deep and in lists", () => {
    expect(
      toSnake({
        inputTokens: 1,
        timing: { firstTokenMs: 2 },
        attempts: [{ retryAfterMs: undefined }],
        p50: 3,
      }),
    ).toEqual({
      input_tokens: 1,
      timing: { first_token_ms: 2 },
      attempts: [{ retry_after_ms: null }],
      p50: 3,
    });
    expect(toSnake({ baseURL: "x", HTTPStatus: 1, already_snake: 2 })).toEqual({
      base_url: "x",
      http_status: 1,
      already_snake: 2,
    });
  });

  it("leaves the keys of the user's own data alone", () => {
    const own = { teamName: "x", nested: { someKey: 1 } };
    expect(toSnake({ tags: own, data: own })).toEqual({ tags: own, data: own });
    expect(toSnake({ key: own, data: undefined }, ["key"])).toEqual({ key: own, data: null });
  });

  it("keeps a secret hidden", () => {
    expect(documentText(toSnake({ apiKey: new Secret("canary") }))).toBe('{"api_key":"[redacted]"}\n');
  });

  it("takes `__proto__` as a key like any other", () => {
    const result = toSnake(JSON.parse('{"__proto__":{"aB":1}}'));
    expect(JSON.stringify(result)).toBe('{"__proto__":{"a_b":1}}');
  });
});
