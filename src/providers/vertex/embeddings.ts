import type { Embedding } from "../../core/embedding.ts";
import { RiptideError } from "../../core/errors.ts";
import type { JsonObject } from "../../core/json.ts";
import type { Usage } from "../../core/usage.ts";
import type { WireReply, WireRequest } from "../../wire/http.ts";
import type { EmbeddingAdapter, ProviderEmbeddingRequest } from "../adapter.ts";
import { estimateTokens } from "../estimate.ts";
import { wrongShape } from "../failure.ts";
import { countAt, listAt, parseJson, valueAt } from "../read.ts";
import { reportedUsage } from "../usage.ts";
import { isClaude, plainName } from "./address.ts";
import { inBandError, reportsError } from "./errors.ts";

/** Limits of one `:predict` call; of the vendor's 20,000 tokens a quarter is left for the error of an estimate. */
const MAX_TEXTS = 250;
const MAX_ESTIMATED_TOKENS = 15_000;

/** Embeddings: `:predict` for the older models, `:embedContent` for gemini-embedding-2 and later. */
export const embeddingsWith = (
  post: (model: string, method: string, body: JsonObject) => WireRequest,
): EmbeddingAdapter => ({
  toWire(request) {
    const { model, texts } = request;
    if (isClaude(model)) throw new RiptideError("unsupported", "Claude makes no embeddings");
    if (takesContent(model))
      return texts.map((text) => post(model, "embedContent", contentBody(request, text)));
    return batches(texts, takesOne(model) ? 1 : MAX_TEXTS).map((batch) =>
      post(model, "predict", predictBody(request, batch)),
    );
  },
  fromWire(replies, request) {
    const read = takesContent(request.model) ? readContent : readPredictions;
    const found = replies.flatMap(read);
    if (found.length !== request.texts.length) {
      throw wrongShape(`${request.texts.length} texts were answered by ${found.length} vectors`);
    }
    const usage = usageOf(found);
    return { vectors: found.map(({ vector }) => vector), ...(usage && { usage }) };
  },
});

const takesOne = (model: string) => plainName(model).startsWith("gemini-embedding-001");
const takesContent = (model: string) => plainName(model).startsWith("gemini") && !takesOne(model);

function contentBody({ dimensions, options }: ProviderEmbeddingRequest, text: string): JsonObject {
  return {
    content: { parts: [{ text }] },
    ...(dimensions !== undefined && { embedContentConfig: { outputDimensionality: dimensions } }),
    ...options,
  };
}

function predictBody(
  { dimensions, options }: ProviderEmbeddingRequest,
  texts: readonly string[],
): JsonObject {
  return {
    instances: texts.map((content) => ({ content })),
    ...(dimensions !== undefined && { parameters: { outputDimensionality: dimensions } }),
    ...options,
  };
}

function batches(texts: readonly string[], most: number): readonly (readonly string[])[] {
  const all: string[][] = [];
  let tokens = 0;
  for (const text of texts) {
    const open = all.at(-1);
    const size = estimateTokens(text);
    tokens += size;
    if (open && open.length < most && tokens <= MAX_ESTIMATED_TOKENS) open.push(text);
    else {
      all.push([text]);
      tokens = size;
    }
  }
  return all;
}

interface Found {
  readonly vector: readonly number[];
  readonly tokens: number | undefined;
}

function readPredictions(reply: WireReply): readonly Found[] {
  return listAt(parsed(reply), "predictions").map((prediction) => ({
    vector: vectorOf(valueAt(prediction, "embeddings", "values")),
    tokens: countAt(prediction, "embeddings", "statistics", "token_count"),
  }));
}

function readContent(reply: WireReply): readonly Found[] {
  const value = parsed(reply);
  const vector = vectorOf(valueAt(value, "embedding", "values"));
  return [{ vector, tokens: countAt(value, "usageMetadata", "promptTokenCount") }];
}

function parsed(reply: WireReply): unknown {
  const value = parseJson(reply.body);
  if (reportsError(value)) throw inBandError(value);
  return value;
}

function vectorOf(values: unknown): readonly number[] {
  if (Array.isArray(values) && values.length > 0 && values.every(Number.isFinite)) return values;
  throw wrongShape("the answer holds no vector");
}

function usageOf(found: readonly Found[]): Embedding["usage"] | undefined {
  let input = 0;
  for (const { tokens } of found) {
    if (tokens === undefined) return undefined;
    input += tokens;
  }
  return reportedUsage({ input, output: 0 }) satisfies Usage | undefined;
}
