import { describe, expect, it } from "vitest";
import type { JsonObject } from "../../../../src/core/json.ts";
import { Secret } from "../../../../src/core/secret.ts";
import { openAiChat } from "../../../../src/daemon/dialects/openai/chat.ts";
import { openAiFlavour } from "../../../../src/providers/openai/flavours.ts";
import { chatRequest } from "../../../../src/providers/openai/request.ts";

const flavour = openAiFlavour({ apiKey: new Secret("k") }, "https://api.test/v1");
const hi = { role: "user", content: "hi" };
const ask = (body: JsonObject) => openAiChat.ask({ model: "default", messages: [hi], ...body });
const requestOf = (body: JsonObject) => ask(body).request;
const verbatimOf = (body: JsonObject) => requestOf(body).verbatim;

/** The body that a model of OpenAI's is sent for it. */
function sentTo(model: string, body: JsonObject): JsonObject {
  const request = { ...requestOf(body), model, stream: false, facts: flavour.facts(model) };
  return JSON.parse(String(chatRequest(request, flavour).body)) as JsonObject; // We have just written it.
}

const PIXEL = "data:image/png;base64,iVBORw0KGgo=";
const call = (id: string, name: string, args: string) => ({
  ...{ id, type: "function", function: { name, arguments: args } },
});
const TALK = [
  { role: "system", content: "Be brief." },
  {
    role: "user",
    content: [
      { type: "text", text: "What is this?" },
      { type: "image_url", image_url: { url: PIXEL } },
      { type: "image_url", image_url: { url: "https://x.test/cat.png" } },
    ],
  },
  { role: "assistant", content: null, tool_calls: [call("call_1", "look", '{"at":1}')] },
  { role: "tool", tool_call_id: "call_1", content: "a cat" },
  { role: "assistant", content: "A cat." },
  { role: "user", content: "Sure?" },
];
const LOOK = {
  type: "function",
  function: {
    name: "look",
    description: "Looks.",
    parameters: { type: "object", properties: {} },
    strict: true,
  },
};

describe("a chat body", () => {
  it("becomes messages of ours, tool results with the name of the tool", () => {
    expect(requestOf({ messages: TALK }).messages).toEqual([
      { role: "system", content: "Be brief." },
      {
        role: "user",
        content: [
          { type: "text", text: "What is this?" },
          { type: "image", mime: "image/png", base64: "iVBORw0KGgo=" },
          { type: "image", url: "https://x.test/cat.png" },
        ],
      },
      { role: "assistant", content: "", toolCalls: [{ id: "call_1", name: "look", arguments: '{"at":1}' }] },
      { role: "tool", toolCallId: "call_1", name: "look", content: "a cat" },
      { role: "assistant", content: "A cat." },
      { role: "user", content: "Sure?" },
    ]);
  });

  it("needs no words of its own where ours say the same to OpenAI", () => {
    const body = { messages: TALK, tools: [LOOK], tool_choice: "auto", parallel_tool_calls: false };
    expect(verbatimOf(body)).toBeUndefined();
    expect(sentTo("gpt-5.1", body)).toEqual({ model: "gpt-5.1", ...body });
  });

  it.each<[string, JsonObject]>([
    ["null", { stop: null, temperature: null, tools: null, response_format: null, user: null, riptide: {} }],
    ["text in one part", { messages: [{ role: "user", content: [{ type: "text", text: "hi" }] }] }],
    [
      "an answer as the SDK gave it",
      { messages: [{ role: "assistant", content: "a", refusal: null, annotations: [] }] },
    ],
    [
      "the detail auto",
      {
        messages: [
          { role: "user", content: [{ type: "image_url", image_url: { url: PIXEL, detail: "auto" } }] },
        ],
      },
    ],
    ["the format text", { response_format: { type: "text" } }],
    ["the role developer", { messages: [{ role: "developer", content: "Be brief." }, hi] }],
  ])("takes %s as nothing special", (_name, body) => {
    expect(verbatimOf(body)).toBeUndefined();
  });

  it.each<[string, JsonObject]>([
    ["a name", { messages: [{ ...hi, name: "ann" }] }],
    [
      "the detail of an image",
      {
        messages: [
          { role: "user", content: [{ type: "image_url", image_url: { url: PIXEL, detail: "low" } }] },
        ],
      },
    ],
    ["a refusal", { messages: [hi, { role: "assistant", content: null, refusal: "No." }, hi] }],
    [
      "a cache mark",
      {
        messages: [
          {
            role: "user",
            content: [{ type: "text", text: "a", prompt_cache_breakpoint: { mode: "explicit" } }],
          },
        ],
      },
    ],
    [
      "several parts of an instruction",
      {
        messages: [
          {
            role: "developer",
            content: [
              { type: "text", text: "a" },
              { type: "text", text: "b" },
            ],
          },
          hi,
        ],
      },
    ],
    [
      "tools that are allowed",
      {
        tools: [LOOK],
        tool_choice: { type: "allowed_tools", allowed_tools: { mode: "auto", tools: [LOOK] } },
      },
    ],
    [
      "a format with its details",
      {
        response_format: {
          type: "json_schema",
          json_schema: { name: "x", description: "d", schema: { type: "object" } },
        },
      },
    ],
    ["the format json_object", { response_format: { type: "json_object" } }],
    [
      "audio",
      {
        messages: [
          { role: "user", content: [{ type: "input_audio", input_audio: { data: "AA==", format: "wav" } }] },
        ],
      },
    ],
    [
      "a custom tool",
      {
        tools: [{ type: "custom", custom: { name: "free" } }],
        tool_choice: { type: "custom", custom: { name: "free" } },
      },
    ],
    ["members we do not know", { service_tier: "flex", metadata: { a: "b" }, verbosity: "low" }],
  ])("keeps %s as it came for OpenAI", (_name, body) => {
    expect(sentTo("gpt-5.1", body)).toMatchObject(body);
    expect(verbatimOf(body)?.dialect).toBe("openai");
  });

  it.each<[string, JsonObject, string]>([
    [
      "audio",
      { messages: [{ role: "user", content: [{ type: "input_audio", input_audio: {} }] }] },
      "content of type input_audio",
    ],
    [
      "a file",
      { messages: [{ role: "user", content: [{ type: "file", file: {} }] }] },
      "content of type file",
    ],
    ["custom tools", { tools: [{ type: "custom", custom: {} }] }, "custom tools"],
    [
      "functions' results",
      { messages: [hi, { role: "function", name: "f", content: "1" }] },
      "a message of the role function",
    ],
  ])("knows that %s cannot be told to others", (_name, body, untranslatable) => {
    expect(verbatimOf(body)?.untranslatable).toBe(untranslatable);
  });

  it("tells others of a JSON object in words, and asks for a schema", () => {
    const { messages, schema } = requestOf({ response_format: { type: "json_object" } });
    expect(messages).toEqual([
      { role: "system", content: "Answer with one JSON object and nothing else." },
      hi,
    ]);
    expect(sentTo("gpt-5.1", { response_format: { type: "json_object" } }).messages).toEqual([hi]);
    expect(schema).toBeUndefined();
    const json_schema = { name: "n", schema: { type: "object" } };
    expect(requestOf({ response_format: { type: "json_schema", json_schema } }).schema).toEqual(json_schema);
  });

  it("offers others only the tools that are allowed", () => {
    const other = { type: "function", function: { name: "other" } };
    const allowed_tools = { mode: "required", tools: [{ type: "function", function: { name: "other" } }] };
    const body = { tools: [LOOK, other], tool_choice: { type: "allowed_tools", allowed_tools } };
    expect(requestOf(body)).toMatchObject({ tools: [{ name: "other" }], toolChoice: "required" });
  });

  it("takes max_completion_tokens before max_tokens, and one stop or several", () => {
    expect(requestOf({ max_tokens: 5 }).maxTokens).toBe(5);
    expect(requestOf({ max_tokens: 5, max_completion_tokens: 6 }).maxTokens).toBe(6);
    expect(requestOf({ stop: ["a", "b"] }).stop).toEqual(["a", "b"]);
    expect(requestOf({ stop: "a" }).stop).toEqual(["a"]);
    expect(requestOf({ stop: [] })).not.toHaveProperty("stop");
  });

  it("warns of what no answer can hold, and does not ask for it", () => {
    const body = { logprobs: true, top_logprobs: 2, modalities: ["text"], audio: null };
    expect(ask(body).warnings).toEqual([
      "logprobs was left out: an answer holds text and tool calls only",
      "top_logprobs was left out: an answer holds text and tool calls only",
      "modalities was left out: an answer holds text and tool calls only",
    ]);
    expect(verbatimOf(body)).toBeUndefined();
    expect(ask({ logprobs: false }).warnings).toEqual([]);
  });

  it.each<[JsonObject, string]>([
    [{ messages: undefined as never }, "messages: expected array, received undefined"],
    [{ messages: [] }, "messages: expected at least one message"],
    [{ model: "m".repeat(2_049) }, "model: expected 2048 characters at most"],
    [
      { riptide: { providers: ["m".repeat(2_049)] } },
      "riptide.providers[0]: expected 2048 characters at most",
    ],
    [
      { messages: [hi, hi, { role: "user", content: 7 }] },
      "messages[2].content: expected a string or a list of content parts",
    ],
    [
      { messages: [{ role: "user", content: [{ type: "text" }] }] },
      "messages[0].content[0].text: expected string, received undefined",
    ],
    [
      { messages: [{ role: "robot", content: "x" }] },
      'messages[0].role: expected one of "system"|"developer"|"user"|"assistant"|"tool"|"function"',
    ],
    [
      { messages: [{ role: "system", content: [{ type: "image_url" }] }] },
      "messages[0].content[0].type: expected text",
    ],
    [
      { messages: [{ role: "tool", tool_call_id: "x", content: "y" }] },
      "messages[0].tool_call_id: no earlier message calls a tool by this id",
    ],
    [
      {
        messages: [
          { role: "assistant", tool_calls: [{ type: "function", id: "a", function: { name: "f" } }] },
        ],
      },
      "messages[0].tool_calls[0].function.arguments: expected string, received undefined",
    ],
    [
      {
        messages: [
          { role: "user", content: [{ type: "image_url", image_url: { url: "file:///etc/passwd" } }] },
        ],
      },
      "messages[0].content[0].image_url.url: expected an http address, or a data URL of a PNG, JPEG, WebP or GIF image in base64",
    ],
    [{ n: 2 }, "n: expected 1: one answer is given"],
    [{ temperature: "warm" }, "temperature: expected number, received string"],
    [{ max_tokens: 0 }, "max_tokens: too small: expected number to be >=1"],
    [{ functions: [] }, "functions: functions are no longer supported: use tools"],
    [
      { tools: [{ type: "function", function: {} }] },
      "tools[0].function.name: expected string, received undefined",
    ],
    [{ tools: [LOOK], tool_choice: "maybe" }, 'tool_choice: expected one of "auto"|"none"|"required"'],
    [
      { response_format: { type: "xml" } },
      'response_format.type: expected one of "text"|"json_object"|"json_schema"',
    ],
    [
      { response_format: { type: "json_schema", json_schema: { name: "x" } } },
      "response_format.json_schema.schema: expected an object",
    ],
    [
      { reasoning_effort: "very" },
      'reasoning_effort: expected one of "none"|"minimal"|"low"|"medium"|"high"|"xhigh"|"max"',
    ],
  ])("refuses %j by the member that is wrong", (body, message) => {
    expect(() => ask(body)).toThrow(expect.objectContaining({ code: "invalid_request", message }));
  });
});
