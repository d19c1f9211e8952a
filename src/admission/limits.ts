import { formatDuration } from "../core/duration.ts";
import { RiptideError } from "../core/errors.ts";
import type { AdmissionState } from "./decide.ts";
import { burstOf, requestRate, take, tokenRate } from "./gcra.ts";
import type { AdmissionRules, Quote } from "./rules.ts";

/** What the limits on requests and tokens look like once the request is taken from them. */
export interface Limits {
  /** Tokens taken from the bucket. */
  readonly tokens: number;
  readonly requestsTatUs: number | undefined;
  readonly tokensTatUs: number | undefined;
}

/**
 * Takes a request from the tenant's limits: its mark, concurrency, requests and tokens per minute. The first that says
 * no gives the error: `tenant_denied`, `tenant_busy` or `tenant_rate_limited`. The last names the wait after which
 * requests and tokens both let it through.
 */
export function takeLimits(
  rules: AdmissionRules,
  quotes: readonly Quote[],
  state: AdmissionState,
): Limits | RiptideError {
  if (state.suspended) return suspended(rules);
  if (rules.maxConcurrent !== undefined && state.inFlight >= rules.maxConcurrent) return busy(rules, state);
  const tokens = tokensOf(rules, quotes);
  if (tokens instanceof RiptideError) return tokens;
  const requestsTaken = takeRequest(rules, state);
  const tokensTaken = takeTokens(rules, tokens, state);
  const shortages = [requestsTaken, tokensTaken].flatMap((taken) =>
    taken && "what" in taken ? [taken] : [],
  );
  const [first] = shortages;
  if (first) return rateLimited(rules, [first, ...shortages.slice(1)]);
  return { tokens, requestsTatUs: tatOf(requestsTaken), tokensTatUs: tatOf(tokensTaken) };
}

const suspended = ({ tenant }: AdmissionRules): RiptideError =>
  new RiptideError("tenant_denied", `tenant ${tenant} is suspended; nothing was sent`, {
    hint: `riptide tenants resume ${tenant}`,
  });

const busy = ({ tenant, maxConcurrent }: AdmissionRules, { inFlight }: AdmissionState): RiptideError =>
  new RiptideError("tenant_busy", `tenant ${tenant} has no free place; nothing was sent`, {
    reasons: [`limit ${maxConcurrent} at a time, running ${inFlight}; free when one of them ends`],
    hint: `try again, or raise max_concurrent of tenant ${tenant} in providers.yaml`,
  });

/** A rate that has been used up for now. */
interface Shortage {
  readonly what: string;
  readonly figures: string;
  readonly key: string;
  readonly retryAfterMs: number;
}

/** Undefined where there is no limit. */
type TakenRate = { readonly tatUs: number } | Shortage | undefined;

const tatOf = (taken: TakenRate): number | undefined => (taken && "tatUs" in taken ? taken.tatUs : undefined);

function takeRequest({ requestsPerMinute }: AdmissionRules, state: AdmissionState): TakenRate {
  if (requestsPerMinute === undefined) return undefined;
  const taken = take(state.requestsTatUs, requestRate(requestsPerMinute), state.nowMs);
  if (taken.ok) return taken;
  const { retryAfterMs } = taken;
  const limit = `limit ${requestsPerMinute} a minute, ${burstOf(requestsPerMinute)} at once`;
  const figures = `${limit}; the next in ${waitText(retryAfterMs)}`;
  return { what: "requests per minute", figures, key: "requests_per_minute", retryAfterMs };
}

function takeTokens({ tokensPerMinute }: AdmissionRules, tokens: number, state: AdmissionState): TakenRate {
  if (tokensPerMinute === undefined) return undefined;
  const taken = take(state.tokensTatUs, tokenRate(tokens, tokensPerMinute), state.nowMs);
  if (taken.ok) return taken;
  const { retryAfterMs } = taken;
  const limit = `limit ${tokensPerMinute} tokens a minute, this request up to ${tokens}`;
  const figures = `${limit}; enough in ${waitText(retryAfterMs)}`;
  return { what: "tokens per minute", figures, key: "tokens_per_minute", retryAfterMs };
}

function rateLimited(
  { tenant }: AdmissionRules,
  shortages: readonly [Shortage, ...Shortage[]],
): RiptideError {
  const [{ what, key }] = shortages;
  return new RiptideError("tenant_rate_limited", `tenant ${tenant} is over its ${what}; nothing was sent`, {
    reasons: shortages.map(({ figures }) => figures),
    hint: `wait, or raise ${key} of tenant ${tenant} in providers.yaml`,
    retryAfterMs: Math.max(...shortages.map(({ retryAfterMs }) => retryAfterMs)),
  });
}

/** How many tokens to take: what the largest of the targets may use, but no more than the bucket holds. */
function tokensOf(
  { tenant, tokensPerMinute }: AdmissionRules,
  quotes: readonly Quote[],
): number | RiptideError {
  const [least] = quotes.toSorted((a, b) => leastTokens(a) - leastTokens(b));
  if (tokensPerMinute === undefined || !least) return 0;
  if (leastTokens(least) > tokensPerMinute) return tooLarge(tenant, tokensPerMinute, least);
  const wanted = quotes.map(({ inputTokens, outputTokens }) => inputTokens + outputTokens);
  return Math.min(Math.max(...wanted), tokensPerMinute);
}

/** What a request needs at the least: an answer without a limit takes what is there. */
const leastTokens = ({ inputTokens, outputTokens, outputIsOpen }: Quote): number =>
  outputIsOpen ? inputTokens : inputTokens + outputTokens;

/** No waiting helps a request that asks for more than the bucket ever holds. */
function tooLarge(
  tenant: string,
  tokensPerMinute: number,
  { inputTokens, outputTokens, outputIsOpen }: Quote,
): RiptideError {
  const output = outputIsOpen ? "" : ` and up to ${outputTokens} of answer`;
  const left = tokensPerMinute - inputTokens;
  const message = `tenant ${tenant} may not use so many tokens in a minute; nothing was sent`;
  return new RiptideError("tenant_rate_limited", message, {
    reasons: [`limit ${tokensPerMinute} a minute, this request about ${inputTokens} of prompt${output}`],
    hint:
      left > 0
        ? `lower --max-tokens to ${left} or less`
        : `shorten the prompt, or raise tokens_per_minute of tenant ${tenant} in providers.yaml`,
  });
}

/** A wait as a person reads it, rounded up, so that nobody comes back too soon. */
function waitText(ms: number): string {
  const unitMs = ms < 1_000 ? 1 : ms < 60_000 ? 10 : 600;
  return formatDuration(Math.ceil(ms / unitMs) * unitMs);
}
