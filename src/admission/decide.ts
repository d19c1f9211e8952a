import type { Spend } from "../core/budget.ts";
import { RiptideError } from "../core/errors.ts";
import { takeLimits } from "./limits.ts";
import type { AdmissionRules, Quote } from "./rules.ts";
import { choose, purseOf } from "./spending.ts";
import { refusedForMoney, unaffordable } from "./spending-refusals.ts";

/** What the store knows of a tenant at the moment of admission. Times are Unix milliseconds. */
export interface AdmissionState {
  readonly nowMs: number;
  /** An operator's mark. */
  readonly suspended: boolean;
  /** Live leases of the tenant. */
  readonly inFlight: number;
  /** Theoretical arrival times in microseconds; undefined before the first request. */
  readonly requestsTatUs: number | undefined;
  readonly tokensTatUs: number | undefined;
  /** One for each budget of the rules, in their order. */
  readonly spends: readonly Spend[];
  /** Requests in flight at the providers that have a limit. */
  readonly inFlightAt: ReadonlyMap<string, number>;
}

/** A target the request may go to. */
export interface Chosen {
  /** Its place among the quotes. */
  readonly index: number;
  /** The output limit that the money forces; undefined sends what the caller asked for. */
  readonly outputLimit: number | undefined;
  readonly worstNano: number;
}

/** A target that is passed over: it costs more than is left, or its provider has as many requests as it may have. */
export interface PassedOver {
  readonly reason: "unaffordable" | "busy";
  readonly index: number;
  readonly error: RiptideError;
}

export interface Accepted {
  readonly ok: true;
  readonly chosen: readonly Chosen[];
  readonly passedOver: readonly PassedOver[];
  /** The worst price among the chosen (LG-3). */
  readonly holdNano: number;
  /** Tokens taken from the bucket, to be corrected at settlement. */
  readonly tokens: number;
  /** New limiter states; undefined where the limit does not apply. */
  readonly requestsTatUs: number | undefined;
  readonly tokensTatUs: number | undefined;
  /** The turn of the round that the order goes by. */
  readonly turn?: number | undefined;
  /** What the caller should know of how it came to be accepted. */
  readonly warnings?: readonly string[];
}

export interface Refused {
  readonly ok: false;
  readonly error: RiptideError;
  /** Given where it is the targets that refuse, each for itself. */
  readonly passedOver?: readonly PassedOver[] | undefined;
  /** The alias a spent budget names in place of the one asked for. */
  readonly degradeTo?: string | undefined;
}

export type Decision = Accepted | Refused;

/**
 * Whether a request may go out now, and to which of its targets: concurrency, requests and tokens per minute, then
 * money (TA-1). A pure function of the rules, the offers and the state; a refusal changes nothing and names the limit,
 * its figures and when trying again can succeed.
 */
export function decide(rules: AdmissionRules, quotes: readonly Quote[], state: AdmissionState): Decision {
  const limits = takeLimits(rules, quotes, state);
  if (limits instanceof RiptideError) return { ok: false, error: limits };
  const purse = purseOf(rules, state);
  const { chosen: affordable, misfits } = choose(quotes, purse, rules.unpriced);
  if (affordable.length === 0) return refusedForMoney(misfits, purse, state.nowMs);
  const busy = affordable.flatMap(({ index }) => busyAt(quotes[index], index, state));
  const chosen = affordable.filter(({ index }) => !busy.some((each) => each.index === index));
  const [first] = busy;
  const passedOver = [...misfits.map((misfit) => unaffordable(misfit, purse)), ...busy];
  if (chosen.length === 0 && first) return { ok: false, error: first.error, passedOver };
  return {
    ok: true,
    chosen,
    passedOver,
    holdNano: Math.max(...chosen.map(({ worstNano }) => worstNano)),
    ...limits,
  };
}

/** A provider whose own limit of requests in flight is reached (`max_concurrent`). */
function busyAt(
  quote: Quote | undefined,
  index: number,
  { inFlightAt }: AdmissionState,
): readonly PassedOver[] {
  if (quote?.maxConcurrent === undefined) return [];
  if ((inFlightAt.get(quote.provider) ?? 0) < quote.maxConcurrent) return [];
  return [{ reason: "busy", index, error: busyError(quote.provider, quote.maxConcurrent) }];
}

/** What a full provider is refused with; the family of rate limits (FB-2). */
export const busyError = (provider: string, maxConcurrent: number): RiptideError =>
  new RiptideError(
    "rate_limited",
    `${provider} has ${maxConcurrent} request${maxConcurrent === 1 ? "" : "s"} in flight, its max_concurrent`,
    {
      hint: `try again, or raise providers.${provider}.max_concurrent`,
    },
  );
