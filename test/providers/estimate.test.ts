import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  estimateInputTokens,
  estimateTokens,
  estimateUsage,
  weighTokens,
} from "../../src/providers/estimate.ts";

describe("the estimate of tokens", () => {
  it.each([
    ["", 0],
    ["a", 1],
    ["four", 1],
    ["The tide turns at noon.", 6],
    ["潮は正午に変わる", 8],
    ["조수", 2],
    ["🌊", 2],
  ])("of %j is %i", (text, tokens) => {
    expect(estimateTokens(text)).toBe(tokens);
  });

  it("is a whole number, no less for more text", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.string({ unit: "binary" }), (a, b) => {
        const [less, more] = [estimateTokens(a), estimateTokens(a + b)];
        expect(Number.isInteger(less) && less >= 0 && more >= less).toBe(true);
      }),
    );
  });

  it("takes each letter of a script without spaces for a token, and each pair of surrogates for one", () => {
    const WIDE = /[\u1100-\u11ff\u2e80-\ud7ff\uf900-\ufaff\uff00-\uffef]|[\ud800-\udbff][\udc00-\udfff]/g;
    const edges = [0x10ff, 0x1100, 0x11ff, 0x1200, 0x2e7f, 0x2e80, 0xd7ff, 0xd800, 0xdbff, 0xdc00, 0xdfff];
    const units = [...edges, 0xe000, 0xf8ff, 0xf900, 0xfaff, 0xfb00, 0xfeff, 0xff00, 0xffef, 0xfff0, 0x61];
    const text = fc.array(fc.constantFrom(...units)).map((codes) => String.fromCharCode(...codes));
    fc.assert(
      fc.property(text, (said) => {
        const wide = said.match(WIDE)?.length ?? 0;
        expect(weighTokens(said)).toBe((said.length - wide) / 4 + wide);
      }),
    );
  });

  it("of a text of millions of wide letters is there at once", () => {
    const text = "😀".repeat(6_000_000);
    const startedAt = process.cpuUsage().user;
    expect(estimateTokens(text)).toBe(7_500_000);
    expect((process.cpuUsage().user - startedAt) / 1_000).toBeLessThan(3_000);
  });

  it("counts everything a prompt is made of", () => {
    const text = "x".repeat(400);
    const bare = estimateInputTokens({ messages: [{ role: "user", content: "" }] });
    const messages = (message: object) => estimateInputTokens({ messages: [message as never] }) - bare;
    expect(messages({ role: "user", content: text })).toBe(100);
    expect(messages({ role: "user", content: [{ type: "text", text }] })).toBe(100);
    expect(messages({ role: "user", content: [{ type: "image", url: "https://x.example/" }] })).toBe(1_000);
    const call = { id: "1", name: "", arguments: text };
    expect(messages({ role: "assistant", content: "", toolCalls: [call] })).toBe(100);
    const hi = [{ role: "user", content: "" }] as const;
    const schema = { name: "s", schema: { description: text } };
    const tools = [{ name: "t", description: text, parameters: {} }];
    expect(estimateInputTokens({ messages: hi, schema })).toBeGreaterThan(bare + 100);
    expect(estimateInputTokens({ messages: hi, tools })).toBeGreaterThan(bare + 100);
  });

  it("is marked as one in a usage", () => {
    expect(estimateUsage({ messages: [{ role: "user", content: "four" }] }, "four")).toEqual({
      inputTokens: 5,
      outputTokens: 1,
      cacheReadTokens: 0,
      cacheWriteTokens: 0,
      reasoningTokens: 0,
      source: "estimated",
    });
  });
});
