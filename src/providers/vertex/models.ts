import type { Capability, ModelFacts } from "../capabilities.ts";

/** What a Gemini model's name says. */
export interface GeminiModel {
  /** `pro`, `flash` or `flash-lite`; empty when the name has none. */
  readonly line: string;
  /** Major times 100 plus minor: 2.5 is 205. Infinite for a name without a version, taken for the newest. */
  readonly version: number;
}

/** Reads version and line from names such as `gemini-2.5-flash-lite-preview` or `gemini-3-pro`. */
export function geminiModel(name: string): GeminiModel {
  const [, major, minor = "0", line = ""] =
    /gemini-(\d{1,2})(?:\.(\d{1,2}))?(?:-(pro|flash-lite|flash))?/.exec(name) ?? [];
  return { line, version: major ? Number(major) * 100 + Number(minor) : Number.POSITIVE_INFINITY };
}

/** First version whose thinking can be steered; from {@link LEVELS_SINCE} on by level, before that by budget. */
const THINKING_SINCE = 205;
export const LEVELS_SINCE = 300;

const ALWAYS: readonly Capability[] = [
  "tools",
  "tool_choice",
  "json_schema",
  "vision",
  "image_url",
  "temperature",
  "top_p",
  "stop",
  "seed",
];

/** Built-in knowledge of a Gemini model (Vertex AI documentation, Google models). */
export function geminiFacts(name: string): ModelFacts {
  const { version } = geminiModel(name);
  const sizes = version >= 200 && version < 400;
  return {
    ...(sizes && { contextTokens: 1_048_576, maxOutputTokens: version < THINKING_SINCE ? 8_192 : 65_535 }),
    supports: new Set([...ALWAYS, ...(version >= THINKING_SINCE ? (["effort"] as const) : [])]),
    // Before version 3 an answer in JSON cannot be asked for where functions are declared.
    ...(version < LEVELS_SINCE && { conflicts: [["json_schema", "tools"]] as const }),
  };
}
