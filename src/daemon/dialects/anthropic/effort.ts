import { z } from "zod";
import type { Effort } from "../../../core/completion.ts";
import type { JsonObject } from "../../../core/json.ts";
import { read } from "./read.ts";

const thinking = z.looseObject({
  type: z.string(),
  budget_tokens: z.int().min(1_024).optional(),
});

/**
 * How hard the model is asked to think, where the body says so by its `thinking` alone.
 * @throws RiptideError `invalid_request`
 */
export function effortOfThinking(body: JsonObject): Effort | undefined {
  const asked = read(thinking.nullish(), body.thinking, "thinking");
  if (!asked) return undefined;
  return asked.type === "enabled" ? effortOfBudget(asked.budget_tokens ?? 0) : EFFORTS.get(asked.type);
}

/** The vendor's own default is high effort; between its calls of tools a model thinks next to nothing. */
const EFFORTS: ReadonlyMap<string, Effort> = new Map([
  ["adaptive", "high"],
  ["between_tools", "none"],
  ["disabled", "none"],
]);

/** The word whose own budget (providers/anthropic/thinking.ts) is nearest. */
function effortOfBudget(tokens: number): Effort {
  if (tokens < 5_120) return "low";
  if (tokens < 12_288) return "medium";
  return tokens < 24_192 ? "high" : "xhigh";
}
