import { moneyOfNumber } from "../config/money.ts";
import { RiptideError } from "../core/errors.ts";
import { isTenantName, TENANT_NAME } from "../core/tenant.ts";
import type { Asked } from "../engine/operation.ts";
import type { StrategyName } from "../routing/strategy-name.ts";

/** What can be said of one call, and in the client's options of every call. */
export interface CallOptions {
  /** Gives the call up. */
  readonly signal?: AbortSignal;
  /**
   * The deadline in milliseconds; `timeouts` of the configuration unless given. A stream has it for its first text, and
   * then `timeouts.stream_idle` and `timeouts.stream_max`; `timeouts.strict` makes it hold for the whole stream.
   */
  readonly timeoutMs?: number;
  /** The most the call may cost, in dollars; else nothing is sent (`cost_cap_exceeded`). */
  readonly maxCostUsd?: number;
  /** Whom limits, budgets and costs belong to; `default` unless given. */
  readonly tenant?: string;
  /** Words of your own that `costs({ by: ["tag:KEY"] })` groups by. */
  readonly tags?: Readonly<Record<string, string>>;
  /** Only these providers, in this order. */
  readonly providers?: readonly string[];
  /** `provider/model` targets to try after the others. */
  readonly fallback?: readonly string[];
  readonly strategy?: StrategyName;
  readonly maxAttempts?: number;
  /** A second request with it within ten minutes is refused. */
  readonly idempotencyKey?: string;
  /** What a model cannot take is an error and not a warning. */
  readonly strictParams?: boolean;
}

/** What was said last. A member that is undefined says nothing: it lifts no cap, and takes no tenant away. */
export function over(options: CallOptions, later: CallOptions): CallOptions {
  const said = Object.entries(later).filter(([, value]) => value !== undefined);
  return { ...options, ...Object.fromEntries(said) };
}

/** The part of an operation that is the same for all kinds. @throws RiptideError `usage` */
export function askedOf(
  model: string | undefined,
  options: CallOptions,
  { id, signal }: Pick<Asked, "id" | "signal">,
): Asked {
  const { tenant = "default", tags = {}, providers, fallback, strategy, maxCostUsd } = options;
  if (!isTenantName(tenant)) throw new RiptideError("usage", TENANT_NAME);
  return {
    id,
    tenant,
    route: { model, providers, fallback, strategy },
    // What is left until a moment of `performance.now()` is a fraction, and the ledger keeps whole milliseconds.
    timeoutMs: options.timeoutMs === undefined ? undefined : Math.ceil(options.timeoutMs),
    maxAttempts: options.maxAttempts,
    maxCostNano: maxCostUsd === undefined ? undefined : nanoOf(maxCostUsd, "maxCostUsd"),
    idempotencyKey: options.idempotencyKey,
    tags,
    dialect: "native",
    via: "in-process",
    signal,
  };
}

/** An amount that the caller gave in dollars. @throws RiptideError `usage` */
export function nanoOf(dollars: number, name: string): number {
  const nano = moneyOfNumber(dollars);
  if (nano !== undefined) return nano;
  throw new RiptideError("usage", `${name} wants an amount in dollars, not ${dollars}`);
}
