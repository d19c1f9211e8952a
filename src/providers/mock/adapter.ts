import type { Completion, ModelFinish, ToolCall } from "../../core/completion.ts";
import type { StreamEvent } from "../../core/events.ts";
import type { Usage } from "../../core/usage.ts";
import type { Frame } from "../../wire/frame.ts";
import type { WireReply, WireRequest } from "../../wire/http.ts";
import type { Adapter, EmbeddingAdapter, ModelsAdapter, ProviderRequest, WireFailure } from "../adapter.ts";
import { CAPABILITIES, type ModelFacts } from "../capabilities.ts";
import { failureOf, wrongShape } from "../failure.ts";
import { countAt, isObject, listAt, parseJson, textAt, tryJson, valueAt } from "../read.ts";
import { reportedUsage } from "../usage.ts";
import type { MockEmbeddingRequest, MockRequest } from "./dialect.ts";

const FACTS: ModelFacts = { supports: new Set(CAPABILITIES) };

/** Speaks the mock's own dialect: JSON, streamed as one JSON object a line. */
export function mockAdapter(baseUrl: string): Adapter {
  const post = (path: string, body: object): WireRequest => ({
    method: "POST",
    url: `${baseUrl}/${path}`,
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  const get = (path: string): WireRequest => ({ method: "GET", url: `${baseUrl}/${path}`, headers: {} });
  return {
    framing: "ndjson",
    facts: () => FACTS,
    toWire: (request) => post("complete", requestBody(request)),
    fromWire: readCompletion,
    decoder: createDecoder,
    classify: (failure) =>
      failureOf(failure, { message: textAt(tryJson(failure.body), "error", "message") ?? "" }),
    embed: embedding(post),
    models: modelList(get),
    count: {
      toWire: (request) => post("count", requestBody(request)),
      fromWire: (reply) => countAt(parseJson(reply.body), "tokens") ?? fail("the count is not a number"),
    },
    probe: {
      toWire: () => get("models"),
      fromWire(reply) {
        const { models } = modelList(get).fromWire(reply);
        return { detail: "answers in this process", models: models.length };
      },
    },
  };
}

/** The facts steer the fitting, not the answer; vendor fields have nobody to read them. */
function requestBody({ facts: _facts, options: _options, ...rest }: ProviderRequest): MockRequest {
  return rest;
}

function readCompletion(reply: WireReply): Completion {
  const body = checked(parseJson(reply.body));
  const finish = finishAt(body);
  if (!finish) throw wrongShape("the answer has no finish");
  const usage = usageAt(body);
  const model = textAt(body, "model");
  return {
    text: textAt(body, "text") ?? "",
    reasoning: "",
    toolCalls: callOf(body),
    finish,
    ...(usage && { usage }),
    ...(model && { model }),
  };
}

function callOf(body: unknown): readonly ToolCall[] {
  if (valueAt(body, "call") === undefined) return [];
  const [id, name] = [textAt(body, "call", "id"), textAt(body, "call", "name")];
  if (!id || !name) throw wrongShape("a tool call has no id or no name");
  return [{ id, name, arguments: textAt(body, "arguments") ?? "" }];
}

function createDecoder(): (frame: Frame) => readonly StreamEvent[] {
  let called = false;
  return ({ data }) => {
    const line = checked(parseJson(data));
    const [model, text] = [textAt(line, "model"), textAt(line, "text")];
    const call = callEvents(line, called);
    called ||= call.length > 0;
    const finish = finishAt(line);
    const usage = usageAt(line);
    return [
      ...(model === undefined ? [] : [{ type: "model", model } as const]),
      ...(text === undefined ? [] : [{ type: "delta", text } as const]),
      ...call,
      ...(finish ? [{ type: "finish", finish } as const] : []),
      ...(usage ? [{ type: "usage", usage } as const] : []),
      ...(finish ? [{ type: "done" } as const] : []),
    ];
  };
}

function callEvents(line: unknown, called: boolean): readonly StreamEvent[] {
  const [call] = callOf(line);
  if (call)
    return [{ type: "tool_call", index: 0, id: call.id, name: call.name, argumentsDelta: call.arguments }];
  const argumentsDelta = textAt(line, "arguments");
  if (argumentsDelta === undefined) return [];
  if (!called) throw wrongShape("arguments came before their tool call");
  return [{ type: "tool_call", index: 0, argumentsDelta }];
}

/** The line itself, unless it is no object or says an error. */
function checked(line: unknown): unknown {
  if (!isObject(line)) throw wrongShape("a line of the answer is not an object");
  if (!isObject(line.error)) return line;
  const status = countAt(line, "error", "status") ?? 200;
  const failure: WireFailure = { status, headers: {}, body: new Uint8Array(), wallMs: 0 };
  throw failureOf(failure, { message: textAt(line, "error", "message") ?? "" });
}

function finishAt(line: unknown): ModelFinish | undefined {
  const finish = textAt(line, "finish");
  if (finish === undefined || finish === "stop" || finish === "length" || finish === "tool_calls")
    return finish;
  throw wrongShape(`the answer has the unknown finish ${finish}`);
}

function usageAt(line: unknown): Usage | undefined {
  return reportedUsage({ input: countAt(line, "usage", "input"), output: countAt(line, "usage", "output") });
}

function embedding(post: (path: string, body: object) => WireRequest): EmbeddingAdapter {
  return {
    toWire({ texts, dimensions }) {
      const body: MockEmbeddingRequest = { texts, ...(dimensions !== undefined && { dimensions }) };
      return [post("embed", body)];
    },
    fromWire(replies, request) {
      const body = checked(parseJson(replies[0]?.body ?? ""));
      const vectors = listAt(body, "vectors").map(vectorOf);
      if (vectors.length !== request.texts.length) throw wrongShape("the answer has not one vector per text");
      const usage = usageAt(body);
      return { vectors, ...(usage && { usage }) };
    },
  };
}

function vectorOf(value: unknown): readonly number[] {
  if (Array.isArray(value) && value.length > 0 && value.every(Number.isFinite)) return value;
  return fail("a vector is not a list of numbers");
}

function modelList(get: (path: string) => WireRequest): ModelsAdapter {
  return {
    toWire: () => get("models"),
    fromWire(reply) {
      const models = valueAt(parseJson(reply.body), "models");
      if (!Array.isArray(models)) throw wrongShape("the list of models is not a list");
      return { models: models.map(listing) };
    },
  };
}

function listing(entry: unknown) {
  const model = textAt(entry, "model") ?? fail("a model has no name");
  const contextTokens = countAt(entry, "contextTokens");
  const maxOutputTokens = countAt(entry, "maxOutputTokens");
  return {
    model,
    ...(contextTokens !== undefined && { contextTokens }),
    ...(maxOutputTokens !== undefined && { maxOutputTokens }),
  };
}

function fail(what: string): never {
  throw wrongShape(what);
}
