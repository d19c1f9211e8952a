import { RiptideError } from "../../core/errors.ts";
import type { JsonObject } from "../../core/json.ts";
import type { WireReply } from "../../wire/http.ts";
import type { EmbeddingAdapter, ProviderEmbeddingRequest } from "../adapter.ts";
import { wrongShape } from "../failure.ts";
import { countAt, listAt, parseJson, valueAt } from "../read.ts";
import { reportedUsage } from "../usage.ts";

type Vector = readonly number[];

/** What differs between the families of embedding models (Amazon Bedrock user guide, model parameters). */
interface Family {
  readonly pattern: RegExp;
  /** Texts of one request. */
  readonly batch: number;
  /** The length of its vectors, where it cannot be chosen. */
  readonly fixed?: number;
  body(texts: readonly string[], dimensions: number | undefined): JsonObject;
  vectors(body: unknown): readonly unknown[];
  tokens(reply: WireReply, body: unknown): number | undefined;
}

const titan = {
  batch: 1,
  vectors: (body: unknown) => [valueAt(body, "embedding")],
  tokens: (_reply: WireReply, body: unknown) => countAt(body, "inputTextTokenCount"),
};

const cohere = {
  batch: 96,
  vectors: (body: unknown) => {
    const plain = listAt(body, "embeddings");
    return plain.length > 0 ? plain : listAt(body, "embeddings", "float");
  },
  /** The body has no count. */
  tokens: ({ headers }: WireReply) => {
    const text = headers["x-amzn-bedrock-input-token-count"] ?? "";
    return /^\d{1,9}$/.test(text) ? Number(text) : undefined;
  },
};

const FAMILIES: readonly Family[] = [
  {
    ...titan,
    pattern: /\btitan-embed-text-v2\b/,
    body: ([text = ""], dimensions) => ({ inputText: text, ...(dimensions !== undefined && { dimensions }) }),
  },
  {
    ...titan,
    pattern: /\btitan-embed-(g1-)?text-/,
    fixed: 1_536,
    body: ([text = ""]) => ({ inputText: text }),
  },
  {
    ...cohere,
    pattern: /\bcohere\.embed-v4\b/,
    body: (texts, dimensions) => ({
      texts,
      input_type: "search_document",
      embedding_types: ["float"],
      ...(dimensions !== undefined && { output_dimension: dimensions }),
    }),
  },
  {
    ...cohere,
    pattern: /\bcohere\.embed-(english|multilingual)-v3\b/,
    fixed: 1_024,
    body: (texts) => ({ texts, input_type: "search_document" }),
  },
];

/** Embeddings by InvokeModel, whose bodies are those of each model's own vendor. */
export function bedrockEmbedding(
  invoke: (model: string, body: JsonObject) => ReturnType<EmbeddingAdapter["toWire"]>[number],
): EmbeddingAdapter {
  return {
    toWire(request) {
      const { texts, model, dimensions } = request;
      const family = familyOf(request);
      return batches(texts, family.batch).map((batch) =>
        invoke(model, { ...family.body(batch, dimensions), ...request.options }),
      );
    },
    fromWire(replies, request) {
      const family = familyOf(request);
      const bodies = replies.map((reply) => ({ reply, body: parseJson(reply.body) }));
      const vectors = bodies.flatMap(({ body }) => family.vectors(body));
      if (vectors.length !== request.texts.length || !vectors.every(isVector)) {
        throw wrongShape(`the answer has not one vector for each of ${request.texts.length} texts`);
      }
      const counts = bodies.map(({ reply, body }) => family.tokens(reply, body));
      const usage = reportedUsage({ input: counts.reduce(sum, 0), output: 0 });
      return { vectors, ...(usage && { usage }) };
    },
  };
}

function familyOf({ model, dimensions }: ProviderEmbeddingRequest): Family {
  const family = FAMILIES.find(({ pattern }) => pattern.test(model));
  if (!family) throw new RiptideError("unsupported", `no way is known to get embeddings from ${model}`);
  if (family.fixed !== undefined && dimensions !== undefined && dimensions !== family.fixed) {
    throw new RiptideError("unsupported", `${model} makes vectors of ${family.fixed} dimensions only`);
  }
  return family;
}

function batches(texts: readonly string[], size: number): readonly (readonly string[])[] {
  const count = Math.ceil(texts.length / size);
  return Array.from({ length: count }, (_, index) => texts.slice(index * size, (index + 1) * size));
}

const isVector = (value: unknown): value is Vector =>
  Array.isArray(value) && value.length > 0 && value.every(Number.isFinite);

const sum = (total: number | undefined, count: number | undefined) =>
  total === undefined || count === undefined ? undefined : total + count;
