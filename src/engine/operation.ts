import type { Config } from "../config/config.ts";
import type { CompletionRequest } from "../core/completion.ts";
import { formatDuration } from "../core/duration.ts";
import { RiptideError } from "../core/errors.ts";
import type { RouteAsk } from "../routing/route.ts";

export const STREAM_RECOVERIES = ["continue", "off"] as const;
export type StreamRecovery = (typeof STREAM_RECOVERIES)[number];

/** What one caller asks for, whatever the entry point. */
export interface Asked {
  readonly id: string;
  readonly tenant: string;
  readonly route: RouteAsk;
  /** The deadline D, where the caller names one. */
  readonly timeoutMs?: number | undefined;
  readonly maxAttempts?: number | undefined;
  /** Whether an answer that breaks off may be carried on by another candidate. */
  readonly streamRecovery?: StreamRecovery | undefined;
  /** The most it may cost, in nano-dollars. */
  readonly maxCostNano?: number | undefined;
  /** The same tenant's second request with it, within ten minutes, is refused (AT-12). */
  readonly idempotencyKey?: string | undefined;
  /** Words of the caller's own that reports can group by. */
  readonly tags: Readonly<Record<string, string>>;
  /** A look at the provider, not work for a caller: it counts for no breaker and leads to no hold (HM-5). */
  readonly probe?: boolean | undefined;
  readonly dialect: string;
  readonly via: "in-process" | "daemon";
  /** How long it waited for its turn. */
  readonly queueMs?: number | undefined;
  /** Aborted with a RiptideError `cancelled` when the caller gives up. */
  readonly signal: AbortSignal;
}

export interface CompletionOperation extends Asked {
  readonly request: CompletionRequest;
  readonly stream: boolean;
  /** A parameter the model cannot take is an error, not a warning. */
  readonly strictParams: boolean;
  /** Reasoning is handed to the caller, so it counts as content. */
  readonly showReasoning: boolean;
}

export interface EmbeddingOperation extends Asked {
  readonly texts: readonly string[];
  readonly dimensions?: number | undefined;
}

/** The limits of one operation: the call's, else the alias's, else the installation's (DL-1). */
export interface OperationLimits {
  readonly deadlineMs: number;
  /** The deadline without a caller's word: what counts as the full time of an attempt goes by it (CB-2). */
  readonly configuredDeadlineMs: number;
  readonly firstTokenMs: number | undefined;
  readonly streamIdleMs: number;
  readonly streamMaxMs: number;
  /** The deadline covers the whole stream. */
  readonly strict: boolean;
  readonly maxAttempts: number;
  readonly streamRecovery: StreamRecovery;
}

/** @throws RiptideError `usage` for a timeout over `timeouts.max`. */
export function limitsOf(
  asked: Asked,
  config: Config,
  use: { readonly alias: string | null; readonly kind: "completion" | "embedding" },
): OperationLimits {
  const { timeouts, failover } = config;
  const named = use.alias === null ? undefined : config.aliases[use.alias];
  const alias = named?.timeouts;
  const configured =
    use.kind === "completion"
      ? (alias?.completionMs ?? timeouts.completionMs)
      : (alias?.embeddingMs ?? timeouts.embeddingMs);
  if (asked.timeoutMs !== undefined && asked.timeoutMs > timeouts.maxMs) {
    throw new RiptideError(
      "usage",
      `a timeout of ${formatDuration(asked.timeoutMs)} is over the ceiling of ${formatDuration(timeouts.maxMs)}`,
      { hint: "raise timeouts.max in providers.yaml" },
    );
  }
  return {
    deadlineMs: asked.timeoutMs ?? configured,
    configuredDeadlineMs: configured,
    firstTokenMs: alias?.firstTokenMs,
    streamIdleMs: alias?.streamIdleMs ?? timeouts.streamIdleMs,
    streamMaxMs: alias?.streamMaxMs ?? timeouts.streamMaxMs,
    strict: timeouts.strict,
    maxAttempts: asked.maxAttempts ?? failover.maxAttempts,
    streamRecovery: asked.streamRecovery ?? named?.streamRecovery ?? "continue",
  };
}
