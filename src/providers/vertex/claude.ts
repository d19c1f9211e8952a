import type { JsonObject } from "../../core/json.ts";
import type { WireRequest } from "../../wire/http.ts";
import type { Adapter, CountAdapter, ProviderRequest } from "../adapter.ts";
import { claudeFacts } from "../anthropic/models.ts";
import { completionOf } from "../anthropic/reply.ts";
import { completionBody, countBody } from "../anthropic/request.ts";
import { messagesDecoder } from "../anthropic/stream.ts";
import type { ModelFacts } from "../capabilities.ts";
import { plainName } from "./address.ts";
import { inBandError } from "./errors.ts";

/** The Messages API's version for this host, which goes in the body (Anthropic documentation, Claude on Vertex AI). */
const VERSION = "vertex-2023-10-16";
/** Counting is a model of its own; the model counted for is named in the body. */
export const COUNTER = "anthropic/count-tokens";

type Claude = Pick<Adapter, "facts" | "toWire" | "fromWire" | "decoder"> & {
  readonly toCount: CountAdapter["toWire"];
};

/** Claude on Vertex: the Anthropic mapping behind Google's addresses, tokens and errors. */
export const claudeWith = (
  post: (model: string, method: string, body: JsonObject) => WireRequest,
): Claude => ({
  facts: factsOf,
  toWire: (request) =>
    post(
      request.model,
      request.stream ? "streamRawPredict" : "rawPredict",
      completionBody(request, headOf(request)),
    ),
  fromWire: (reply) => completionOf(reply, inBandError),
  decoder: () => messagesDecoder(inBandError),
  toCount: (request) =>
    post(COUNTER, "rawPredict", { ...countBody(request), ...countHead(request.model), ...headOf(request) }),
});

/** This host fetches no images for Claude. */
function factsOf(model: string): ModelFacts {
  const facts = claudeFacts(model);
  return {
    ...facts,
    dialect: "anthropic",
    supports: new Set([...facts.supports].filter((word) => word !== "image_url")),
  };
}

/** What is a header at the vendor's own address. */
const headOf = ({ verbatim }: ProviderRequest): JsonObject => ({
  anthropic_version: VERSION,
  ...(verbatim?.betas && { anthropic_beta: verbatim.betas }),
});

/** What a counting body has on this host. */
export const countHead = (model: string): JsonObject => ({
  anthropic_version: VERSION,
  model: plainName(model),
});
