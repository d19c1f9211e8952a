import { describe, expect, it } from "vitest";
import { repeatedText } from "../../src/providers/repeated-text.ts";

const chunk = (content: string, more: object = {}) =>
  JSON.stringify({ id: "c1", choices: [{ index: 0, delta: { content }, finish_reason: null }], ...more });

function learnt(text = "Hello", from = chunk(text)) {
  const repeated = repeatedText();
  repeated.learn(from, "content", text);
  return repeated;
}

describe("a chunk like the one before but for its text", () => {
  it("is read without being parsed", () => {
    const repeated = learnt();
    for (const text of [" world", "ü€😀", "x".repeat(5_000), "", "content"]) {
      expect(repeated.read(chunk(text))).toBe(text);
    }
  });

  it("is nothing of the kind before one was learnt", () => {
    expect(repeatedText().read(chunk("a"))).toBeUndefined();
  });

  it.each([
    ["says something more", chunk("a", { usage: { prompt_tokens: 1 } })],
    ["has another end", chunk("a").replace("null", '"stop"')],
    ["has another beginning", chunk("a").replace("c1", "c2")],
    ["holds an escape", chunk('"')],
    ["holds a line break that is escaped", chunk("\n")],
    ["would close the string and go on", chunk("a").replace('"a"', '"a","content":"b"')],
    ["is a piece of itself", chunk("a").slice(0, 40)],
    ["is no JSON, for a raw line break", chunk("a").replace('"a"', '"a\nb"')],
    ["is shorter than what it would have around its text", chunk("").replace('""', '"')],
  ])("has to be parsed where it %s", (_what, data) => {
    expect(learnt().read(data)).toBeUndefined();
  });

  it.each([
    ["the member comes twice", "a", `{"content":"a","logprobs":{"content":"a"}}`],
    ["the member holds a list first", "token", `{"logprobs":{"content":[{"token":"token"}]},"delta":{}}`],
    ["the text is written in another way", "ü", `{"content":"\\u00fc"}`],
    ["the text is escaped", "\n", `{"content":"\\n"}`],
    ["the member is not there", "a", `{"text":"a"}`],
  ])("is not learnt where %s", (_what, text, data) => {
    expect(learnt(text, data).read(data)).toBeUndefined();
  });

  it("is given up where each chunk differs in something else, too", () => {
    const repeated = repeatedText();
    const padded = (n: number) => chunk("a", { obfuscation: "x".repeat(n) });
    for (let n = 1; n < 12; n += 1) {
      expect(repeated.read(padded(n))).toBeUndefined();
      repeated.learn(padded(n), "content", "a");
    }
    expect(repeated.read(padded(11))).toBeUndefined();
  });

  it("is read as the parser reads it, whatever its text is", () => {
    const repeated = learnt();
    for (let code = 0; code < 0x3000; code += 1) {
      const text = `a${String.fromCharCode(code)}b`;
      expect(repeated.read(chunk(text)) ?? text).toBe(text);
    }
  });
});
