import { RiptideError } from "../core/errors.ts";
import type { Answer } from "./answer.ts";
import type { CompletionRun } from "./completion-run.ts";
import type { Verdict } from "./schema.ts";

/** An answer that a filter stopped before its first content fails over where the configuration says so. */
export function refuseFiltered({ answer, engine }: CompletionRun): void {
  const { on } = engine.generation.config.failover;
  if (answer.finish === "content_filter" && on.includes("content_filter")) throw filteredError();
}

/**
 * An answer that claims to be complete and has nothing in it is none (fault row 25); the next provider is asked.
 * One that was cut or filtered may be bare.
 */
export function refuseEmpty({ finish, text, reasoning, toolCalls, refusal }: Answer): void {
  if (finish !== "stop" || toolCalls.length > 0 || refusal) return;
  if (text.whole() !== "" || reasoning.whole() !== "") return;
  throw new RiptideError("protocol_error", "the answer is empty", { action: "next" });
}

/** A filter of the provider, or the model itself, stopped the answer. */
export const filteredError = (): RiptideError =>
  new RiptideError("content_filtered", "the provider's filter, or the model itself, refused to answer");

/** An answer that has to be valid as a whole (AT-10). */
export function requireValid(answer: Answer, check: (text: string) => Verdict): void {
  const verdict = check(answer.text.whole());
  if (verdict.valid) return;
  const code = answer.finish === "length" ? "incomplete" : "schema_invalid";
  throw new RiptideError(code, "the answer is not valid against the schema", { reasons: verdict.errors });
}
