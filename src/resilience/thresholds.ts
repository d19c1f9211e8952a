/** When a circuit opens and closes (CB). */
export interface BreakerOptions {
  readonly failureThreshold: number;
  readonly failureWindowMs: number;
  readonly minRequestThreshold: number;
  readonly recoveryTimeoutMs: number;
  /** A share between 0 and 1, of which six decimals count. */
  readonly successRateThreshold: number;
  readonly halfOpenMaxRequests: number;
}

/** Outcomes that counted. */
export interface Counts {
  readonly requests: number;
  readonly failures: number;
}

/** Whether so many failures open a closed circuit; a success rate of exactly the threshold does not (CB-3). */
export const opensAt = ({ requests, failures }: Counts, options: BreakerOptions): boolean =>
  requests >= options.minRequestThreshold &&
  failures >= options.failureThreshold &&
  (requests - failures) * WHOLE < requests * parts(options.successRateThreshold);

/** Successful trials that close a half-open circuit (CB-7). A threshold of 0 still asks for one. */
export const trialsNeeded = ({ halfOpenMaxRequests, successRateThreshold }: BreakerOptions): number =>
  Math.max(1, Math.ceil((halfOpenMaxRequests * parts(successRateThreshold)) / WHOLE));

/** Shares are compared in whole parts: 0.7 is no binary fraction, and products of it are off by a little. */
const WHOLE = 1_000_000;

const parts = (share: number): number => Math.round(share * WHOLE);
