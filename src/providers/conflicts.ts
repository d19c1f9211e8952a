import type { CompletionRequest } from "../core/completion.ts";
import type { Capability, ModelFacts } from "./capabilities.ts";

/** Who cannot take a parameter, as the middle of a sentence; undefined when the model takes it in this request. */
export function lackOf(word: Capability, request: CompletionRequest, facts: ModelFacts): string | undefined {
  if (!facts.supports.has(word)) return "by this model";
  // An effort of "none" stands beside everything.
  if (USES[word]?.(request) === false) return undefined;
  const rival = facts.conflicts?.find(
    ([left, beside]) => left === word && USES[beside]?.(request) && !lackOf(beside, request, facts),
  )?.[1];
  return rival && `by this model together with ${rival}`;
}

/** Whether a request uses what another parameter cannot stand beside. */
const USES: Readonly<Partial<Record<Capability, (request: CompletionRequest) => boolean>>> = {
  tools: ({ tools }) => (tools?.length ?? 0) > 0,
  tool_choice: forcesTool,
  prefill: ({ messages }) => messages.at(-1)?.role === "assistant",
  temperature: ({ temperature }) => temperature !== undefined,
  effort: ({ effort }) => effort !== undefined && effort !== "none",
};

/** Whether the model is to call a tool whatever it thinks. */
export function forcesTool({ tools = [], toolChoice }: CompletionRequest): boolean {
  return tools.length > 0 && (toolChoice === "required" || typeof toolChoice === "object");
}
