import type { Json } from "./json.ts";
import type { Usage } from "./usage.ts";

export interface EmbeddingRequest {
  readonly texts: readonly string[];
  readonly dimensions?: number;
  readonly options?: { readonly [key: string]: Json };
}

/** One vector per text, in the order asked. */
export interface Embedding {
  readonly vectors: readonly (readonly number[])[];
  readonly usage?: Usage;
}
