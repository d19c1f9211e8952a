import type { Effort } from "../../core/completion.ts";
import type { JsonObject } from "../../core/json.ts";
import type { ProviderRequest } from "../adapter.ts";
import { ADAPTIVE_SINCE, type ClaudeModel, claudeModel } from "./models.ts";

/** How a request's effort is said: the `thinking` field, and the word inside `output_config`. */
export interface Thinking {
  readonly thinking?: JsonObject;
  readonly effort?: string;
}

/** First version that can think. */
const BUDGET_SINCE = 307;

/** Says the effort in the form the model knows. Empty when none was asked for or it cannot be had here. */
export function thinkingOf(request: ProviderRequest, maxTokens: number): Thinking {
  const { effort } = request;
  if (!effort) return {};
  const model = claudeModel(request.model);
  if (model.version >= ADAPTIVE_SINCE) return adaptive(model, effort);
  const budget = effort === "none" ? 0 : Math.min(BUDGETS[effort], maxTokens - ROOM_TO_ANSWER);
  if (model.version < BUDGET_SINCE || budget < MIN_BUDGET || refusesBudget(request)) return {};
  return { thinking: { type: "enabled", budget_tokens: budget } };
}

function adaptive(model: ClaudeModel, effort: Effort): Thinking {
  if (effort === "none") return withoutThinking(model);
  return { thinking: { type: "adaptive", display: "summarized" }, effort: effortWord(model, effort) };
}

/** From 5.5 on it depends on the line; a model that is not known to allow it gets the lowest effort. */
function withoutThinking({ line, version }: ClaudeModel): Thinking {
  if (version < 505) return { thinking: { type: "disabled" } };
  return line === "sonnet" && version === 505 ? { thinking: { type: "between_tools" } } : { effort: "low" };
}

function effortWord({ version }: ClaudeModel, effort: Exclude<Effort, "none">): string {
  if (effort === "minimal") return "low";
  return effort === "xhigh" && version < 407 ? "high" : effort;
}

/** Tokens of thinking for each effort; the vendor names none, so these are RipTide's. */
const BUDGETS = {
  minimal: 1_024,
  low: 2_048,
  medium: 8_192,
  high: 16_384,
  xhigh: 32_000,
  max: 32_000,
} as const;
/** The vendor's smallest budget. It has to be below `max_tokens`, which covers thinking and answer together. */
const MIN_BUDGET = 1_024;
const ROOM_TO_ANSWER = 1_024;

/**
 * Thinking with a budget goes with no forced tool and no begun answer, and a turn that waits for tool results
 * would have to carry its own thinking, which is not kept.
 */
function refusesBudget({ messages, tools, toolChoice }: ProviderRequest): boolean {
  const forced = toolChoice === "required" || typeof toolChoice === "object";
  const last = messages.findLast(({ role }) => role !== "system")?.role;
  const own = messages.findLastIndex(({ role }) => role === "assistant");
  const hasResults = messages.slice(own + 1).some(({ role }) => role === "tool");
  return ((tools?.length ?? 0) > 0 && forced) || last === "assistant" || hasResults;
}
