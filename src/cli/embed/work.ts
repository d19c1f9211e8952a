import type { EmbeddingWork } from "../client/body.ts";

/** What a call asks for, whoever does it. */
export interface EmbedWork extends EmbeddingWork {
  readonly idempotencyKey: string | undefined;
}
