import type { CompletionRequest } from "../core/completion.ts";
import { asRiptideError, RiptideError } from "../core/errors.ts";
import type { ProviderRequest } from "../providers/adapter.ts";
import { fitToModel } from "../providers/fit.ts";
import type { Target } from "../routing/target.ts";
import type { Skip, SkipReason } from "./events.ts";
import type { Generation, LoadedProvider } from "./generation.ts";
import type { Takeover } from "./takeover.ts";

/** A target that can be tried, with its provider loaded. */
export interface Candidate extends Target {
  readonly loaded: LoadedProvider;
}

/** A candidate for a completion: the request as this model can take it. */
export interface CompletionCandidate extends Candidate {
  readonly request: ProviderRequest;
  readonly warnings: readonly string[];
  /** The output limit in the request is not the caller's own. */
  readonly forcedLimit?: ForcedLimit | undefined;
  /** It carries on the answer of another one. */
  readonly takeover?: Takeover | undefined;
}

/** An output limit that money makes necessary, in tokens: what is left pays for no more, or no more is reserved. */
export interface ForcedLimit {
  readonly tokens: number;
  readonly by: "budget" | "reserve";
}

export interface Candidates<C> {
  readonly candidates: readonly C[];
  readonly skipped: readonly Skip[];
}

/** Loads the providers of the targets; disabled and misconfigured ones are skipped with the reason (FB-2). */
export async function loadCandidates(
  targets: readonly Target[],
  generation: Generation,
): Promise<Candidates<Candidate>> {
  const loaded = await Promise.all(targets.map((target) => loadCandidate(target, generation)));
  return {
    candidates: loaded.filter((item) => "loaded" in item),
    skipped: loaded.filter((item) => "reason" in item),
  };
}

async function loadCandidate(target: Target, generation: Generation): Promise<Candidate | Skip> {
  const entry = generation.config.providers.find(({ id }) => id === target.provider);
  if (entry && !entry.enabled)
    return skip(
      target,
      "disabled",
      new RiptideError("no_provider_available", "disabled in the configuration"),
    );
  try {
    return { ...target, loaded: await generation.provider(target.provider) };
  } catch (thrown) {
    const error = asRiptideError(thrown);
    if (error.exit !== 3) throw error;
    return skip(target, "misconfigured", error);
  }
}

/** Fits the request to each candidate's model; a model that lacks what is asked is skipped. */
export function fitCandidates(
  candidates: readonly Candidate[],
  request: CompletionRequest,
  { stream, strict }: { readonly stream: boolean; readonly strict: boolean },
): Candidates<CompletionCandidate> {
  const fitted = candidates.map((candidate) => {
    try {
      const facts = candidate.loaded.facts(candidate.model);
      const { request: taken, warnings } = fitToModel(request, facts, strict);
      return { ...candidate, warnings, request: { ...taken, model: candidate.model, stream, facts } };
    } catch (thrown) {
      const error = asRiptideError(thrown);
      return skip(candidate, error.exit === 3 ? "misconfigured" : "unsupported", error);
    }
  });
  return {
    candidates: fitted.filter((item) => "loaded" in item),
    skipped: fitted.filter((item) => "reason" in item),
  };
}

const skip = ({ provider, model }: Target, reason: SkipReason, error: RiptideError): Skip => ({
  provider,
  model,
  reason,
  error,
});
