import type { AdmissionState, Decision } from "../../src/admission/decide.ts";
import type { AdmissionRules, Pricing, Quote } from "../../src/admission/rules.ts";
import type { BudgetRule } from "../../src/core/budget.ts";
import type { RiptideError } from "../../src/core/errors.ts";

/** 22 November 2026, 15:00 UTC: a Sunday. */
export const NOW_MS = Date.UTC(2026, 10, 22, 15);
export const USD = 1_000_000_000;

/** A price of so much for the prompt and for each token of the answer. */
export const pricing = (promptNano: number, tokenNano: number): Pricing => ({
  worstNano: (outputTokens) => promptNano + outputTokens * tokenNano,
  outputFor: (nano) => {
    if (nano < promptNano) return -1;
    return tokenNano === 0 ? Number.MAX_SAFE_INTEGER : Math.floor((nano - promptNano) / tokenNano);
  },
});

export const quote = (given: Partial<Quote> = {}): Quote => ({
  provider: "openai",
  model: "gpt-x",
  inputTokens: 100,
  outputTokens: 1_000,
  outputIsOpen: false,
  pricing: pricing(0, 1_000_000),
  ...given,
});

export const rules = (given: Partial<AdmissionRules> = {}): AdmissionRules => ({
  tenant: "acme",
  budgets: [],
  unpriced: "refuse",
  ...given,
});

export const budget = (given: Partial<BudgetRule> = {}): BudgetRule => ({
  tenant: "acme",
  period: "month",
  limitNano: 50 * USD,
  thresholds: [0.5, 0.8, 0.9, 1],
  degradeTo: null,
  ...given,
});

export const state = (given: Partial<AdmissionState> = {}): AdmissionState => ({
  nowMs: NOW_MS,
  suspended: false,
  inFlight: 0,
  requestsTatUs: undefined,
  tokensTatUs: undefined,
  spends: [],
  inFlightAt: new Map(),
  ...given,
});

/** A refusal as the command line prints it. */
export function refusalText(decision: Decision): readonly string[] {
  if (decision.ok) return ["accepted"];
  return errorText(decision.error);
}

export function errorText({ code, message, facts }: RiptideError): readonly string[] {
  const wait = facts.retryAfterMs === undefined ? [] : [`retry after ${facts.retryAfterMs}`];
  return [`${code}: ${message}`, ...(facts.reasons ?? []), `hint: ${facts.hint}`, ...wait];
}
