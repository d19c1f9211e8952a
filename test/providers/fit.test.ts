import { describe, expect, it } from "vitest";
import type { CompletionRequest, Message } from "../../src/core/completion.ts";
import { RiptideError } from "../../src/core/errors.ts";
import { CAPABILITIES, type Capability, overrideFacts } from "../../src/providers/capabilities.ts";
import { fitToModel } from "../../src/providers/fit.ts";

const all = { supports: new Set(CAPABILITIES) };
const lacking = (...words: Capability[]) => ({
  supports: new Set(CAPABILITIES.filter((word) => !words.includes(word))),
});
const hi: readonly Message[] = [{ role: "user", content: "hi" }];
const FULL: CompletionRequest = {
  messages: hi,
  temperature: 0.5,
  topP: 0.9,
  stop: ["END"],
  seed: 7,
  effort: "high",
  parallelToolCalls: false,
  maxTokens: 100,
};
const withImage = (image: object): CompletionRequest => ({
  messages: [{ role: "user", content: [{ type: "image", ...image } as never] }],
});

describe("fitting a request to a model", () => {
  it("changes nothing that the model takes", () => {
    expect(fitToModel(FULL, all, true)).toEqual({ request: FULL, warnings: [] });
  });

  it.each([
    ["temperature", "temperature"],
    ["top_p", "topP"],
    ["stop", "stop"],
    ["seed", "seed"],
    ["effort", "effort"],
    ["parallel_tools", "parallelToolCalls"],
  ] as const)("leaves out %s with a warning, or refuses it when strict", (word, field) => {
    const { request, warnings } = fitToModel(FULL, lacking(word), false);
    expect(request).toEqual(Object.fromEntries(Object.entries(FULL).filter(([key]) => key !== field)));
    expect(warnings).toEqual([`${word} is not taken by this model and was left out`]);
    expect(() => fitToModel(FULL, lacking(word), true)).toThrow(
      new RiptideError("unsupported", `${word} is not taken by this model`),
    );
    expect(fitToModel({ messages: hi }, lacking(word), true).warnings).toEqual([]);
  });

  it("lowers max_tokens to what the model can give, and leaves a smaller one alone", () => {
    const small = { ...all, maxOutputTokens: 50 };
    expect(fitToModel(FULL, small, false)).toMatchObject({
      request: { maxTokens: 50 },
      warnings: ["max_tokens is above the model's 50 and was lowered to it"],
    });
    expect(() => fitToModel(FULL, small, true)).toThrow(/^max_tokens is above the model's 50$/);
    expect(fitToModel({ ...FULL, maxTokens: 50 }, small, true).warnings).toEqual([]);
    expect(fitToModel({ messages: hi }, small, true).request.maxTokens).toBeUndefined();
  });

  it("sends a schema as an instruction where the model has no schemas", () => {
    const schema = { name: "s", schema: { type: "object" } };
    const { request, warnings } = fitToModel({ messages: hi, schema }, lacking("json_schema"), false);
    expect(request.schema).toBeUndefined();
    expect(request.messages).toHaveLength(2);
    expect(request.messages[0]).toMatchObject({
      role: "system",
      content: expect.stringContaining('{"type":"object"}'),
    });
    expect(warnings).toHaveLength(1);
  });

  it("forces no tool where that cannot be done", () => {
    const tools = [{ name: "t", parameters: {} }];
    for (const toolChoice of ["required", { name: "t" }] as const) {
      const { request, warnings } = fitToModel(
        { messages: hi, tools, toolChoice },
        lacking("tool_choice"),
        false,
      );
      expect([request.toolChoice, warnings.length]).toEqual([undefined, 1]);
    }
    const free = fitToModel({ messages: hi, tools, toolChoice: "auto" }, lacking("tool_choice"), true);
    expect(free.request.toolChoice).toBe("auto");
  });

  it.each<readonly [Capability, CompletionRequest]>([
    ["tools", { messages: hi, tools: [{ name: "t", parameters: {} }] }],
    ["vision", withImage({ mime: "image/png", base64: "AA==" })],
    ["vision", withImage({ url: "https://images.example/a.png" })],
    ["image_url", withImage({ url: "https://images.example/a.png" })],
    ["prefill", { messages: [...hi, { role: "assistant", content: "Once" }] }],
  ])("finds a model without %s unsuitable", (word, request) => {
    expect(fitToModel(request, all, false).request).toEqual(request);
    try {
      expect.unreachable(String(fitToModel(request, lacking(word), false)));
    } catch (error) {
      expect(error).toBeInstanceOf(RiptideError);
      expect((error as RiptideError).code).toBe("unsupported");
    }
  });

  it("takes an image by value without addresses", () => {
    const request = withImage({ mime: "image/png", base64: "AA==" });
    expect(fitToModel(request, lacking("image_url"), true).request).toEqual(request);
  });
});

describe("a file's word on a model", () => {
  it("stands above the built-in one, and a list of abilities is exact for what differs by model", () => {
    const facts = {
      supports: new Set<Capability>(["tools", "vision", "stop"]),
      contextTokens: 1,
      maxOutputTokens: 2,
    };
    expect(overrideFacts(facts, undefined)).toBe(facts);
    expect(overrideFacts(facts, { contextWindow: 9 })).toEqual({ ...facts, contextTokens: 9 });
    const listed = overrideFacts(facts, { supports: ["json_schema"] });
    expect([...listed.supports].toSorted()).toEqual(["json_schema", "stop"]);
  });
});
