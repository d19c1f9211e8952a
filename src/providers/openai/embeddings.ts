import type { Embedding } from "../../core/embedding.ts";
import type { WireReply, WireRequest } from "../../wire/http.ts";
import type { EmbeddingAdapter, ProviderEmbeddingRequest } from "../adapter.ts";
import { wrongShape } from "../failure.ts";
import { countAt, listAt, numberAt, parseJson, valueAt } from "../read.ts";
import { reportedUsage } from "../usage.ts";
import { throwInBand } from "./errors.ts";
import type { OpenAiFlavour } from "./flavour.ts";

/** Limits of one call: inputs, and tokens, of which a text has at most one per byte (OpenAI API reference). */
const MAX_INPUTS = 2_048;
const MAX_BYTES = 300_000;

/** Embeddings as one call per batch that fits the limits. */
export function embeddingAdapter(flavour: OpenAiFlavour): EmbeddingAdapter {
  return {
    toWire: (request) => batches(request.texts).map((input) => embeddingRequest(request, input, flavour)),
    fromWire: readEmbeddings,
  };
}

function embeddingRequest(
  { model, dimensions, options }: ProviderEmbeddingRequest,
  input: readonly string[],
  flavour: OpenAiFlavour,
): WireRequest {
  const body = {
    model: flavour.wireModel(model),
    input,
    dimensions,
    ...(flavour.packedVectors && { encoding_format: "base64" }),
    ...options,
  };
  return {
    method: "POST",
    url: flavour.url("embeddings", model),
    headers: { ...flavour.headers, "content-type": "application/json" },
    body: JSON.stringify(body),
  };
}

function batches(texts: readonly string[]): readonly (readonly string[])[] {
  const result: string[][] = [];
  let bytes = 0;
  for (const text of texts) {
    const size = Buffer.byteLength(text);
    const batch = result.at(-1);
    if (batch && batch.length < MAX_INPUTS && bytes + size <= MAX_BYTES) {
      batch.push(text);
      bytes += size;
    } else {
      result.push([text]);
      bytes = size;
    }
  }
  return result;
}

function readEmbeddings(replies: readonly WireReply[], { texts }: ProviderEmbeddingRequest): Embedding {
  const sizes = batches(texts).map((batch) => batch.length);
  const values = replies.map((reply) => {
    const value = parseJson(reply.body);
    throwInBand(value, reply.headers);
    return value;
  });
  const vectors = values.flatMap((value, index) => readBatch(value, sizes[index] ?? 0));
  if (new Set(vectors.map((vector) => vector.length)).size > 1) {
    throw wrongShape("the embeddings differ in length");
  }
  const inputs = values.map((value) => countAt(value, "usage", "prompt_tokens"));
  const input = inputs.every((count) => count !== undefined)
    ? inputs.reduce((sum, count) => sum + count, 0)
    : undefined;
  const usage = reportedUsage({ input, output: 0 });
  return { vectors, ...(usage && { usage }) };
}

/** Items carry their index and may come in any order. */
function readBatch(value: unknown, size: number): readonly (readonly number[])[] {
  const items = listAt(value, "data");
  if (items.length !== size) {
    throw wrongShape(`asked for ${size} embeddings, the answer holds ${items.length}`);
  }
  const ordered = new Array<readonly number[] | undefined>(size);
  for (const [place, item] of items.entries()) {
    const index = numberAt(item, "index") ?? place;
    if (!Number.isInteger(index) || index in ordered || index < 0 || index >= size)
      throw wrongShape(`embedding ${index} is out of place`);
    ordered[index] = readVector(valueAt(item, "embedding"));
  }
  return ordered.map((vector) => vector ?? []);
}

function readVector(embedding: unknown): readonly number[] {
  const vector = typeof embedding === "string" ? unpack(embedding) : embedding;
  const isVector = (list: unknown): list is readonly number[] =>
    Array.isArray(list) && list.length > 0 && list.every(Number.isFinite);
  if (!isVector(vector)) throw wrongShape("an embedding is no list of numbers");
  return vector;
}

/** Base64 of 32-bit little-endian numbers. */
function unpack(base64: string): readonly number[] | undefined {
  const bytes = Buffer.from(base64, "base64");
  if (bytes.length % 4 !== 0) return undefined;
  return Array.from({ length: bytes.length / 4 }, (_, index) => bytes.readFloatLE(index * 4));
}
