import type { WireReply, WireRequest } from "../../wire/http.ts";
import type { ModelListing, ModelsAdapter, ProbeAdapter } from "../adapter.ts";
import { wrongShape } from "../failure.ts";
import { countAt, parseJson, textAt, valueAt } from "../read.ts";
import { throwInBand } from "./errors.ts";
import type { OpenAiFlavour } from "./flavour.ts";

const listRequest = (flavour: OpenAiFlavour): WireRequest => ({
  method: "GET",
  url: flavour.url("models"),
  headers: flavour.headers,
});

/** The list of models, which has one page. */
export const modelsAdapter = (flavour: OpenAiFlavour): ModelsAdapter => ({
  toWire: () => listRequest(flavour),
  fromWire: (reply) => ({ models: readListing(reply) }),
});

/** The list of models as proof of address and key; it is free. */
export const probeAdapter = (flavour: OpenAiFlavour): ProbeAdapter => ({
  toWire: () => listRequest(flavour),
  fromWire(reply) {
    const { length } = readListing(reply);
    return { detail: `${length} ${length === 1 ? "model" : "models"} listed`, models: length };
  },
});

function readListing(reply: WireReply): readonly ModelListing[] {
  const value = parseJson(reply.body);
  throwInBand(value, reply.headers);
  const data = valueAt(value, "data");
  if (!Array.isArray(data)) throw wrongShape("the list of models has no data");
  return data.flatMap((item) => {
    const model = textAt(item, "id");
    const contextTokens = contextOf(item);
    return model ? [{ model, ...(contextTokens !== undefined && { contextTokens }) }] : [];
  });
}

/** OpenAI says nothing of sizes; Groq, OpenRouter and vLLM do, each by its own name. */
const contextOf = (item: unknown) =>
  countAt(item, "context_window") ?? countAt(item, "context_length") ?? countAt(item, "max_model_len");
