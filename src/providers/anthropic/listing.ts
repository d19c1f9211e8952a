import type { WireReply } from "../../wire/http.ts";
import type { ModelListing, ModelsAdapter } from "../adapter.ts";
import { wrongShape } from "../failure.ts";
import { countAt, parseJson, textAt, valueAt } from "../read.ts";
import { inBandError, reportsError } from "./errors.ts";

/** One page of the vendor's model list. */
export function modelsPage(reply: WireReply): ReturnType<ModelsAdapter["fromWire"]> {
  const page = parseJson(reply.body);
  if (reportsError(page)) throw inBandError(page);
  const data = valueAt(page, "data");
  if (!Array.isArray(data)) throw wrongShape("the answer is no list of models");
  const last = textAt(page, "last_id");
  return {
    models: data.flatMap(listingOf),
    ...(valueAt(page, "has_more") === true && last && { cursor: last }),
  };
}

function listingOf(entry: unknown): readonly ModelListing[] {
  const model = textAt(entry, "id");
  if (!model) return [];
  const contextTokens = countAt(entry, "max_input_tokens");
  const maxOutputTokens = countAt(entry, "max_tokens");
  return [
    {
      model,
      ...(contextTokens !== undefined && { contextTokens }),
      ...(maxOutputTokens !== undefined && { maxOutputTokens }),
    },
  ];
}
