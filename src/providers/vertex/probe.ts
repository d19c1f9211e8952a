import type { JsonObject } from "../../core/json.ts";
import type { WireReply, WireRequest } from "../../wire/http.ts";
import type { ProbeAdapter } from "../adapter.ts";
import { wrongShape } from "../failure.ts";
import { countAt, parseJson, valueAt } from "../read.ts";
import { isClaude } from "./address.ts";
import { COUNTER, countHead } from "./claude.ts";
import { inBandError, reportsError } from "./errors.ts";

type Post = (model: string, method: string, body: JsonObject) => WireRequest;

/** The count of a prompt's tokens, by a Gemini model or by Claude's counter. */
export function countOf(reply: WireReply): number {
  const value = parseJson(reply.body);
  if (reportsError(value)) throw inBandError(value);
  const count = countAt(value, "totalTokens") ?? countAt(value, "input_tokens");
  if (count === undefined) throw wrongShape("the answer holds no count of tokens");
  return count;
}

/** Without a model the publisher's list is read; with one a word is counted, which proves project and location too. */
export const probeWith = (baseUrl: string, post: Post): ProbeAdapter => ({
  toWire(model) {
    if (model === undefined) {
      return { method: "GET", url: `${baseUrl}/v1beta1/publishers/google/models?pageSize=1`, headers: {} };
    }
    return isClaude(model)
      ? post(COUNTER, "rawPredict", { ...countHead(model), messages: [{ role: "user", content: "ping" }] })
      : post(model, "countTokens", { contents: [{ role: "user", parts: [{ text: "ping" }] }] });
  },
  fromWire(reply) {
    const listed = valueAt(parseJson(reply.body), "publisherModels");
    return { detail: Array.isArray(listed) ? "model list read" : `counted ${countOf(reply)} tokens` };
  },
});
