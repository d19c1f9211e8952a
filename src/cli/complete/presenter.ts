import { RiptideError } from "../../core/errors.ts";
import type { CompletionResult, PipelineEvent } from "../../engine/events.ts";
import type { Call } from "../command.ts";

/** Prints the events of one completion and resolves to the exit code. */
export type Presenter = (events: AsyncIterable<PipelineEvent>) => Promise<number>;

/** Why an answer that arrived whole is still a failure for this caller; undefined when it is none. */
export function shortfall({ given }: Call, { finish, refusal }: CompletionResult): RiptideError | undefined {
  if (finish === "content_filter") {
    return new RiptideError("content_filtered", refusal ?? "the provider's filter stopped the answer");
  }
  if (finish === "length" && given.has("require-complete")) {
    return new RiptideError("incomplete", "the answer was cut by its output limit", {
      hint: "raise --max-tokens",
    });
  }
  return undefined;
}

/** Warnings of a finished answer, for stderr; what tells of trouble on the way is for `-v`. */
export async function warn({ io, given }: Call, result: CompletionResult): Promise<void> {
  if (given.has("quiet")) return;
  for (const { provider, reason, error } of result.skipped) {
    if (reason === "misconfigured")
      await io.stderr.write(`note: provider ${provider} was skipped: ${error.message}\n`);
  }
  for (const warning of result.warnings) await io.stderr.write(`warning: ${warning}\n`);
}
