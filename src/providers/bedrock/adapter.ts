import type { JsonObject } from "../../core/json.ts";
import type { WireRequest } from "../../wire/http.ts";
import type { Adapter } from "../adapter.ts";
import { pathSegment } from "../path-segment.ts";
import { bedrockEmbedding } from "./embedding.ts";
import { classify } from "./errors.ts";
import { bedrockFacts } from "./facts.ts";
import { readCompletion, readCount, readModels } from "./reply.ts";
import { converseBody, countBody } from "./request.ts";
import { createDecoder } from "./stream.ts";

/** Where the service's two halves are. */
export interface BedrockEndpoints {
  readonly runtime: string;
  /** Lists and probes. */
  readonly control: string;
}

/** Speaks Converse, the form that all of Bedrock's models share, and InvokeModel for embeddings. */
export function bedrockAdapter({ runtime, control }: BedrockEndpoints): Adapter {
  const post = (model: string, operation: string, body: JsonObject): WireRequest => ({
    method: "POST",
    // Ids hold colons, and ARNs slashes: encoded once here, and once more for signing.
    url: `${runtime}/model/${pathSegment(model)}/${operation}`,
    headers: { "content-type": "application/json", accept: ACCEPT[operation] ?? "application/json" },
    body: JSON.stringify(body),
  });
  const list = (query = ""): WireRequest => ({
    method: "GET",
    url: `${control}/foundation-models${query}`,
    headers: { accept: "application/json" },
  });
  return {
    framing: "aws-event-stream",
    facts: bedrockFacts,
    toWire: (request) =>
      post(request.model, request.stream ? "converse-stream" : "converse", converseBody(request)),
    fromWire: readCompletion,
    decoder: createDecoder,
    classify,
    embed: bedrockEmbedding((model, body) => post(model, "invoke", body)),
    models: { toWire: () => list(), fromWire: readModels },
    count: {
      toWire: (request) => post(request.model, "count-tokens", countBody(request)),
      fromWire: readCount,
    },
    probe: {
      toWire: () => list("?byOutputModality=TEXT"),
      fromWire(reply) {
        const { length } = readModels(reply).models;
        return { detail: `${length} text models`, models: length };
      },
    },
  };
}

const ACCEPT: Readonly<Record<string, string>> = { "converse-stream": "application/vnd.amazon.eventstream" };
