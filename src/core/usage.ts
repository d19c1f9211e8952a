/**
 * Tokens of one attempt in normal form: `inputTokens` is the whole prompt, its cached and cache-written parts
 * included; `outputTokens` is everything billed as output, reasoning included.
 */
export interface Usage {
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cacheReadTokens: number;
  readonly cacheWriteTokens: number;
  readonly reasoningTokens: number;
  readonly source: "reported" | "estimated";
}
