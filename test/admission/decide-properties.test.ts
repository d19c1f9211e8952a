import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type AdmissionState, decide } from "../../src/admission/decide.ts";
import { requestRate } from "../../src/admission/gcra.ts";
import type { AdmissionRules, Quote } from "../../src/admission/rules.ts";
import { budget, NOW_MS, pricing, quote, state, USD } from "./cases.ts";

const amounts = fc.oneof(fc.integer({ min: 0, max: 100 }), fc.integer({ min: 0, max: 3 * USD }));
const quotes: fc.Arbitrary<Quote[]> = fc.array(
  fc
    .record({
      prompt: amounts,
      token: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 2_000_000 })),
      isPriced: fc.boolean(),
      inputTokens: fc.integer({ min: 0, max: 5_000 }),
      outputTokens: fc.integer({ min: 1, max: 8_000 }),
      outputIsOpen: fc.boolean(),
    })
    .map(({ prompt, token, isPriced, outputIsOpen, outputTokens, inputTokens }) =>
      quote({
        inputTokens,
        outputIsOpen,
        outputTokens: outputIsOpen ? 4_096 : outputTokens,
        pricing: isPriced ? pricing(prompt, token) : null,
      }),
    ),
  { minLength: 1, maxLength: 5 },
);
const money = fc.array(
  fc.record({
    limitNano: amounts,
    spentNano: amounts,
    heldNano: amounts,
    period: fc.constantFrom("hour" as const, "month" as const, "30d" as const),
    degradeTo: fc.constantFrom(null, "cheap"),
  }),
  { maxLength: 4 },
);
const optional = (max: number) => fc.option(fc.integer({ min: 1, max }), { nil: undefined });
const tats = fc.option(
  fc.integer({ min: -90_000_000, max: 200_000_000 }).map((us) => NOW_MS * 1_000 + us),
  { nil: undefined },
);

interface Case {
  readonly rules: AdmissionRules;
  readonly quotes: readonly Quote[];
  readonly state: AdmissionState;
}

const cases: fc.Arbitrary<Case> = fc
  .record({
    quotes,
    money,
    capNano: fc.option(amounts, { nil: undefined }),
    unpriced: fc.constantFrom("refuse" as const, "allow" as const),
    requestsPerMinute: optional(200),
    tokensPerMinute: optional(20_000),
    maxConcurrent: optional(3),
    inFlight: fc.integer({ min: 0, max: 3 }),
    requestsTatUs: tats,
    tokensTatUs: tats,
    suspended: fc.nat(20).map((n) => n === 0),
  })
  .map(({ quotes: asked, money: budgets, inFlight, requestsTatUs, tokensTatUs, suspended, ...rules }) => ({
    quotes: asked,
    rules: { tenant: "acme", ...rules, budgets: budgets.map((given) => budget(given)) },
    state: state({ inFlight, requestsTatUs, tokensTatUs, suspended, spends: budgets }),
  }));

describe("for any rules, offers and state", () => {
  it("chooses nothing that a budget or the cap could not pay for (LG-2)", () => {
    fc.assert(
      fc.property(cases, ({ rules, quotes: asked, state: now }) => {
        const decision = decide(rules, asked, now);
        if (!decision.ok || decision.holdNano === 0) return;
        const rooms = now.spends.map(
          ({ spentNano, heldNano }, index) => (rules.budgets[index]?.limitNano ?? 0) - spentNano - heldNano,
        );
        const roomNano = Math.min(rules.capNano ?? Number.MAX_SAFE_INTEGER, ...rooms);
        expect(decision.holdNano).toBeLessThanOrEqual(roomNano);
      }),
      { numRuns: 5_000 },
    );
  });

  it("holds the worst price of each chosen target with the output limit it is given (LG-3)", () => {
    fc.assert(
      fc.property(cases, (given) => {
        const decision = decide(given.rules, given.quotes, given.state);
        if (!decision.ok) return;
        for (const { index, outputLimit, worstNano } of decision.chosen) {
          const { pricing: price, outputTokens } = given.quotes[index] ?? quote();
          expect(worstNano).toBe(price?.worstNano(outputLimit ?? outputTokens) ?? 0);
        }
        expect(decision.holdNano).toBe(Math.max(...decision.chosen.map(({ worstNano }) => worstNano)));
      }),
      { numRuns: 2_000 },
    );
  });

  it("limits only an output that is open, to 64 tokens or more and never to more than was reserved for", () => {
    fc.assert(
      fc.property(cases, (given) => {
        const decision = decide(given.rules, given.quotes, given.state);
        const limited = decision.ok
          ? decision.chosen.filter(({ outputLimit }) => outputLimit !== undefined)
          : [];
        for (const { index, outputLimit = 0 } of limited) {
          const { outputTokens, outputIsOpen } = given.quotes[index] ?? quote();
          expect(outputIsOpen && outputLimit >= 64 && outputLimit < outputTokens).toBe(true);
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it("gives every offer an answer: chosen or unaffordable, in the order in which they came", () => {
    fc.assert(
      fc.property(cases, (given) => {
        const decision = decide(given.rules, given.quotes, given.state);
        if (!decision.ok) return;
        const chosen = decision.chosen.map(({ index }) => index);
        const passed = decision.passedOver.map(({ index }) => index);
        expect(chosen).toEqual(chosen.toSorted((a, b) => a - b));
        expect([...chosen, ...passed].toSorted((a, b) => a - b)).toEqual(
          given.quotes.map((_, index) => index),
        );
      }),
    );
  });

  it("is pure: it changes nothing it is given and says the same again", () => {
    fc.assert(
      fc.property(cases, (given) => {
        const before = JSON.stringify(given);
        const first = decide(given.rules, given.quotes, given.state);
        expect(JSON.stringify(given)).toBe(before);
        expect(decide(given.rules, given.quotes, given.state)).toEqual(first);
      }),
    );
  });

  it("refuses with words, figures and a hint; a wait is a whole number of milliseconds ahead", () => {
    fc.assert(
      fc.property(cases, (given) => {
        const decision = decide(given.rules, given.quotes, given.state);
        if (decision.ok) return;
        const { code, message, facts } = decision.error;
        expect(code).not.toBe("internal");
        expect(message).toMatch(/; nothing was sent$/);
        expect(facts.hint?.length).toBeGreaterThan(0);
        expect(facts.reasons?.length ?? 0).toBeLessThanOrEqual(5);
        const { retryAfterMs } = facts;
        if (retryAfterMs !== undefined)
          expect(Number.isSafeInteger(retryAfterMs) && retryAfterMs > 0).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });

  it("admits the same request after the wait that a rate limit names, and not a millisecond sooner", () => {
    fc.assert(
      fc.property(cases, (given) => {
        const reached = { ...given, state: reachable(given) };
        const decision = decide(reached.rules, reached.quotes, reached.state);
        if (decision.ok || decision.error.code !== "tenant_rate_limited") return;
        const { retryAfterMs } = decision.error.facts;
        if (retryAfterMs === undefined) return;
        const codeAfter = (waitMs: number) => {
          const again = decide(reached.rules, reached.quotes, { ...reached.state, nowMs: NOW_MS + waitMs });
          return again.ok ? "ok" : again.error.code;
        };
        expect(codeAfter(retryAfterMs - 1)).toBe("tenant_rate_limited");
        expect(codeAfter(retryAfterMs)).not.toBe("tenant_rate_limited");
      }),
      { numRuns: 3_000 },
    );
  });
});

/** The same with limits as a clock that was never set back leaves them. */
function reachable({ rules: { requestsPerMinute = 1 }, state: now }: Case): AdmissionState {
  const within = (tatUs: number | undefined, horizonUs: number) =>
    tatUs === undefined ? undefined : Math.min(tatUs, NOW_MS * 1_000 + horizonUs);
  return {
    ...now,
    requestsTatUs: within(now.requestsTatUs, requestRate(requestsPerMinute).horizonUs),
    tokensTatUs: within(now.tokensTatUs, 120_000_000),
  };
}
