import type { Embedding } from "../core/embedding.ts";
import { RiptideError } from "../core/errors.ts";
import { NO_TOKENS, type TokenCounts } from "../ledger/settlement.ts";
import { estimateTokens } from "../providers/estimate.ts";
import { isAmbiguous } from "./ambiguous.ts";
import { type Candidate, loadCandidates } from "./candidates.ts";
import type { SeenUsage } from "./charge.ts";
import type { Skip } from "./events.ts";
import type { Generation } from "./generation.ts";
import type { EmbeddingOperation } from "./operation.ts";
import type { Entrance } from "./survey.ts";

/** How an embedding asks for admission. It has no output to limit. */
export function embeddingEntrance(
  operation: EmbeddingOperation,
  generation: Generation,
): Entrance<Candidate> {
  return {
    kind: "embedding",
    stream: false,
    async candidates(targets) {
      const { candidates, skipped } = await loadCandidates(targets, generation);
      return {
        candidates: candidates.filter((candidate) => !lacksEmbeddings(candidate)),
        skipped: [...skipped, ...candidates.filter(lacksEmbeddings).map(unsupported)],
      };
    },
    demand: () => ({ inputTokens: estimated(operation).inputTokens, maxOutputTokens: 0 }),
    limited: (candidate) => candidate,
  };
}

/** What an attempt at embedding used (LG-5). */
export function seenUsage(
  operation: EmbeddingOperation,
  embedding: Embedding | undefined,
  error: RiptideError | undefined,
): SeenUsage {
  if (error && !isAmbiguous(error)) return { kind: "none" };
  const estimate = estimated(operation);
  if (error) {
    const note = error.code === "cancelled" ? "cancelled" : "no_answer";
    return { kind: "estimated", usage: estimate, note };
  }
  const usage = embedding?.usage;
  return usage
    ? { kind: "reported", usage, estimate }
    : { kind: "estimated", usage: estimate, note: "no_usage" };
}

const estimated = ({ texts }: EmbeddingOperation): TokenCounts => ({
  ...NO_TOKENS,
  inputTokens: texts.reduce((sum, text) => sum + estimateTokens(text), 0),
});

const lacksEmbeddings = ({ loaded }: Candidate) => loaded.adapter.embed === undefined;

const unsupported = ({ provider, model, loaded }: Candidate): Skip => {
  const error = new RiptideError("unsupported", `${loaded.entry.type} has no embeddings`);
  return { provider, model, reason: "unsupported", error };
};
