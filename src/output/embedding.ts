import { formatDuration } from "../core/duration.ts";
import type { JsonObject } from "../core/json.ts";
import type { EmbeddingResult } from "../engine/embed.ts";
import { costDocument, costText, trailDocument } from "./completion.ts";
import { toSnake } from "./json.ts";
import type { Symbols } from "./style.ts";

/** Vectors as `riptide.embedding/1`. */
export function embeddingDocument(result: EmbeddingResult): JsonObject {
  const document = toSnake({
    schema: "riptide.embedding/1",
    id: result.id,
    ok: true,
    provider: result.provider,
    model: result.model,
    dimensions: result.dimensions,
    embeddings: result.vectors,
    usage: result.usage,
    cost: costDocument(result.attempts),
    timing: result.timing,
    ...trailDocument(result),
  });
  return document as JsonObject; // An object's document is an object.
}

/** The line of `-u`. */
export function embeddingUsageLine(
  { provider, model, usage, timing, id, attempts }: EmbeddingResult,
  symbols: Symbols,
): string {
  const guess = usage.source === "estimated" ? "~" : "";
  return [
    `${provider}/${model}`,
    `${guess}${usage.inputTokens} in`,
    costText(attempts),
    formatDuration(timing.totalMs),
    id,
  ].join(` ${symbols.dot} `);
}
