import { describe, expect, it } from "vitest";
import type { CompletionRequest } from "../../src/core/completion.ts";
import { Secret } from "../../src/core/secret.ts";
import type { ProviderEmbeddingRequest, ProviderRequest } from "../../src/providers/adapter.ts";
import { bedrockAdapter } from "../../src/providers/bedrock/adapter.ts";
import { bedrockFacts } from "../../src/providers/bedrock/facts.ts";
import { bedrockOptions } from "../../src/providers/bedrock/options.ts";
import { bedrock } from "../../src/providers/bedrock/plugin.ts";
import type { WireReply } from "../../src/wire/http.ts";
import { contextFor } from "../helpers/drive.ts";

const adapter = bedrockAdapter({ runtime: "https://runtime.example", control: "https://control.example" });
const tool = { name: "sum", parameters: { properties: {} } };
const reply = (body: unknown, headers = {}): WireReply => ({
  status: 200,
  headers,
  body: Buffer.from(JSON.stringify(body)),
});

function asked(more: Partial<CompletionRequest>, model = "amazon.nova-lite-v1:0"): ProviderRequest {
  const facts = bedrockFacts(model);
  return { messages: [{ role: "user", content: "x" }], ...more, model, facts, stream: false };
}
const sent = (more: Partial<CompletionRequest>, model?: string) =>
  JSON.parse(String(adapter.toWire(asked(more, model)).body));

describe("a Bedrock failure", () => {
  it.each([
    [429, "ThrottlingException", "Too many requests", "rate_limited", "repair"],
    [429, "ThrottlingException", "Too many tokens per day, please wait", "quota_exhausted", "next"],
    [400, "RequestThrottledException", "Slow down", "rate_limited", "repair"],
    [400, "TooManyRequestsException", "Slow down", "rate_limited", "repair"],
    [400, "ServiceQuotaExceededException", "Quota", "quota_exhausted", "next"],
    [429, "ModelNotReadyException", "The model is not ready", "overloaded", "repair"],
    [503, "ServiceUnavailableException", "Capacity", "overloaded", "repair"],
    [500, "InternalServerException", "Oops", "provider_error", "repair"],
    [408, "ModelTimeoutException", "Too slow", "provider_error", "next"],
    [424, "ModelErrorException", "The model failed", "provider_error", "repair"],
    [403, "AccessDeniedException", "You don't have access to the model", "auth_failed", "next"],
    [403, "ExpiredTokenException", "Expired", "auth_failed", "next"],
    [403, "InvalidSignatureException", "Signature expired", "auth_failed", "next"],
    [400, "RequestExpired", "The clocks differ", "auth_failed", "next"],
    [400, "IncompleteSignature", "No date", "auth_failed", "next"],
    [400, "ConflictException", "Already there", "bad_request", "stop"],
    [404, "ResourceNotFoundException", "No such model", "model_not_found", "next"],
    [400, "ValidationException", "Input is too long for requested model.", "context_too_long", "next"],
    [400, "ValidationException", "The provided model identifier is invalid.", "model_not_found", "next"],
    [400, "ValidationException", "on-demand throughput isn't supported", "model_not_found", "next"],
    [400, "ValidationException", "Operation not allowed", "auth_failed", "next"],
    [400, "ValidationException", "Malformed input request", "bad_request", "stop"],
    [409, "NewlyInventedException", "?", "provider_error", "next"],
  ])("of %i %s (%s) is %s: %s", (status, name, message, code, action) => {
    const body = Buffer.from(JSON.stringify({ message }));
    const headers = { "x-amzn-errortype": `${name}:http://internal.amazon.com/`, "x-amzn-requestid": "r-1" };
    const byHeader = adapter.classify({ status, headers, body, wallMs: 0 });
    expect(byHeader).toMatchObject({ code, action, facts: { status, providerRequestId: "r-1" } });
    const typed = Buffer.from(JSON.stringify({ __type: `com.amazon.coral#${name}`, Message: message }));
    expect(adapter.classify({ status, headers: {}, body: typed, wallMs: 0 })).toMatchObject({ code, action });
  });

  it.each([
    ["throttlingException", "slow down", "rate_limited", "repair"],
    ["modelStreamErrorException", "the model broke", "provider_error", "repair"],
    ["validationException", "Input is too long for requested model", "context_too_long", "next"],
    ["internalServerException", "oops", "provider_error", "repair"],
    ["somethingNew", "?", "provider_error", "next"],
    ["constructor", "?", "provider_error", "next"],
  ])("in the middle of a stream called %s (%s) is %s: %s", (event, message, code, action) => {
    const frame = { kind: "exception", event, data: JSON.stringify({ message }) } as const;
    expect(() => adapter.decoder(asked({}))(frame)).toThrow(
      expect.objectContaining({ code, message, action }),
    );
  });

  it("is an answer that the service calls malformed", () => {
    const body = { output: { message: { content: [] } }, stopReason: "malformed_tool_use" };
    const read = () => adapter.fromWire(reply(body), asked({}));
    expect(read).toThrow(expect.objectContaining({ code: "provider_error" }));
  });
});

describe("a Converse request", () => {
  it("encodes the model's id once in its path", () => {
    const model = "arn:aws:bedrock:eu-central-1:1:inference-profile/eu.amazon.nova-lite-v1:0";
    const { url } = adapter.toWire(asked({}, model));
    expect(url).toBe(`https://runtime.example/model/${encodeURIComponent(model)}/converse`);
    expect(url).toContain("%3A1%3Ainference-profile%2Feu.");
  });

  it("leaves tools out when none may be called, but declares those of earlier calls", () => {
    expect(sent({ tools: [tool], toolChoice: "none" })).not.toHaveProperty("toolConfig");
    const messages: CompletionRequest["messages"] = [
      { role: "user", content: "x" },
      { role: "assistant", content: "", toolCalls: [{ id: "call/1", name: "gone", arguments: "" }] },
      { role: "tool", toolCallId: "call/1", name: "gone", content: "" },
    ];
    const toolConfig = { tools: [{ toolSpec: { name: "gone", inputSchema: { json: { type: "object" } } } }] };
    const body = sent({ messages });
    expect(body.toolConfig).toEqual(toolConfig);
    expect(body.messages.slice(1)).toEqual([
      { role: "assistant", content: [{ toolUse: { toolUseId: "call_2f1", name: "gone", input: {} } }] },
      { role: "user", content: [{ toolResult: { toolUseId: "call_2f1", content: [] } }] },
    ]);
    expect(sent({ messages, tools: [tool], toolChoice: "none" }).toolConfig.tools).toHaveLength(1);
  });

  it("merges neighbours, drops blank text and the space after a begun answer", () => {
    const messages: CompletionRequest["messages"] = [
      { role: "user", content: "a" },
      { role: "system", content: "s" },
      { role: "user", content: " " },
      { role: "user", content: "b" },
      { role: "assistant", content: "c \n" },
    ];
    expect(sent({ messages })).toMatchObject({
      system: [{ text: "s" }],
      messages: [
        { role: "user", content: [{ text: "a" }, { text: "b" }] },
        { role: "assistant", content: [{ text: "c" }] },
      ],
    });
  });

  it("says effort to Claude in the form its version knows, and leaves the temperature to it", () => {
    const old = sent({ effort: "low", temperature: 0.5 }, "eu.anthropic.claude-sonnet-4-5-20250929-v1:0");
    const thinking = { type: "enabled", budget_tokens: 2_048 };
    expect(old).toMatchObject({ additionalModelRequestFields: { thinking } });
    expect(old.inferenceConfig).toEqual({ maxTokens: expect.any(Number) });
    expect(old.inferenceConfig.maxTokens).toBeGreaterThan(2_048);
    const newer = sent({ effort: "high" }, "anthropic.claude-opus-4-6-v1");
    expect(newer).toMatchObject({ outputConfig: { effort: "high" } });
    expect(newer.additionalModelRequestFields.thinking.type).toBe("adaptive");
    expect(sent({ effort: "high" })).not.toHaveProperty("outputConfig");
  });

  it("ends with the caller's own fields", () => {
    expect(sent({ options: { serviceTier: { type: "flex" } } }).serviceTier).toEqual({ type: "flex" });
  });
});

it.each([
  [
    "eu.anthropic.claude-sonnet-4-5-20250929-v1:0",
    ["json_schema", "effort", "vision", "prefill"],
    ["image_url"],
  ],
  ["anthropic.claude-3-haiku-20240307-v1:0", ["tools", "temperature"], ["json_schema", "effort", "seed"]],
  ["us.amazon.nova-pro-v1:0", ["tools", "tool_choice", "vision"], ["json_schema", "effort", "prefill"]],
  ["amazon.nova-micro-v1:0", ["tools"], ["vision"]],
  ["meta.llama3-8b-instruct-v1:0", ["temperature"], ["tools", "stop"]],
  ["us.meta.llama3-3-70b-instruct-v1:0", ["tools"], ["tool_choice", "vision"]],
  ["arn:aws:bedrock:eu-central-1:1:application-inference-profile/ab12", ["tools"], ["vision", "effort"]],
] as const)("knows what %s takes", (model, takes, lacks) => {
  const { supports } = bedrockFacts(model);
  expect(takes.filter((word) => !supports.has(word))).toEqual([]);
  expect(lacks.filter((word) => supports.has(word))).toEqual([]);
});

describe("a ConverseStream", () => {
  const decoded = (...frames: readonly (readonly [string, object])[]) => {
    const decode = adapter.decoder(asked({}));
    return frames.flatMap(([event, data]) => decode({ kind: "event", event, data: JSON.stringify(data) }));
  };

  it("is whole at messageStop and over at the metadata", () => {
    expect(
      decoded(
        ["messageStop", { stopReason: "end_turn" }],
        ["metadata", { usage: { inputTokens: 1, outputTokens: 2 } }],
      ).map(({ type }) => type),
    ).toEqual(["finish", "terminal", "usage", "done"]);
  });

  it("reads nothing but usage after its end", () => {
    const stop = ["messageStop", { stopReason: "end_turn" }] as const;
    const late = ["contentBlockDelta", { contentBlockIndex: 0, delta: { text: "more" } }] as const;
    expect(decoded(stop, late, stop).map(({ type }) => type)).toEqual(["finish", "terminal"]);
  });

  it("is not over at metadata alone", () => {
    expect(decoded(["metadata", { usage: { inputTokens: 1, outputTokens: 2 } }])).toHaveLength(1);
  });

  it.each(["tired", "constructor"])("keeps the unknown reason to stop %s", (stopReason) => {
    const [finish] = decoded(["messageStop", { stopReason }]);
    expect(finish).toEqual({ type: "finish", finish: "stop", unknownFinish: stopReason });
  });

  it("gives a call without arguments an empty object", () => {
    const start = { toolUse: { toolUseId: "t1", name: "now" } };
    const events = decoded(
      ["contentBlockStart", { contentBlockIndex: 3, start }],
      ["contentBlockStop", { contentBlockIndex: 3 }],
    );
    expect(events).toEqual([
      { type: "tool_call", index: 0, id: "t1", name: "now", argumentsDelta: "" },
      { type: "tool_call", index: 0, argumentsDelta: "{}" },
    ]);
  });

  it.each([Number.NaN, -1, "12", 1e308, null])("leaves out usage of %s tokens", (inputTokens) => {
    const events = decoded(["metadata", { usage: { inputTokens, outputTokens: 2 } }]);
    expect(events).toEqual([]);
  });
});

describe("Bedrock embeddings", () => {
  const requests = (request: ProviderEmbeddingRequest) =>
    (adapter.embed?.toWire(request) ?? []).map(({ body }) => JSON.parse(String(body)));

  it("ask Titan for one text at a time", () => {
    const request = { model: "amazon.titan-embed-text-v2:0", texts: ["a", "b"], dimensions: 256 };
    expect(requests(request)).toEqual([
      { inputText: "a", dimensions: 256 },
      { inputText: "b", dimensions: 256 },
    ]);
    const replies = [1, 2].map((n) => reply({ embedding: [n], inputTextTokenCount: n }));
    expect(adapter.embed?.fromWire(replies, request)).toMatchObject({
      vectors: [[1], [2]],
      usage: { inputTokens: 3 },
    });
  });

  it("ask Cohere for 96 texts at a time and read the tokens from the headers", () => {
    const texts = Array.from({ length: 100 }, (_, index) => `${index}`);
    const request = {
      model: "eu.cohere.embed-v4:0",
      texts,
      dimensions: 512,
      options: { input_type: "clustering" },
    };
    const bodies = requests(request);
    expect(bodies.map((body) => body.texts.length)).toEqual([96, 4]);
    expect(bodies[0]).toMatchObject({ output_dimension: 512, input_type: "clustering" });
    const replies = bodies.map((body) =>
      reply({ embeddings: { float: body.texts.map((text: string) => [Number(text)]) } }, TOKENS),
    );
    const read = adapter.embed?.fromWire(replies, request);
    expect(read?.vectors).toEqual(texts.map((text) => [Number(text)]));
    expect(read?.usage).toMatchObject({ inputTokens: 14 });
  });
  const TOKENS = { "x-amzn-bedrock-input-token-count": "7" };

  it.each([
    [{ model: "cohere.embed-english-v3", texts: ["a"], dimensions: 256 }],
    [{ model: "amazon.titan-embed-text-v1", texts: ["a"], dimensions: 256 }],
    [{ model: "amazon.nova-lite-v1:0", texts: ["a"] }],
  ])("are refused where the model cannot: %j", (request) => {
    expect(() => requests(request)).toThrow(expect.objectContaining({ code: "unsupported" }));
  });
});

describe("a Bedrock entry", () => {
  const create = async (options: object, environment: Record<string, string> = {}) =>
    bedrock.types.bedrock?.create(bedrockOptions.parse(options), contextFor(environment));
  const authorization = async (options: object, environment: Record<string, string>) => {
    const instance = await bedrock.types.bedrock?.create(options, contextFor(environment));
    const request = { method: "GET", url: "https://bedrock.eu-west-1.amazonaws.com/", headers: {} } as const;
    const signed = await instance?.authoriser?.authorise(request, new AbortController().signal);
    const header = signed?.headers.authorization;
    return header instanceof Secret ? header.reveal() : header;
  };
  const keys = { AWS_ACCESS_KEY_ID: "AKIAENV", AWS_SECRET_ACCESS_KEY: "s" };
  const token = { AWS_BEARER_TOKEN_BEDROCK: "env-token" };

  it.each([
    [{ region: "eu-west-1" }, {}, "https://bedrock-runtime.eu-west-1.amazonaws.com"],
    [{}, { AWS_REGION: "us-east-1" }, "https://bedrock-runtime.us-east-1.amazonaws.com"],
    [{}, { AWS_DEFAULT_REGION: "cn-north-1" }, "https://bedrock-runtime.cn-north-1.amazonaws.com.cn"],
    [{ region: "eu-west-1", endpoint: "https://vpce.example/" }, {}, "https://vpce.example"],
    [{ region: "eu-west-1", endpoint: "https://vpce.example/v1/" }, {}, "https://vpce.example"],
  ])("of %j with %j calls %s", async (options, environment, url) => {
    expect((await create(options, { ...token, ...environment }))?.baseUrl).toBe(url);
  });

  it("without any region is refused", async () => {
    await expect(create({})).rejects.toMatchObject({ code: "config_invalid" });
    await expect(create({}, { AWS_REGION: "evil.example/#" })).rejects.toMatchObject({
      code: "config_invalid",
    });
  });

  it("prefers what it names itself, then the bearer token, then the keys of the environment", async () => {
    const region = "eu-west-1";
    const explicit = { accessKeyId: new Secret("AKIAGIVEN"), secretAccessKey: new Secret("s") };
    const both = { ...keys, ...token };
    expect(await authorization({ region, ...explicit }, both)).toContain("Credential=AKIAGIVEN/");
    expect(await authorization({ region, bearerToken: new Secret("own") }, both)).toBe("Bearer own");
    expect(await authorization({ region }, both)).toBe("Bearer env-token");
    expect(await authorization({ region }, keys)).toMatch(/Credential=AKIAENV\/\d{8}\/eu-west-1\/bedrock\//);
  });

  it.each([
    { access_key_id: "a" },
    { session_token: "a" },
    { profile: "p", bearer_token: "b" },
    { region: "evil.example/#" },
    { base_url: "https://x" },
  ])("of %j is refused", (options) => {
    expect(bedrockOptions.safeParse(options).success).toBe(false);
  });
});
