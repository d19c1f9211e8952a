import { z } from "zod";
import type { JsonObject } from "../../../core/json.ts";
import type { EmbeddingResult } from "../../../engine/embed.ts";
import type { EmbeddingAsk, EmbeddingDialect } from "../dialect.ts";
import { anyName, readMember } from "../read-member.ts";
import { riptideMember } from "../riptide-member.ts";
import { openAiError } from "./errors.ts";

/** OpenAI's embeddings (API reference, "Create embeddings"). */
export const openAiEmbeddings: EmbeddingDialect = {
  name: "openai",
  ask: embeddingAsk,
  answer: embeddingAnswer,
  errorBody: openAiError,
};

/** What is asked, with what only this dialect needs to know of it. */
interface PackableAsk extends EmbeddingAsk {
  /** Vectors are written as base64 of 32-bit little-endian numbers. */
  readonly packed?: boolean;
}

/** @throws RiptideError `invalid_request` */
export function embeddingAsk(body: JsonObject): PackableAsk {
  const { input, model, dimensions, encoding_format: encoding } = readMember(asked, body, "");
  const unknown = Object.keys(body).filter((name) => !KNOWN.has(name) && body[name] !== null);
  return {
    texts: input,
    ...(typeof dimensions === "number" && { dimensions }),
    wishes: riptideMember(body.riptide, model ?? undefined).wishes,
    packed: encoding === "base64",
    warnings: unknown.map((name) => `${name} was left out: embeddings take no such parameter here`),
  };
}

const text = z.string("expected text; lists of tokens mean something to one model only").min(1);
const asked = z.object({
  model: anyName.nullish(),
  input: z.preprocess((input) => (typeof input === "string" ? [input] : input), z.array(text).min(1)),
  dimensions: z.int().min(1).nullish(),
  encoding_format: z.enum(["float", "base64"]).nullish(),
});
const KNOWN: ReadonlySet<string> = new Set([...Object.keys(asked.shape), "riptide"]);

function embeddingAnswer(
  { vectors, model, usage }: EmbeddingResult,
  { packed = false }: PackableAsk,
): JsonObject {
  return {
    object: "list",
    data: vectors.map((vector, index) => ({
      object: "embedding",
      index,
      embedding: packed ? pack(vector) : vector,
    })),
    model,
    usage: {
      prompt_tokens: usage.inputTokens,
      total_tokens: usage.inputTokens,
      ...(usage.source === "estimated" && { estimated: true }),
    },
  };
}

function pack(vector: readonly number[]): string {
  const bytes = Buffer.alloc(vector.length * 4);
  for (const [index, value] of vector.entries()) bytes.writeFloatLE(value, index * 4);
  return bytes.toString("base64");
}
