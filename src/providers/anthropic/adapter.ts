import type { JsonObject } from "../../core/json.ts";
import type { Secret } from "../../core/secret.ts";
import type { WireReply, WireRequest } from "../../wire/http.ts";
import type { Adapter, ProviderRequest } from "../adapter.ts";
import { wrongShape } from "../failure.ts";
import { countAt, parseJson } from "../read.ts";
import { classifyFailure, inBandError, reportsError } from "./errors.ts";
import { modelsPage } from "./listing.ts";
import { claudeFacts } from "./models.ts";
import { completionOf } from "./reply.ts";
import { completionBody, countBody } from "./request.ts";
import { messagesDecoder } from "./stream.ts";

export interface AnthropicSettings {
  readonly baseUrl: string;
  readonly apiKey: Secret;
  /** Value of the `anthropic-version` header. */
  readonly version: string;
}

/** First API version that refuses sampling parameters, their defaults included. */
const WITHOUT_SAMPLING = "2026-10-21";

/** The Messages API at the vendor's own address. */
export function anthropicAdapter({ baseUrl, apiKey, version }: AnthropicSettings): Adapter {
  const headers = { "x-api-key": apiKey, "anthropic-version": version };
  const get = (path: string): WireRequest => ({ method: "GET", url: `${baseUrl}/v1/${path}`, headers });
  const post = (path: string, body: JsonObject, { verbatim }: ProviderRequest): WireRequest => ({
    method: "POST",
    url: `${baseUrl}/v1/${path}`,
    headers: {
      ...headers,
      ...(verbatim?.betas && { "anthropic-beta": verbatim.betas.join(",") }),
      "content-type": "application/json",
    },
    body: JSON.stringify(body),
  });
  return {
    framing: "sse",
    facts: (model) => ({ ...claudeFacts(model, version < WITHOUT_SAMPLING), dialect: "anthropic" }),
    toWire: (request) => post("messages", completionBody(request, { model: request.model }), request),
    fromWire: (reply) => completionOf(reply),
    decoder: () => messagesDecoder(),
    classify: classifyFailure,
    models: {
      toWire: (cursor) => get(`models?limit=1000${cursor ? `&after_id=${encodeURIComponent(cursor)}` : ""}`),
      fromWire: modelsPage,
    },
    count: {
      toWire: (request) => post("messages/count_tokens", countBody(request), request),
      fromWire: countOf,
    },
    probe: {
      toWire: () => get("models?limit=1"),
      fromWire: (reply) => ({ detail: `model list read, ${modelsPage(reply).models[0]?.model ?? "empty"}` }),
    },
  };
}

/** The vendor's count of a prompt's tokens. */
function countOf(reply: WireReply): number {
  const value = parseJson(reply.body);
  if (reportsError(value)) throw inBandError(value);
  const count = countAt(value, "input_tokens");
  if (count === undefined) throw wrongShape("the answer holds no count of tokens");
  return count;
}
