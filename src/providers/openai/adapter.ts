import type { Adapter } from "../adapter.ts";
import { embeddingAdapter } from "./embeddings.ts";
import { classifyFailure } from "./errors.ts";
import type { OpenAiFlavour } from "./flavour.ts";
import { modelsAdapter, probeAdapter } from "./listing.ts";
import { readChat } from "./reply.ts";
import { chatRequest } from "./request.ts";
import { chatDecoder } from "./stream.ts";

/** OpenAI's chat completions, in the flavour of one server. */
export function openAiAdapter(flavour: OpenAiFlavour): Adapter {
  return {
    framing: "sse",
    facts: (model) => ({ ...flavour.facts(model), dialect: "openai" }),
    toWire: (request) => chatRequest(request, flavour),
    fromWire: readChat,
    decoder: chatDecoder,
    classify: classifyFailure,
    embed: embeddingAdapter(flavour),
    ...(flavour.listsModels && { models: modelsAdapter(flavour) }),
    probe: probeAdapter(flavour),
  };
}
