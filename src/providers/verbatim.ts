import type { CompletionRequest, Message } from "../core/completion.ts";
import { RiptideError } from "../core/errors.ts";
import type { ModelFacts } from "./capabilities.ts";

/**
 * The request with another conversation, which the caller's own words of it no longer tell.
 * @throws RiptideError `unsupported` where ours cannot tell it either
 */
export function withMessages<Request extends CompletionRequest>(
  request: Request,
  messages: readonly Message[],
): Request {
  if (!request.verbatim) return { ...request, messages };
  const { dialect, extras, betas, untranslatable } = request.verbatim;
  if (untranslatable !== undefined) {
    throw new RiptideError("unsupported", `${untranslatable} cannot be sent with a changed conversation`);
  }
  return { ...request, messages, verbatim: { dialect, extras, ...(betas && { betas }) } };
}

/**
 * The request as a model can be told it: without the caller's own words where the model does not speak them.
 * @returns And one sentence for each word that is lost.
 * @throws RiptideError `unsupported` where the request means nothing without them.
 */
export function translated(
  request: CompletionRequest,
  facts: ModelFacts,
): { readonly request: CompletionRequest; readonly lost: readonly string[] } {
  const { verbatim, ...plain } = request;
  if (!verbatim || facts.dialect === verbatim.dialect) return { request, lost: [] };
  const { dialect, extras, betas = [], untranslatable } = verbatim;
  if (untranslatable !== undefined) {
    throw new RiptideError("unsupported", `${untranslatable} can be sent to ${dialect} models only`);
  }
  return {
    request: plain,
    lost: [...Object.keys(extras), ...betas].map((name) => `${name} is known to ${dialect} models only`),
  };
}
