import type { Secret } from "../../core/secret.ts";
import type { RequestHeaders, WireReply, WireRequest } from "../../wire/http.ts";
import type { Adapter, EmbeddingAdapter } from "../adapter.ts";
import { CAPABILITIES, type Capability, type ModelFacts } from "../capabilities.ts";
import { wrongShape } from "../failure.ts";
import { countAt, listAt, parseJson, textAt, valueAt } from "../read.ts";
import { reportedUsage } from "../usage.ts";
import { checked, classify, createDecoder, readCompletion } from "./reply.ts";
import { chatBody, embedBody, type RunnerDefaults } from "./request.ts";

const LACKING: readonly Capability[] = ["tool_choice", "image_url", "parallel_tools"];

/** Which model can do what is known to the server alone; sizes follow its settings and are not guessed. */
const FACTS: ModelFacts = {
  supports: new Set(CAPABILITIES.filter((word) => !LACKING.includes(word))),
};

/** Speaks Ollama's own `/api` (Ollama API documentation, server 0.40). */
export function ollamaAdapter(
  baseUrl: string,
  options: RunnerDefaults & { readonly apiKey?: Secret | undefined },
): Adapter {
  const headers: RequestHeaders = options.apiKey ? { authorization: options.apiKey.prefixed("Bearer ") } : {};
  const post = (path: string, body: object): WireRequest => ({
    method: "POST",
    url: `${baseUrl}${path}`,
    headers: { ...headers, "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  const get = (path: string): WireRequest => ({ method: "GET", url: `${baseUrl}${path}`, headers });
  return {
    framing: "ndjson",
    facts: () => FACTS,
    toWire: (request) => post("/api/chat", chatBody(request, options)),
    fromWire: readCompletion,
    decoder: createDecoder,
    classify,
    embed: {
      toWire: (request) => [post("/api/embed", embedBody(request, options))],
      fromWire: readEmbedding,
    },
    models: { toWire: () => get("/api/tags"), fromWire: readModels },
    probe: { toWire: () => get("/api/version"), fromWire: readVersion },
  };
}

const readEmbedding: EmbeddingAdapter["fromWire"] = ([reply], { texts }) => {
  const body = checked(parseJson(reply?.body ?? ""));
  const vectors = listAt(body, "embeddings");
  if (vectors.length !== texts.length || !vectors.every(isVector)) {
    throw wrongShape(`the answer has not one vector for each of ${texts.length} texts`);
  }
  const usage = reportedUsage({ input: countAt(body, "prompt_eval_count") || undefined, output: 0 });
  return { vectors, ...(usage && { usage }) };
};

const isVector = (value: unknown): value is readonly number[] =>
  Array.isArray(value) && value.length > 0 && value.every(Number.isFinite);

function readModels(reply: WireReply) {
  const models = valueAt(checked(parseJson(reply.body)), "models");
  if (!Array.isArray(models)) throw wrongShape("the list of models is not a list");
  return {
    models: models.map((entry) => {
      const model = textAt(entry, "model") ?? textAt(entry, "name");
      if (!model) throw wrongShape("a model has no name");
      return { model };
    }),
  };
}

function readVersion(reply: WireReply) {
  const version = textAt(checked(parseJson(reply.body)), "version");
  if (!version) throw wrongShape("the answer names no version");
  return { detail: `Ollama ${version}` };
}
