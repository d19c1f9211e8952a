import { Ajv } from "ajv";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { CompletionRequest } from "../../src/core/completion.ts";
import type { StreamEvent } from "../../src/core/events.ts";
import type { JsonObject } from "../../src/core/json.ts";
import type { ProviderRequest } from "../../src/providers/adapter.ts";
import { mock } from "../../src/providers/mock/plugin.ts";
import { sampleOf } from "../../src/providers/mock/sample.ts";
import { unitVector } from "../../src/providers/mock/vector.ts";
import type { WireReply, WireRequest } from "../../src/wire/http.ts";
import { ndjsonFramer } from "../../src/wire/ndjson.ts";
import { type VirtualClock, virtualClock } from "../helpers/virtual-clock.ts";

const asking = (content: string): CompletionRequest => ({ messages: [{ role: "user", content }] });

/** The mock as a configuration would make it, called straight through its own transport. */
async function started(options: object = {}, clock: VirtualClock = virtualClock()) {
  const type = mock.types.mock;
  if (!type) throw new Error("no mock");
  const { adapter, transport } = await type.create((await type.options()).parse(options), {
    id: "fake",
    clock,
    environment: () => undefined,
    readFile: () => Promise.reject(new Error("no file")),
    credentialTransport: () => Promise.reject(new Error("no network")),
  });
  if (!transport || !adapter.embed) throw new Error("the mock answers by itself");
  const { embed } = adapter;
  const open = (request: WireRequest, signal = new AbortController().signal) =>
    transport(request, { signal, connectTimeoutMs: 1_000 });
  const fetch = async (request: WireRequest, signal?: AbortSignal): Promise<WireReply> => {
    const { status, headers, body } = await open(request, signal);
    const chunks: Uint8Array[] = [];
    for await (const chunk of body) chunks.push(chunk);
    return { status, headers, body: Buffer.concat(chunks) };
  };
  const prepared = (request: CompletionRequest, stream: boolean): ProviderRequest => ({
    ...request,
    model: "mock-small",
    stream,
    facts: adapter.facts("mock-small"),
  });
  return {
    adapter,
    fetch,
    async complete(request: CompletionRequest, signal?: AbortSignal) {
      const fitted = prepared(request, false);
      const reply = await fetch(adapter.toWire(fitted), signal);
      if (reply.status > 299) throw adapter.classify({ ...reply, wallMs: clock.wall() });
      return adapter.fromWire(reply, fitted);
    },
    async *stream(request: CompletionRequest, signal?: AbortSignal): AsyncGenerator<StreamEvent> {
      const fitted = prepared(request, true);
      const framer = ndjsonFramer();
      const decode = adapter.decoder(fitted);
      for await (const chunk of (await open(adapter.toWire(fitted), signal)).body) {
        for (const frame of framer.push(chunk)) yield* decode(frame);
      }
      for (const frame of framer.end()) yield* decode(frame);
    },
    async embed(texts: readonly string[], dimensions?: number) {
      const request = { model: "mock-small", texts, ...(dimensions !== undefined && { dimensions }) };
      return embed.fromWire(await Promise.all(embed.toWire(request).map((wire) => fetch(wire))), request);
    },
  };
}

/** What a stream said before it ended, and the error that ended it, if any. */
async function heard(stream: AsyncIterable<StreamEvent>) {
  const events: StreamEvent[] = [];
  try {
    for await (const event of stream) events.push(event);
    return { events, text: textOf(events), error: undefined };
  } catch (error) {
    return { events, text: textOf(events), error };
  }
}
const textOf = (events: readonly StreamEvent[]) =>
  events.map((event) => (event.type === "delta" ? event.text : "")).join("");

describe("the mock's answers", () => {
  it("repeat the last user message when nothing is configured", async () => {
    const fake = await started();
    const messages = [...asking("first").messages, ...asking("$& and $1").messages];
    expect(await fake.complete({ messages })).toMatchObject({
      text: "Mock response to: $& and $1",
      finish: "stop",
      model: "mock-small",
    });
  });

  it("take the replies of a list in turn", async () => {
    const fake = await started({ reply: ["one", "two"] });
    const texts = [];
    for (let call = 0; call < 3; call += 1) texts.push((await fake.complete(asking("x"))).text);
    expect(texts).toEqual(["one", "two", "one"]);
  });

  it("come in words when streamed, with usage, finish and the end", async () => {
    const fake = await started({ reply: "one  two\nthree " });
    expect((await heard(fake.stream(asking("12345")))).events).toEqual([
      { type: "model", model: "mock-small" },
      ...["one", "  two", "\nthree", " "].map((text) => ({ type: "delta", text })),
      { type: "finish", finish: "stop" },
      {
        type: "usage",
        usage: expect.objectContaining({ inputTokens: 2, outputTokens: 4, source: "reported" }),
      },
      { type: "done" },
    ]);
  });

  it("report the usage of the configuration", async () => {
    const fake = await started({ usage: { input: 12, output: 34 } });
    expect((await fake.complete(asking("x"))).usage).toMatchObject({ inputTokens: 12, outputTokens: 34 });
  });

  it("stop at max_tokens words", async () => {
    const fake = await started({ reply: "a b c d" });
    expect(await fake.complete({ ...asking("x"), maxTokens: 2 })).toMatchObject({
      text: "a b",
      finish: "length",
    });
  });

  it("continue a begun answer", async () => {
    const fake = await started({ reply: "one two three" });
    const begun = { role: "assistant", content: "one two" } as const;
    const { text } = await fake.complete({ messages: [...asking("x").messages, begun] });
    expect(text).toBe(" three");
  });

  it("are a tool call when one is forced", async () => {
    const parameters: JsonObject = {
      type: "object",
      properties: { city: { type: "string" }, days: { type: "integer", minimum: 3 } },
      required: ["city", "days"],
    };
    const tools = [
      { name: "other", parameters: {} },
      { name: "weather", parameters },
    ];
    const request = { ...asking("x"), tools, toolChoice: { name: "weather" } };
    const call = { id: "call_1", name: "weather", arguments: '{"city":"mock","days":3}' };
    const fake = await started();
    expect(await fake.complete(request)).toMatchObject({ toolCalls: [call], finish: "tool_calls", text: "" });
    const calls = (await heard(fake.stream(request))).events.filter(({ type }) => type === "tool_call");
    expect(calls[0]).toMatchObject({ index: 0, id: "call_1", name: "weather" });
    expect(calls.map((event) => event.type === "tool_call" && event.argumentsDelta).join("")).toBe(
      call.arguments,
    );
  });

  it("are JSON when a schema is given, and the reply itself when that is JSON", async () => {
    const schema = {
      name: "s",
      schema: { type: "object", properties: { n: { type: "number" } }, required: ["n"] },
    };
    const request = { ...asking("x"), schema };
    expect((await (await started()).complete(request)).text).toBe('{"n":0}');
    expect((await (await started({ reply: '{"n":"wrong"}' })).complete(request)).text).toBe('{"n":"wrong"}');
  });
});

describe("the mock's samples", () => {
  const ajv = new Ajv({ strict: false });
  const number = fc.integer({ min: -50, max: 50 });
  const leaf: fc.Arbitrary<JsonObject> = fc.oneof(
    fc.constantFrom<JsonObject>({ type: "boolean" }, { type: "null" }, { const: [1] }, { enum: ["b", 2] }),
    fc.record({ type: fc.constantFrom("integer", "number"), minimum: number }),
    fc.record({
      type: fc.constantFrom("integer", "number"),
      exclusiveMinimum: number,
      multipleOf: fc.constant(3),
    }),
    fc.record({ type: fc.constantFrom("integer", "number"), maximum: number }),
    fc.record({ type: fc.constant("string"), minLength: fc.nat(9) }),
    fc.record({ type: fc.constant("string"), maxLength: fc.nat(9) }),
  );
  const schemas = fc.letrec<{ any: JsonObject }>((tie) => ({
    any: fc.oneof(
      { depthSize: "small", withCrossShrink: true },
      leaf,
      fc.record({ type: fc.constant("array"), items: tie("any"), minItems: fc.nat(3) }),
      fc.record({ anyOf: fc.array(tie("any"), { minLength: 1, maxLength: 2 }) }),
      tie("any").map((inner) => ({ $ref: "#/$defs/in~1ner", $defs: { "in/ner": inner } }) as const),
      fc
        .dictionary(fc.constantFrom("a", "b", "c"), tie("any"))
        .map((properties) => ({ type: "object", properties, required: Object.keys(properties) })),
    ),
  }));

  it("are valid for simple schemas", () => {
    fc.assert(
      fc.property(
        schemas.any.filter((schema) => !JSON.stringify(schema).slice(1).includes('{"$ref"')),
        (schema) => {
          expect(ajv.validate(schema, sampleOf(schema)), JSON.stringify(schema)).toBe(true);
        },
      ),
    );
  });

  it("join the parts of allOf and end where a schema holds itself", () => {
    const node: JsonObject = { type: "object", properties: { next: { $ref: "#" } }, required: ["next"] };
    expect(JSON.stringify(sampleOf(node)).length).toBeLessThan(300);
    const part = (name: string) => ({ properties: { [name]: { type: "boolean" } }, required: [name] });
    expect(sampleOf({ allOf: [part("a"), part("b")] })).toEqual({ a: false, b: false });
  });
});

describe("the mock's script", () => {
  const failure = (promise: Promise<unknown>) =>
    promise.then(
      () => undefined,
      (error: unknown) => error,
    );

  it("goes one entry a call and repeats the last", async () => {
    const fake = await started({ script: ["ok", { status: 429, retry_after: "1500ms" }, { status: 503 }] });
    await fake.complete(asking("x"));
    const limited = { code: "rate_limited", facts: { status: 429, retryAfterMs: 1_500 } };
    expect(await failure(fake.complete(asking("x")))).toMatchObject(limited);
    for (let call = 0; call < 2; call += 1) {
      expect(await failure(fake.complete(asking("x")))).toMatchObject({ code: "overloaded" });
    }
  });

  it("is kept by each provider for itself and left alone by free calls", async () => {
    const [one, two] = [await started({ fail_after: 1 }), await started({ fail_after: 1 })];
    await one.fetch(one.adapter.probe.toWire());
    await one.complete(asking("x"));
    await two.embed(["x"]);
    expect(await failure(one.complete(asking("x")))).toMatchObject({ code: "provider_error" });
    expect(await failure(two.complete(asking("x")))).toMatchObject({ code: "provider_error" });
  });

  it("can fail always", async () => {
    const fake = await started({ always_fail: true });
    expect(await failure(fake.complete(asking("x")))).toMatchObject({ code: "provider_error" });
  });

  it("cuts a stream after as many tokens, as a lost connection does", async () => {
    const fake = await started({ reply: "a b c d", script: [{ cut_after_tokens: 2 }] });
    const { text, error, events } = await heard(fake.stream(asking("x")));
    expect(text).toBe("a b");
    expect(error).toMatchObject({ code: "protocol_error", action: "repair", facts: { phase: "body" } });
    expect(events.map(({ type }) => type)).not.toContain("done");
  });

  it("cuts before the terminal marker even when the tokens do not suffice", async () => {
    const fake = await started({ reply: "a", script: [{ cut_after_tokens: 9 }] });
    const { text, error } = await heard(fake.stream(asking("x")));
    expect({ text, error }).toMatchObject({ text: "a", error: { code: "protocol_error" } });
  });

  it("says an error within a stream", async () => {
    const fake = await started({ reply: "a b c", script: [{ error_after_tokens: 1 }] });
    const { text, error } = await heard(fake.stream(asking("x")));
    expect({ text, error }).toMatchObject({ text: "a", error: { code: "provider_error" } });
  });

  it.each(["malformed", { cut_after_tokens: 0 }, { error_after_tokens: 0 }])(
    "spoils a buffered answer by %j",
    async (entry) => {
      const code =
        typeof entry === "object" && "error_after_tokens" in entry ? "provider_error" : "protocol_error";
      const fake = await started({ script: [entry] });
      expect(await failure(fake.complete(asking("x")))).toMatchObject({ code });
      expect(await failure(fake.embed(["x"]))).toMatchObject({ code });
    },
  );

  it("sends half a line", async () => {
    const { error } = await heard((await started({ script: ["malformed"] })).stream(asking("x")));
    expect(error).toMatchObject({ code: "protocol_error" });
  });

  it.each([[{ status: 200 }], [{ cut_after_tokens: -1 }], ["okay"], []])(
    "refuses the entry %j",
    async (...script) => {
      await expect(started({ script })).rejects.toThrow();
    },
  );

  it("refuses two scripts at once", async () => {
    await expect(started({ script: ["ok"], fail_after: 1 })).rejects.toThrow(/only one/);
  });
});

describe("the mock's time", () => {
  it("passes before the answer and between tokens", async () => {
    const clock = virtualClock();
    const fake = await started({ reply: "a b c", latency: "20ms", token_interval: "5ms" }, clock);
    const seen: [number, string][] = [];
    const listening = (async () => {
      for await (const event of fake.stream(asking("x"))) {
        seen.push([clock.now(), event.type === "delta" ? event.text : event.type]);
      }
    })();
    await clock.advance(100);
    await listening;
    expect(seen).toEqual([
      ...[
        [20, "model"],
        [20, "a"],
        [25, " b"],
        [30, " c"],
      ],
      ...[
        [35, "finish"],
        [35, "usage"],
        [35, "done"],
      ],
    ]);
  });

  it.each([
    ["that times out", { script: ["timeout"] }],
    ["in its latency", { latency: "10s" }],
    ["between tokens", { token_interval: "10s" }],
    ["that stalls", { script: [{ stall_after_tokens: 1 }] }],
  ])("ends at once when a call %s is aborted", async (_when, options) => {
    const clock = virtualClock();
    const fake = await started(options, clock);
    const abort = new AbortController();
    const listening = heard(fake.stream(asking("x"), abort.signal));
    await clock.advance(5_000);
    abort.abort(new Error("enough"));
    expect((await listening).error).toMatchObject({ message: "enough" });
    expect(clock.pending).toBe(0);
  });
});

describe("the mock's embeddings", () => {
  it("have length one, follow text and seed, and are as long as asked", async () => {
    const [fake, again, other] = [await started(), await started({ seed: 0 }), await started({ seed: 7 })];
    const { vectors, usage } = await fake.embed(["a", "b"]);
    expect(vectors.map((vector) => vector.length)).toEqual([8, 8]);
    expect(usage).toMatchObject({ inputTokens: 2, outputTokens: 0 });
    for (const vector of [...vectors, ...(await fake.embed(["", "a"], 257)).vectors]) {
      expect(Math.hypot(...vector)).toBeCloseTo(1, 10);
    }
    expect((await again.embed(["a"])).vectors[0]).toEqual(vectors[0]);
    expect((await other.embed(["a"])).vectors[0]).not.toEqual(vectors[0]);
  });

  it.each([
    ["a", "b"],
    ["costarring", "liquid"], // These two and the next have the same FNV-1a hash of 32 bits.
    ["altarage", "zinke"],
  ])("differ for %s and %s", (one, other) => {
    expect(unitVector(one, 8, 0)).not.toEqual(unitVector(other, 8, 0));
  });
});

it("the mock lists its models, counts by its estimate and passes a probe", async () => {
  const { adapter, fetch } = await started();
  const listed = adapter.models?.fromWire(await fetch(adapter.models.toWire()));
  expect(listed?.models.map(({ model }) => model)).toEqual(["mock-small", "mock-large"]);
  const request = { ...asking("12345678"), model: "x", stream: false, facts: adapter.facts("x") };
  expect(adapter.count?.fromWire(await fetch(adapter.count.toWire(request)))).toBe(2);
  expect(adapter.probe.fromWire(await fetch(adapter.probe.toWire()))).toMatchObject({ models: 2 });
});
