/**
 * The generic cell rate algorithm: a limit is one point in time, the theoretical arrival time (TAT), up to which what
 * was taken has used up the rate. Everything is whole microseconds; a cost is rounded up, so no limit is ever exceeded.
 */
export interface CellRate {
  /** How much of the rate's time this request takes. */
  readonly costUs: number;
  /** How far the TAT may run ahead of now: the burst. Never below the cost. */
  readonly capacityUs: number;
  /** A TAT further ahead than this can only come from a clock that was set back since. */
  readonly horizonUs: number;
}

export type Taken =
  | { readonly ok: true; readonly tatUs: number }
  /** After exactly so long a caller who is alone gets through; a millisecond sooner does not. */
  | { readonly ok: false; readonly retryAfterMs: number };

/**
 * Takes one request from a limit (TA-2).
 *
 * A TAT beyond the horizon is pulled back to where this very request still fits. Pulling it back no further than to
 * the horizon would refuse everyone for as long as the clock was set back, because a refusal stores nothing.
 * @param tatUs The limit's state; undefined before the first request.
 */
export function take(tatUs: number | undefined, rate: CellRate, nowMs: number): Taken {
  const { costUs, capacityUs, horizonUs } = rate;
  const nowUs = microseconds(nowMs);
  const known = tatUs ?? nowUs;
  const from = known > nowUs + horizonUs ? nowUs + capacityUs - costUs : Math.max(known, nowUs);
  const earlyUs = from + costUs - (nowUs + capacityUs);
  return earlyUs <= 0
    ? { ok: true, tatUs: from + costUs }
    : { ok: false, retryAfterMs: Math.ceil(earlyUs / 1_000) };
}

/** Requests that may come at once, of so many per minute (TA-2). */
export const burstOf = (requestsPerMinute: number): number => Math.max(1, Math.floor(requestsPerMinute / 6));

export function requestRate(requestsPerMinute: number): CellRate {
  const costUs = Math.ceil(MINUTE_US / requestsPerMinute);
  const capacityUs = burstOf(requestsPerMinute) * costUs;
  return { costUs, capacityUs, horizonUs: capacityUs };
}

/** The rate of a bucket that holds one minute of tokens and is refilled all the time (TA-3). */
export const tokenRate = (tokens: number, tokensPerMinute: number): CellRate => ({
  costUs: tokenCostUs(tokens, tokensPerMinute),
  capacityUs: MINUTE_US,
  horizonUs: TOKEN_HORIZON_US,
});

/**
 * The state of a token limit once it is known what a request really used: the difference to what was taken at admission
 * goes back, or is taken now. What was used beyond the bucket leaves it below zero, which blocks, but never for more
 * than the two minutes that a clock set back may cost as well.
 */
export function correctedTokens(
  tatUs: number,
  tokens: { readonly reserved: number; readonly used: number; readonly tokensPerMinute: number },
  nowMs: number,
): number {
  const { reserved, used, tokensPerMinute } = tokens;
  const nowUs = microseconds(nowMs);
  const moreUs = tokenCostUs(used, tokensPerMinute) - tokenCostUs(reserved, tokensPerMinute);
  // A bucket that has filled up meanwhile pays from what it holds now.
  const from = moreUs > 0 ? Math.max(tatUs, nowUs) : tatUs;
  return Math.min(from + moreUs, nowUs + TOKEN_HORIZON_US);
}

const MINUTE_US = 60_000_000;
const TOKEN_HORIZON_US = 2 * MINUTE_US;

/** Whole, so that every state is. */
const microseconds = (ms: number): number => Math.floor(ms) * 1_000;

/** Millions of tokens times a minute are more than a plain number holds exactly. */
function tokenCostUs(tokens: number, tokensPerMinute: number): number {
  const perMinute = BigInt(tokensPerMinute);
  const cost = (BigInt(tokens) * BigInt(MINUTE_US) + perMinute - 1n) / perMinute;
  return cost > BigInt(Number.MAX_SAFE_INTEGER) ? Number.MAX_SAFE_INTEGER : Number(cost);
}
