import type { Config } from "../config/config.ts";
import type { CompletionRequest } from "../core/completion.ts";
import { formatDuration } from "../core/duration.ts";
import { RiptideError } from "../core/errors.ts";
import type { RouteAsk } from "../routing/route.ts";

/** What one caller asks for, whatever the entry point. */
export interface Asked {
  readonly id: string;
  readonly tenant: string;
  readonly route: RouteAsk;
  /** The deadline D, where the caller names one. */
  readonly timeoutMs?: number | undefined;
  readonly maxAttempts?: number | undefined;
  /** The most it may cost, in nano-dollars. */
  readonly maxCostNano?: number | undefined;
  /** Words of the caller's own that reports can group by. */
  readonly tags: Readonly<Record<string, string>>;
  readonly dialect: string;
  readonly via: "in-process" | "daemon";
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
  readonly firstTokenMs: number | undefined;
  readonly streamIdleMs: number;
  readonly streamMaxMs: number;
  /** The deadline covers the whole stream. */
  readonly strict: boolean;
  readonly maxAttempts: number;
}

/** @throws RiptideError `usage` for a timeout over `timeouts.max`. */
export function limitsOf(
  asked: Asked,
  config: Config,
  use: { readonly alias: string | null; readonly kind: "completion" | "embedding" },
): OperationLimits {
  const { timeouts, failover } = config;
  const alias = (use.alias === null ? undefined : config.aliases[use.alias])?.timeouts;
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
    firstTokenMs: alias?.firstTokenMs,
    streamIdleMs: alias?.streamIdleMs ?? timeouts.streamIdleMs,
    streamMaxMs: alias?.streamMaxMs ?? timeouts.streamMaxMs,
    strict: timeouts.strict,
    maxAttempts: asked.maxAttempts ?? failover.maxAttempts,
  };
}
