import type { Capability, Conflict, ModelFacts } from "../capabilities.ts";

/** What a Claude model's name says. */
export interface ClaudeModel {
  /** `opus`, `sonnet`, `haiku`; empty when the name has none. */
  readonly line: string;
  /** Major times 100 plus minor: 4.5 is 405. Infinite for a name without a version, taken for the newest. */
  readonly version: number;
}

/** `claude-opus-4-1-20250805`, `claude-haiku-4-5@20251001`: a date is no minor version. */
const LINE_FIRST = /claude-([a-z]+)-(\d{1,2})(?:[-.](\d{1,2}))?(?!\d)/;
/** `claude-3-5-sonnet-20241022`, `claude-3-opus-20240229`. */
const VERSION_FIRST = /claude-(\d{1,2})(?:[-.](\d{1,2}))?(?!\d)(?:-([a-z]+))?/;

/** Reads line and version from a model's name, wherever it is hosted. */
export function claudeModel(name: string): ClaudeModel {
  const [, line, major, minor] = LINE_FIRST.exec(name) ?? [];
  if (line && major) return { line, version: versionOf(major, minor) };
  const [, oldMajor, oldMinor, oldLine = ""] = VERSION_FIRST.exec(name) ?? [];
  return { line: oldLine, version: oldMajor ? versionOf(oldMajor, oldMinor) : Number.POSITIVE_INFINITY };
}

const versionOf = (major: string, minor = "0") => Number(major) * 100 + Number(minor);

/** The capabilities by version: the first that has it, and the first that no longer has it. */
const CAPABILITIES: readonly (readonly [Capability, since: number, until?: number])[] = [
  ["stop", 0],
  ["tools", 300],
  ["tool_choice", 300],
  ["parallel_tools", 300],
  ["vision", 300],
  ["image_url", 300],
  ["effort", 307],
  ["json_schema", 405],
  ["prefill", 0, 406],
  ["temperature", 0, 407],
  ["top_p", 0, 407],
];

/** From this version on a model decides by itself how long to think; before it, thinking has a budget of tokens. */
export const ADAPTIVE_SINCE = 406;
/** First version that takes either temperature or top_p, but not both. */
const ONE_SAMPLING_SINCE = 401;

/** While it thinks a model keeps its own sampling, and with a budget it neither is forced nor continues. */
function conflictsOf(version: number): readonly Conflict[] {
  return [
    ["temperature", "effort"],
    ["top_p", "effort"],
    ...(version >= ONE_SAMPLING_SINCE ? ([["top_p", "temperature"]] as const) : []),
    ...(version < ADAPTIVE_SINCE
      ? ([
          ["effort", "tool_choice"],
          ["effort", "prefill"],
        ] as const)
      : []),
  ];
}

/** Longest answers below a version, some of one line only (Anthropic documentation, models overview). */
const MAX_OUTPUT: readonly (readonly [below: number, tokens: number, line?: string])[] = [
  [305, 4_096],
  [307, 8_192],
  [400, 64_000],
  [405, 32_000, "opus"],
  [406, 64_000],
];

/**
 * Built-in knowledge of a Claude model. `sampling` is false under API versions that refuse temperature and
 * top_p whatever the model.
 */
export function claudeFacts(name: string, sampling = true): ModelFacts {
  const { line, version } = claudeModel(name);
  const words = CAPABILITIES.filter(([, since, until]) => since <= version && !(until && until <= version))
    .map(([word]) => word)
    .filter((word) => sampling || (word !== "temperature" && word !== "top_p"));
  const limit = MAX_OUTPUT.find(([below, , only]) => version < below && (!only || only === line))?.[1];
  return {
    ...(version >= 300 && version < 406 && { contextTokens: 200_000 }),
    ...(limit !== undefined && { maxOutputTokens: limit }),
    supports: new Set(words),
    conflicts: conflictsOf(version),
  };
}
