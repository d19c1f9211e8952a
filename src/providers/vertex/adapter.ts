import type { JsonObject } from "../../core/json.ts";
import type { WireRequest } from "../../wire/http.ts";
import type { Adapter } from "../adapter.ts";
import { isClaude, methodUrl, type VertexPlace } from "./address.ts";
import { claudeWith } from "./claude.ts";
import { embeddingsWith } from "./embeddings.ts";
import { classifyFailure } from "./errors.ts";
import { geminiFacts } from "./models.ts";
import { countOf, probeWith } from "./probe.ts";
import { completionOf } from "./reply.ts";
import { countBody, generateBody } from "./request.ts";
import { generateDecoder } from "./stream.ts";

/** Gemini and, by the model's name, Claude in one Google Cloud project. */
export function vertexAdapter(place: VertexPlace): Adapter {
  const post = (model: string, method: string, body: JsonObject): WireRequest => ({
    method: "POST",
    url: methodUrl(place, model, method),
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  const claude = claudeWith(post);
  return {
    framing: "sse",
    facts: (model) => (isClaude(model) ? claude.facts(model) : geminiFacts(model)),
    toWire(request) {
      if (isClaude(request.model)) return claude.toWire(request);
      const method = request.stream ? "streamGenerateContent?alt=sse" : "generateContent";
      return post(request.model, method, generateBody(request));
    },
    fromWire: (reply, request) =>
      isClaude(request.model) ? claude.fromWire(reply, request) : completionOf(reply, request),
    decoder: (request) => (isClaude(request.model) ? claude.decoder(request) : generateDecoder(request)),
    classify: classifyFailure,
    embed: embeddingsWith(post),
    count: {
      toWire: (request) =>
        isClaude(request.model)
          ? claude.toCount(request)
          : post(request.model, "countTokens", countBody(request)),
      fromWire: countOf,
    },
    probe: probeWith(place.baseUrl, post),
  };
}
