import { claudeFacts } from "../anthropic/models.ts";
import type { Capability, ModelFacts } from "../capabilities.ts";

/** Ids carry a region and a vendor before the model's name; an ARN of an own profile tells nothing. */
export const isClaude = (model: string): boolean => /\bclaude-/.test(model);

/** Models that take `status` in a tool result (AWS SDK documentation, ToolResultBlock). */
export const takesResultStatus = (model: string): boolean => isClaude(model) || /\bnova-/.test(model);

/** Converse has no field for these. */
const NOT_IN_CONVERSE: readonly Capability[] = ["image_url", "parallel_tools", "seed"];

const COMMON: readonly Capability[] = ["temperature", "top_p"];

/** What model families other than Claude take (Amazon Bedrock user guide, Converse: supported models). */
const FAMILIES: readonly (readonly [RegExp, readonly Capability[]])[] = [
  [/\bnova-micro/, ["tools", "tool_choice", "stop"]],
  [/\bnova-/, ["tools", "tool_choice", "stop", "vision"]],
  [/\bllama3-2-(11|90)b|\bllama4-/, ["tools", "vision"]],
  [/\bllama3-[123]-/, ["tools"]],
  [/\bllama/, []],
  [/\bpixtral-/, ["tools", "stop", "vision"]],
  [/\bmistral-7b|\bmixtral-|\btitan-text|\bdeepseek\.r1/, ["stop"]],
];

/** What is known of a model by its id. Sizes other than Claude's are not told anywhere and stay unknown. */
export function bedrockFacts(model: string): ModelFacts {
  if (isClaude(model)) {
    const facts = claudeFacts(model);
    const supports = [...facts.supports].filter((word) => !NOT_IN_CONVERSE.includes(word));
    return { ...facts, supports: new Set(supports) };
  }
  const family = FAMILIES.find(([pattern]) => pattern.test(model))?.[1] ?? ["tools", "stop"];
  return { supports: new Set([...COMMON, ...family]) };
}
