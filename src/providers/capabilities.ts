import type { DialectName } from "../core/completion.ts";

/** What a model can take. A config's `supports` list uses the same words. */
export const CAPABILITIES = [
  "tools",
  "tool_choice",
  "parallel_tools",
  "json_schema",
  "vision",
  "image_url",
  "prefill",
  "temperature",
  "top_p",
  "stop",
  "seed",
  "effort",
] as const;
export type Capability = (typeof CAPABILITIES)[number];

/** What is known of one model. An unknown size is absent, never guessed. */
export interface ModelFacts {
  readonly contextTokens?: number;
  readonly maxOutputTokens?: number;
  readonly supports: ReadonlySet<Capability>;
  /** What cannot be sent together: the first is left out where the second is used. */
  readonly conflicts?: readonly Conflict[];
  /** The model is spoken to in these words, so a caller's own words need no translation. */
  readonly dialect?: DialectName;
}

export type Conflict = readonly [left: Capability, beside: Capability];

/** A provider's `models` block: what the file says of a model instead. */
export interface ModelOverride {
  readonly contextWindow?: number | undefined;
  readonly maxOutput?: number | undefined;
  readonly supports?: readonly Capability[] | undefined;
}

/** The words that differ from model to model; a `supports` list is exact for these and adds to the others. */
const PER_MODEL: readonly Capability[] = [
  "tools",
  "json_schema",
  "vision",
  "prefill",
  "temperature",
  "effort",
];

/** Built-in facts with a file's override on top. */
export function overrideFacts(facts: ModelFacts, override: ModelOverride | undefined): ModelFacts {
  if (!override) return facts;
  const contextTokens = override.contextWindow ?? facts.contextTokens;
  const maxOutputTokens = override.maxOutput ?? facts.maxOutputTokens;
  return {
    ...facts,
    ...(contextTokens !== undefined && { contextTokens }),
    ...(maxOutputTokens !== undefined && { maxOutputTokens }),
    ...(override.supports && { supports: replaceSupports(facts.supports, override.supports) }),
  };
}

function replaceSupports(builtIn: ReadonlySet<Capability>, listed: readonly Capability[]) {
  const kept = [...builtIn].filter((word) => !PER_MODEL.includes(word));
  return new Set<Capability>([...kept, ...listed]);
}
