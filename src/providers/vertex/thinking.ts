import type { Effort } from "../../core/completion.ts";
import type { JsonObject } from "../../core/json.ts";
import type { ProviderRequest } from "../adapter.ts";
import { type GeminiModel, geminiModel, LEVELS_SINCE } from "./models.ts";

/** The `thinkingConfig` for a request's effort; undefined when none was asked for. */
export function thinkingOf({ model: name, effort }: ProviderRequest): JsonObject | undefined {
  if (!effort) return undefined;
  const model = geminiModel(name);
  const amount =
    model.version >= LEVELS_SINCE
      ? { thinkingLevel: levelOf(model, effort) }
      : { thinkingBudget: budgetOf(model, effort) };
  return { ...amount, ...(effort !== "none" && { includeThoughts: true }) };
}

const LEVELS: Readonly<Record<Effort, string>> = {
  none: "MINIMAL",
  minimal: "MINIMAL",
  low: "LOW",
  medium: "MEDIUM",
  high: "HIGH",
  xhigh: "HIGH",
  max: "HIGH",
};

/** The Pro line has no level below LOW. */
const levelOf = ({ line }: GeminiModel, effort: Effort) =>
  line === "pro" && LEVELS[effort] === "MINIMAL" ? "LOW" : LEVELS[effort];

const BUDGETS: Readonly<Record<Effort, number>> = {
  none: 0,
  minimal: 512,
  low: 1_024,
  medium: 8_192,
  high: 24_576,
  xhigh: 32_768,
  max: 32_768,
};

/** Gemini 2.5 Pro thinks with 128 to 32,768 tokens; the others can be switched off and end at 24,576. */
const budgetOf = ({ line }: GeminiModel, effort: Effort) =>
  line === "pro" ? Math.max(128, BUDGETS[effort]) : Math.min(24_576, BUDGETS[effort]);
