import { estimateInputTokens } from "../providers/estimate.ts";
import type { Target } from "../routing/target.ts";
import { type CompletionCandidate, fitCandidates, loadCandidates } from "./candidates.ts";
import type { Generation } from "./generation.ts";
import type { CompletionOperation } from "./operation.ts";
import type { Entrance } from "./survey.ts";

/** How a completion asks for admission. */
export function completionEntrance(
  { request, stream, strictParams }: CompletionOperation,
  generation: Generation,
): Entrance<CompletionCandidate> {
  // What has to be valid as a whole is handed over as a whole.
  const streams = stream && !request.schema;
  return {
    kind: "completion",
    stream: streams,
    maxTokens: request.maxTokens,
    prompt: [request.messages, request.tools, request.schema],
    async candidates(targets: readonly Target[]) {
      const loaded = await loadCandidates(targets, generation);
      const fitted = fitCandidates(loaded.candidates, request, { stream: streams, strict: strictParams });
      return { candidates: fitted.candidates, skipped: [...loaded.skipped, ...fitted.skipped] };
    },
    demand: (candidate) => ({
      inputTokens: estimateInputTokens(candidate.request),
      maxOutputTokens: candidate.request.maxTokens,
    }),
    limited: (candidate, limit) => ({
      ...candidate,
      forcedLimit: limit,
      request: { ...candidate.request, maxTokens: limit.tokens },
    }),
  };
}
