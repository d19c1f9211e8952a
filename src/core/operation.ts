/** The kinds of work a provider does; each has a circuit breaker of its own (CB-1). */
export type OperationClass = "completion" | "embedding";

/** What is known of an operation when it is admitted; the ledger keeps it. */
export interface OperationStart {
  /** `rq_` and a time-ordered suffix. */
  readonly id: string;
  readonly tenant: string;
  /** What the caller asked for. */
  readonly requestedModel: string;
  /** The alias that was resolved, after a spent budget changed it; null for a target named outright. */
  readonly alias: string | null;
  readonly class: OperationClass;
  /** The words it was asked in: `cli`, `openai`, `anthropic`, `native`. */
  readonly dialect: string;
  readonly strategy: string;
  readonly configRevision: string;
  /** Of the configuration in a daemon; 0 in a one-shot process. */
  readonly generation: number;
  readonly idempotencyKey: string | null;
  readonly stream: boolean;
  readonly via: "in-process" | "daemon";
  readonly tags: Readonly<Record<string, string>>;
  /** The limit on its answer that its caller set. */
  readonly maxTokens?: number | undefined;
  /** A digest of its prompt, where `ledger.prompt_hashes` is on. The ledger keeps it salted, and nothing else does. */
  readonly promptDigest?: string | undefined;
  /** Unix milliseconds. Budget periods and reports go by it (LG-12). */
  readonly startedMs: number;
}
