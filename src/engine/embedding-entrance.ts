import { RiptideError } from "../core/errors.ts";
import { NO_TOKENS, type TokenCounts } from "../ledger/settlement.ts";
import { estimateTokens } from "../providers/estimate.ts";
import { isAmbiguous } from "./ambiguous.ts";
import { type Candidate, loadCandidates } from "./candidates.ts";
import type { SeenUsage } from "./charge.ts";
import type { CallsMade, Found } from "./embedding-calls.ts";
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
    prompt: [operation.texts, operation.dimensions],
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

/** What an attempt at embedding used (LG-5). Calls that were answered are paid for, whatever became of the others. */
export function seenUsage(
  operation: EmbeddingOperation,
  { embedding, made }: Found,
  error: RiptideError | undefined,
): SeenUsage {
  const estimate = estimated(operation);
  if (!error) {
    const usage = embedding?.usage;
    return usage
      ? { kind: "reported", usage, estimate }
      : { kind: "estimated", usage: estimate, note: "no_usage" };
  }
  const isCut = made !== undefined && made.answeredBytes > 0 && made.answeredBytes < made.bytes;
  if (isAmbiguous(error)) {
    const note = error.code === "cancelled" ? "cancelled" : isCut ? "cut" : "no_answer";
    return { kind: "estimated", usage: partOf(estimate, made?.sentBytes, made), note };
  }
  // Where there was but one call, its answer is the refusal.
  if (!made || made.calls === 1 || made.answeredBytes === 0) return { kind: "none" };
  return { kind: "estimated", usage: partOf(estimate, made.answeredBytes, made), note: "cut" };
}

/** The share of the texts that calls with so many bytes have taken; of an unknown share, all of them. */
function partOf(estimate: TokenCounts, bytes: number | undefined, made: CallsMade | undefined): TokenCounts {
  const part = made && bytes ? bytes / made.bytes : 1;
  return { ...estimate, inputTokens: Math.ceil(estimate.inputTokens * part) };
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
