import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { completionBody, embeddingBody } from "../../../src/cli/client/body.ts";
import type { CompletionRequest, Message } from "../../../src/core/completion.ts";
import type { JsonObject } from "../../../src/core/json.ts";
import { nativeCompletion, nativeEmbedding } from "../../../src/daemon/dialects/native.ts";

const json = (text: string): JsonObject => JSON.parse(text);
const name = fc.stringMatching(/^[a-z][a-z0-9_-]{0,10}$/);
const text = fc.string({ maxLength: 30, unit: "binary" }).map((some) => some.toWellFormed());
const part = fc.oneof(
  fc.record({ type: fc.constant("text" as const), text }),
  fc.record({ type: fc.constant("image" as const), url: fc.constant("https://example.com/a.png") }),
  fc.record({
    type: fc.constant("image" as const),
    mime: fc.constantFrom("image/png", "image/jpeg", "image/webp", "image/gif"),
    base64: fc.base64String({ maxLength: 40 }),
  }),
);
const message: fc.Arbitrary<Message> = fc.oneof(
  fc.record({ role: fc.constant("system" as const), content: text }),
  fc.record({ role: fc.constant("user" as const), content: text }),
  // One part of text alone is what a string says.
  fc.record({ role: fc.constant("user" as const), content: fc.array(part, { minLength: 2, maxLength: 3 }) }),
);
const tools = fc.uniqueArray(
  fc.record(
    {
      name,
      description: text,
      parameters: fc.constant<JsonObject>({ type: "object", properties: { a: { type: "string" } } }),
      strict: fc.boolean(),
    },
    { requiredKeys: ["name", "parameters"] },
  ),
  { minLength: 1, maxLength: 3, selector: (tool) => tool.name },
);
const settings = fc.record(
  {
    maxTokens: fc.integer({ min: 1, max: 1e7 }),
    temperature: fc.double({ min: 0, max: 2, noNaN: true }).map((value) => value + 0),
    topP: fc.double({ min: 0, max: 1, noNaN: true }).map((value) => value + 0),
    stop: fc.array(text, { minLength: 1, maxLength: 3 }),
    seed: fc.nat(),
    tools,
    effort: fc.constantFrom("none", "minimal", "low", "medium", "high", "xhigh", "max"),
    schema: fc.constant({ name: "answer", schema: { type: "object" } }),
    // Letters that no member of a chat's body begins with.
    options: fc.dictionary(fc.stringMatching(/^x_[a-z]{0,8}$/), fc.oneof(fc.integer(), text), {
      maxKeys: 2,
      noNullPrototype: true,
    }),
  },
  { requiredKeys: [] },
);
const request: fc.Arbitrary<CompletionRequest> = fc
  .tuple(fc.array(message, { minLength: 1, maxLength: 4 }), settings, fc.nat())
  .map(([messages, rest, choice]) => ({ messages, ...rest, ...choiceAmong(rest.tools, choice) }));

function choiceAmong(among: readonly { readonly name: string }[] | undefined, choice: number) {
  const named = among?.[choice % among.length];
  if (!named) return {};
  return { toolChoice: (["auto", "none", "required", { name: named.name }] as const)[choice % 4] ?? "auto" };
}

const wishes = fc.record({
  route: fc.record(
    {
      model: name,
      providers: fc.array(name, { minLength: 1, maxLength: 2 }),
      exclude: fc.array(name, { minLength: 1, maxLength: 2 }),
      fallback: fc.array(name, { minLength: 1, maxLength: 2 }),
      strategy: fc.constantFrom("sequential" as const, "lowest-cost" as const),
    },
    { requiredKeys: [] },
  ),
  tags: fc.dictionary(name, name, { maxKeys: 2, noNullPrototype: true }),
  maxCostNano: fc.option(fc.integer({ min: 0, max: 1e15 }), { nil: undefined }),
  maxAttempts: fc.option(fc.integer({ min: 1, max: 100 }), { nil: undefined }),
  timeoutMs: fc.option(fc.integer({ min: 1, max: 600_000 }), { nil: undefined }),
});
const how = fc.record({
  stream: fc.boolean(),
  strictParams: fc.boolean(),
  showReasoning: fc.boolean(),
  streamRecovery: fc.constantFrom("continue" as const, "off" as const, undefined),
});

describe("a call as a body for the daemon", () => {
  it("is read there as exactly what was asked, nothing of it in a vendor's own words", () => {
    fc.assert(
      fc.property(request, wishes, how, (asked, wished, manner) => {
        const read = nativeCompletion.ask(json(completionBody({ request: asked, ...wished, ...manner })));
        const { stream, strictParams, showReasoning, warnings } = read;
        expect(read.request).toEqual(asked);
        expect(read.request.verbatim).toBeUndefined();
        expect({ stream, strictParams, showReasoning }).toEqual({ ...manner, streamRecovery: undefined });
        expect({ ...read.wishes, tenant: undefined }).toEqual({
          ...wished,
          streamRecovery: manner.streamRecovery,
        });
        expect(warnings).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  it("keeps that nobody stands in for the first target", () => {
    const route = { noFallback: true };
    const work = { request: { messages: [{ role: "user", content: "hi" }] as const }, route, tags: {} };
    const manner = { stream: true, strictParams: false, showReasoning: false };
    expect(nativeCompletion.ask(json(completionBody({ ...work, ...manner }))).wishes.route).toMatchObject(
      route,
    );
  });

  it("carries what is to be embedded", () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ minLength: 1 }), { minLength: 1, maxLength: 4 }),
        fc.option(fc.integer({ min: 1, max: 4_096 }), { nil: undefined }),
        wishes,
        (texts, dimensions, wished) => {
          const read = nativeEmbedding.ask(json(embeddingBody({ texts, dimensions, ...wished })));
          expect([read.texts, read.dimensions, read.wishes]).toEqual([texts, dimensions, wished]);
        },
      ),
      { numRuns: 60 },
    );
  });
});
