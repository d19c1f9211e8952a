import type { Effort } from "../../core/completion.ts";
import type { Capability, ModelFacts } from "../capabilities.ts";

const TOOLS = ["tools", "tool_choice", "parallel_tools"] as const;
const BASIC = [...TOOLS, "temperature", "top_p", "stop", "seed"] as const;
const GENERAL = [...BASIC, "json_schema", "vision", "image_url"] as const satisfies readonly Capability[];
/** Reasoning models take only the default temperature and top_p, and no stop sequences. */
const REASONING = [
  "tools",
  "tool_choice",
  "json_schema",
  "vision",
  "image_url",
  "seed",
  "effort",
] as const satisfies readonly Capability[];
/** From GPT-5 on parallel tool calls can be switched off; the o-series refuses the parameter. */
const REASONING_5 = [...REASONING, "parallel_tools"] as const satisfies readonly Capability[];
const blind = (words: readonly Capability[]) => words.filter((word) => !/^(vision|image_url)$/.test(word));

interface Family {
  readonly name: RegExp;
  readonly supports: readonly Capability[];
  readonly contextTokens?: number;
  readonly maxOutputTokens?: number;
  /** The efforts the family accepts; absent: as asked. */
  readonly efforts?: readonly Effort[];
}

const family = (
  name: RegExp,
  supports: readonly Capability[],
  sizes?: readonly [contextTokens: number, maxOutputTokens: number],
  efforts?: readonly Effort[],
): Family => ({
  name,
  supports,
  ...(sizes && { contextTokens: sizes[0], maxOutputTokens: sizes[1] }),
  ...(efforts && { efforts }),
});

const CLASSIC: readonly Effort[] = ["low", "medium", "high"];

/** Sizes and parameters from OpenAI's model pages; the first matching row counts. */
const FAMILIES: readonly Family[] = [
  family(/^gpt-5-chat/, ["temperature", "top_p", "json_schema", "vision", "image_url"], [128_000, 16_384]),
  family(/^gpt-5\.\d+-chat/, [...TOOLS, "json_schema", "vision", "image_url"], [128_000, 16_384]),
  family(/^gpt-5-codex/, REASONING_5, [400_000, 128_000], CLASSIC),
  family(/^gpt-5(-mini|-nano)?(-\d{4}|$)/, REASONING_5, [400_000, 128_000], ["minimal", ...CLASSIC]),
  family(/^gpt-5\.1(-\d{4}|$)/, REASONING_5, [400_000, 128_000], ["none", ...CLASSIC]),
  family(/^gpt-5\.2(-\d{4}|$)/, REASONING_5, [400_000, 128_000], ["none", ...CLASSIC, "xhigh"]),
  family(/^gpt-([5-9]|\d{2})/, REASONING_5),
  family(/^gpt-4\.1/, GENERAL, [1_047_576, 32_768]),
  family(/^gpt-4o-2024-05-13/, GENERAL, [128_000, 4_096]),
  family(/^(gpt-4o|chatgpt-4o)/, GENERAL, [128_000, 16_384]),
  family(/^gpt-4-turbo/, [...BASIC, "vision", "image_url"], [128_000, 4_096]),
  family(/^gpt-4(-0613|$)/, BASIC, [8_192, 8_192]),
  family(/^gpt-3\.5-turbo(-0125|-1106|$)/, BASIC, [16_385, 4_096]),
  family(/^gpt-(4|3\.5-turbo)(-|$)/, BASIC),
  family(/^o3-mini/, blind(REASONING), [200_000, 100_000], CLASSIC),
  family(/^(o1(-\d{4}|$)|o3(-\d{4}|$)|o4-mini)/, REASONING, [200_000, 100_000], CLASSIC),
  family(/^o\d/, REASONING, undefined, CLASSIC),
  family(/^text-embedding-/, []),
];

const familyOf = (model: string) => {
  // A fine-tuned model is called ft:BASE:ORGANISATION:NAME:ID and can do what its base can.
  const base = model.replace(/^ft:/, "").split(":")[0] ?? "";
  return FAMILIES.find(({ name }) => name.test(base));
};

/** What is known of one of OpenAI's models; one that is not known may take everything common. */
export function openAiFacts(model: string): ModelFacts {
  const { supports, contextTokens, maxOutputTokens } = familyOf(model) ?? { supports: GENERAL };
  return {
    supports: new Set(supports),
    ...(contextTokens !== undefined && { contextTokens }),
    ...(maxOutputTokens !== undefined && { maxOutputTokens }),
  };
}

/** A model of a server that RipTide knows nothing about. */
export const generalFacts = (): ModelFacts => ({ supports: new Set(GENERAL) });

const RANKS: readonly Effort[] = ["none", "minimal", "low", "medium", "high", "xhigh", "max"];

/** The nearest effort a model accepts: the highest that is not above the one asked for, else its lowest. */
export function acceptedEffort(model: string, effort: Effort): Effort {
  const accepted = familyOf(model)?.efforts;
  if (!accepted || accepted.includes(effort)) return effort;
  return accepted.findLast((own) => RANKS.indexOf(own) <= RANKS.indexOf(effort)) ?? accepted[0] ?? effort;
}
