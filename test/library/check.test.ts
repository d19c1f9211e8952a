import { describe, expect, it } from "vitest";
import { IntelligenceClient, LlmRegistry, type PlainRequest, ProviderConfig } from "../../src/index.ts";

/** As programs without types call it. */
type Loose = (value: unknown, options?: unknown) => Promise<unknown>;

const SAID = { messages: [{ role: "user", content: "a secret prompt" }] };

async function failure(work: () => unknown): Promise<string> {
  try {
    await work();
  } catch (error) {
    const { code, message, facts } = error as { code: string; message: string; facts: { hint?: string } };
    return [code, message, facts.hint].filter(Boolean).join(" | ");
  }
  return "nothing was refused";
}

async function clientOf() {
  const registry = new LlmRegistry();
  await registry.loadProvider(new ProviderConfig("m", "mock", { default_model: "x" }));
  const client = new IntelligenceClient(registry, "m", { ledger: "memory" });
  return { registry, client };
}

describe("what a program says wrongly", () => {
  it.each([
    [null, "the request has to be an object"],
    [undefined, "the request has to be an object"],
    ["", "messages: expected at least 1 entry"],
    [{}, 'the request needs "messages"'],
    [{ messages: "a secret prompt" }, "messages: expected a list, found text"],
    [
      { messages: [{ role: "alien", content: "x" }] },
      'messages[0].role: expected "system", "user", "assistant" or "tool"',
    ],
    [{ messages: [{ role: "user" }] }, 'messages[0] needs "content"'],
    [{ ...SAID, maxTokens: -5 }, "maxTokens: expected a number of at least 1"],
    [{ ...SAID, temperature: "hot" }, "temperature: expected a number, found text"],
    [{ ...SAID, maxToken: 5 }, 'unknown key "maxToken" in the request | did you mean "maxTokens"?'],
    [{ ...SAID, model: 7 }, "model: expected text, found a number"],
    [{ ...SAID, tools: [{ name: "f" }] }, "tools[0].parameters: expected an object"],
  ])("of a request is refused by the name of its member: %j", async (request, words) => {
    const { client } = await clientOf();
    const complete = client.complete.bind(client) as Loose;
    expect(await failure(() => complete(request))).toBe(`usage | ${words}`);
  });

  it.each([
    [{ timeout: "5s" }, /^usage \| unknown key "timeout" in the options/],
    [{ timeoutMs: -1 }, /^usage \| timeoutMs: expected a number above 0/],
    [{ timeoutMs: Number.POSITIVE_INFINITY }, /^usage \| timeoutMs: expected a number, found Infinity/],
    [{ tags: { team: 5 } }, /^usage \| tags\.team: expected text/],
    [{ strategy: "cheapest" }, /^usage \| strategy: expected .*"lowest-cost"/],
    [{ signal: {} }, /^usage \| signal: expected .*AbortSignal/],
  ])("of a call is refused: %j", async (options, words) => {
    const { client } = await clientOf();
    const complete = client.complete.bind(client) as Loose;
    expect(await failure(() => complete("hello", options))).toMatch(words);
  });

  it.each([
    [5, {}, "provider: expected text or a list"],
    [[], {}, "provider: expected at least 1 entry"],
    ["m", null, "options: expected a map, found nothing"],
    ["m", { ledger: 5 }, "options.ledger: expected text, found a number"],
    ["m", { ledger: "" }, "options.ledger: expected a text that is not empty"],
    ["m", { onWarning: "loud" }, "options.onWarning: expected a function"],
    ["m", { retries: 3 }, /unknown key "retries" in the options/],
  ])("of a client is refused: %j %j", async (provider, options, words) => {
    const { registry } = await clientOf();
    const said = await failure(() => new IntelligenceClient(registry, provider as "m", options as object));
    expect(said).toMatch(words);
  });

  it("of members that are undefined is nothing", async () => {
    const { client } = await clientOf();
    const messages = [{ role: "assistant", content: "x", toolCalls: undefined }, ...SAID.messages];
    const request = { messages, maxTokens: undefined, schema: undefined };
    expect(await failure(() => (client.complete.bind(client) as Loose)(request))).toBe("nothing was refused");
  });

  it("of texts, looks and reports is refused", async () => {
    const { client } = await clientOf();
    const [embed, health, costs] = [client.embed, client.health, client.costs].map(
      (call) => call.bind(client) as Loose,
    );
    expect(await failure(() => embed?.([1]))).toMatch(/^usage \| texts\[0\]: expected text/);
    expect(await failure(() => embed?.([]))).toMatch(/^usage \| texts: expected at least 1 entry/);
    expect(await failure(() => health?.({ level: "ddep" }))).toBe(
      'usage | level: expected "config", "reach", "auth", "deep" | did you mean "deep"?',
    );
    expect(await failure(() => costs?.({ sinec: "7d" }))).toMatch(
      /^usage \| unknown key "sinec" in the report/,
    );
    expect(await failure(() => costs?.({ by: "model" }))).toMatch(/^usage \| by: expected a list/);
  });

  it("of a registry is refused", async () => {
    const { registry } = await clientOf();
    const loose = registry as unknown as Record<
      "loadProvider" | "loadFile" | "configure" | "registerFactory" | "registerPlugin" | "loadPlugin",
      Loose
    >;
    expect(await failure(() => loose.loadProvider(undefined))).toBe(
      "usage | the provider has to be an object",
    );
    expect(await failure(() => loose.loadProvider({ id: "x" }))).toBe('usage | the provider needs "type"');
    expect(await failure(() => loose.loadFile(undefined))).toMatch(/^usage \| a file is named by its path/);
    expect(await failure(() => loose.configure(7))).toMatch(/^usage \| settings are an object/);
    expect(await failure(() => loose.registerFactory("x", 5))).toMatch(/^usage \| a factory is a name/);
    expect(await failure(() => loose.registerPlugin(undefined))).toMatch(/^config_invalid \| a plugin is an/);
    expect(await failure(() => loose.registerPlugin({ apiVersion: 2, types: {} }))).toBe(
      "config_invalid | plugin speaks version 2, this RipTide speaks 1",
    );
    for (const module of [undefined, "", "./acme.js", "../acme"])
      expect(await failure(() => loose.loadPlugin(module))).toMatch(
        /^usage \| a plugin is a package or a file/,
      );
    expect(await failure(() => new IntelligenceClient(undefined as never))).toMatch(
      /^usage \| a client wants a registry/,
    );
  });
});

const nothing = () => undefined;
const WHOLE = {
  framing: "sse",
  ...{ facts: nothing, toWire: nothing, fromWire: nothing, decoder: nothing, classify: nothing },
  probe: { toWire: nothing, fromWire: nothing },
};

it.each([
  [
    "throws",
    () => {
      throw new Error("boom");
    },
    "failed: boom",
  ],
  ["gives nothing", () => undefined, "gives no { adapter, baseUrl }"],
  ["gives no address", () => ({ adapter: {} }), "gives no baseUrl"],
  [
    "gives half an adapter",
    () => ({ adapter: { framing: "sse" }, baseUrl: "http://x" }),
    "gives an adapter without the function facts",
  ],
  [
    "lists what its models take",
    () => ({ adapter: { ...WHOLE, facts: () => ({ supports: ["stop"] }) }, baseUrl: "http://x" }),
    "gives facts(model) without a Set of supports",
  ],
  [
    "gives an empty probe",
    () => ({ adapter: { ...WHOLE, probe: {} }, baseUrl: "http://x" }),
    "gives an adapter whose probe is no { toWire, fromWire }",
  ],
  [
    "gives embeddings that cannot be read",
    () => ({ adapter: { ...WHOLE, embed: { toWire() {} } }, baseUrl: "http://x" }),
    "gives an adapter whose embed is no { toWire, fromWire }",
  ],
])("a factory that %s is told of by its name", async (_what, factory, words) => {
  const registry = new LlmRegistry();
  registry.registerFactory("acme", factory as never);
  await registry.loadProvider(new ProviderConfig("b", "acme"));
  const client = new IntelligenceClient(registry, "b", { ledger: "memory" });
  const request: PlainRequest = { model: "q", messages: [{ role: "user", content: "x" }] };
  expect(await failure(() => client.complete(request))).toContain(
    `config_invalid | provider b cannot be used: its type acme ${words}`,
  );
});
