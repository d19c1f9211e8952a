import { describe, expect, it } from "vitest";
import { decide } from "../../src/admission/decide.ts";
import { budget, NOW_MS, pricing, quote, refusalText, rules, state, USD } from "./cases.ts";

const spent = (spentNano: number, heldNano = 0) => ({ spentNano, heldNano });

describe("a request that nothing limits", () => {
  it("goes to every target as it is, and holds the worst price among them (LG-3)", () => {
    const quotes = [quote(), quote({ provider: "claude", pricing: pricing(5, 2_000_000) })];
    expect(decide(rules(), quotes, state())).toEqual({
      ok: true,
      chosen: [
        { index: 0, outputLimit: undefined, worstNano: USD },
        { index: 1, outputLimit: undefined, worstNano: 2 * USD + 5 },
      ],
      passedOver: [],
      holdNano: 2 * USD + 5,
      tokens: 0,
      requestsTatUs: undefined,
      tokensTatUs: undefined,
    });
  });

  it("needs no price", () => {
    expect(decide(rules(), [quote({ pricing: null })], state())).toMatchObject({ ok: true, holdNano: 0 });
  });
});

describe("limits come before money, in order (TA-1)", () => {
  const all = rules({
    maxConcurrent: 2,
    requestsPerMinute: 60,
    tokensPerMinute: 10_000,
    budgets: [budget()],
  });
  const full = state({
    suspended: true,
    inFlight: 2,
    requestsTatUs: NOW_MS * 1_000 + 10_000_000,
    tokensTatUs: NOW_MS * 1_000 + 60_000_000,
    spends: [spent(50 * USD)],
  });

  it("refuses a suspended tenant first", () => {
    expect(refusalText(decide(all, [quote()], full))).toEqual([
      "tenant_denied: tenant acme is suspended; nothing was sent",
      "hint: riptide tenants resume acme",
    ]);
  });

  it("then one that has too many requests running, without a time to wait (TA-4)", () => {
    expect(refusalText(decide(all, [quote()], { ...full, suspended: false }))).toEqual([
      "tenant_busy: tenant acme has no free place; nothing was sent",
      "limit 2 at a time, running 2; free when one of them ends",
      "hint: try again, or raise max_concurrent of tenant acme in providers.yaml",
    ]);
  });

  it("then one over its requests per minute, with the exact wait until all limits let it through (TA-2)", () => {
    expect(refusalText(decide(all, [quote()], { ...full, suspended: false, inFlight: 1 }))).toEqual([
      "tenant_rate_limited: tenant acme is over its requests per minute; nothing was sent",
      "limit 60 a minute, 10 at once; the next in 1 s",
      "limit 10000 tokens a minute, this request up to 1100; enough in 6.6 s",
      "hint: wait, or raise requests_per_minute of tenant acme in providers.yaml",
      "retry after 6600",
    ]);
  });

  it("then one over its tokens per minute, with the exact wait (TA-3)", () => {
    const later = { ...full, suspended: false, inFlight: 0, requestsTatUs: undefined };
    expect(refusalText(decide(all, [quote({ inputTokens: 103 })], later))).toEqual([
      "tenant_rate_limited: tenant acme is over its tokens per minute; nothing was sent",
      "limit 10000 tokens a minute, this request up to 1103; enough in 6.62 s",
      "hint: wait, or raise tokens_per_minute of tenant acme in providers.yaml",
      "retry after 6618",
    ]);
  });

  it("then one over its budget", () => {
    const later = state({ spends: [spent(50 * USD)] });
    expect(decide(all, [quote()], later)).toMatchObject({ ok: false, error: { code: "budget_exceeded" } });
  });

  it("takes one request and its tokens when it admits", () => {
    const decision = decide(all, [quote()], state({ inFlight: 1, spends: [spent(0)] }));
    expect(decision).toMatchObject({
      ok: true,
      tokens: 1_100,
      requestsTatUs: NOW_MS * 1_000 + 1_000_000,
      tokensTatUs: NOW_MS * 1_000 + 6_600_000,
    });
  });
});

describe("a request that is larger than the bucket of tokens", () => {
  const limited = rules({ tokensPerMinute: 1_000 });

  it("takes what is there when nobody fixed its output", () => {
    const open = quote({ inputTokens: 400, outputTokens: 4_096, outputIsOpen: true });
    expect(decide(limited, [open], state())).toMatchObject({ ok: true, tokens: 1_000 });
  });

  it("is refused for good when its output is fixed, and told what to lower", () => {
    const fixed = quote({ inputTokens: 400, outputTokens: 601 });
    expect(refusalText(decide(limited, [fixed], state()))).toEqual([
      "tenant_rate_limited: tenant acme may not use so many tokens in a minute; nothing was sent",
      "limit 1000 a minute, this request about 400 of prompt and up to 601 of answer",
      "hint: lower --max-tokens to 600 or less",
    ]);
    expect(decide(limited, [quote({ inputTokens: 400, outputTokens: 600 })], state()).ok).toBe(true);
  });

  it("is refused for good when its prompt alone is too long", () => {
    const open = quote({ inputTokens: 1_001, outputIsOpen: true });
    expect(refusalText(decide(limited, [open], state())).slice(1)).toEqual([
      "limit 1000 a minute, this request about 1001 of prompt",
      "hint: shorten the prompt, or raise tokens_per_minute of tenant acme in providers.yaml",
    ]);
  });
});

describe("budgets", () => {
  it("admits what fits to the last nano-dollar and refuses one more", () => {
    const limited = rules({ budgets: [budget()] });
    const of = (spentNano: number, heldNano: number) =>
      decide(limited, [quote()], state({ spends: [spent(spentNano, heldNano)] })).ok;
    expect(of(48 * USD, USD)).toBe(true);
    expect(of(48 * USD + 1, USD)).toBe(false);
    expect(of(48 * USD, USD + 1)).toBe(false);
  });

  it("names the budget, its figures, what was asked and when it resets", () => {
    const asked = quote({ pricing: pricing(0, 41_200) });
    const decision = decide(
      rules({ budgets: [budget()] }),
      [asked],
      state({ spends: [spent(49.97 * USD, 0.02 * USD)] }),
    );
    expect(refusalText(decision)).toEqual([
      "budget_exceeded: tenant acme would exceed its month budget; nothing was sent",
      "limit $50.00, spent $49.97, reserved $0.02000, this request up to $0.04120; resets 2026-12-01T00:00:00Z",
      "hint: lower --max-tokens, or riptide budgets show acme",
      `retry after ${Date.UTC(2026, 11, 1) - NOW_MS}`,
    ]);
  });

  it("names the tightest budget first, and waits for the last of those that are spent", () => {
    const budgets = [
      budget(),
      budget({ tenant: null, period: "day", limitNano: 100 * USD }),
      budget({ period: "7d", limitNano: 20 * USD }),
    ];
    const decision = decide(
      rules({ budgets }),
      [quote()],
      state({ spends: [spent(49.6 * USD), spent(99.9 * USD), spent(19.5 * USD)] }),
    );
    expect(refusalText(decision)).toEqual([
      "budget_exceeded: the installation would exceed its day budget; nothing was sent",
      "limit $100.00, spent $99.90, reserved $0.00, this request up to $1.00; resets 2026-11-23T00:00:00Z",
      "also month budget of tenant acme: limit $50.00, spent $49.60, reserved $0.00; resets 2026-12-01T00:00:00Z",
      "also 7-day budget of tenant acme: limit $20.00, spent $19.50, reserved $0.00; its oldest day drops out 2026-11-23T00:00:00Z",
      "hint: lower --max-tokens, or riptide budgets show --global",
      `retry after ${Date.UTC(2026, 11, 1) - NOW_MS}`,
    ]);
  });

  it.each([
    ["what running requests hold is too much", budget(), spent(48 * USD, 2 * USD)],
    ["the limit is below what it costs", budget({ limitNano: USD - 1 }), spent(0)],
  ])("gives no time to wait when %s", (_name, rule, spend) => {
    const decision = decide(rules({ budgets: [rule] }), [quote()], state({ spends: [spend] }));
    expect(decision).toMatchObject({ ok: false, error: { code: "budget_exceeded" } });
    expect(decision.ok || decision.error.facts.retryAfterMs).toBe(undefined);
  });

  it("names the alias that stands in, if the tightest budget has one", () => {
    const budgets = [budget({ degradeTo: "cheap" }), budget({ tenant: null, limitNano: 2_000 * USD })];
    const decide2 = (first: number, second: number) =>
      decide(rules({ budgets }), [quote()], state({ spends: [spent(first), spent(second)] }));
    expect(decide2(50 * USD, 0)).toMatchObject({ ok: false, degradeTo: "cheap" });
    expect(decide2(50 * USD, 2_001 * USD)).toMatchObject({ ok: false, degradeTo: undefined });
  });

  it("lets a free target pass a budget that is overrun, and holds nothing for it", () => {
    const free = quote({ provider: "local", pricing: pricing(0, 0) });
    const decision = decide(
      rules({ budgets: [budget()] }),
      [quote(), free],
      state({ spends: [spent(51 * USD)] }),
    );
    expect(decision).toMatchObject({ ok: true, chosen: [{ index: 1, worstNano: 0 }], holdNano: 0 });
    expect(
      decision.ok && decision.passedOver.map(({ index, error }) => [index, error.code, error.message]),
    ).toEqual([
      [0, "budget_exceeded", "this request up to $1.00, $0.00 is left of the month budget of tenant acme"],
    ]);
  });

  it("passes over what is too dear and keeps the rest in order", () => {
    const quotes = [quote({ pricing: pricing(0, 9_000_000) }), quote({ model: "gpt-y" })];
    const decision = decide(rules({ budgets: [budget()] }), quotes, state({ spends: [spent(48 * USD)] }));
    expect(decision).toMatchObject({
      ok: true,
      chosen: [{ index: 1 }],
      passedOver: [{ index: 0 }],
      holdNano: USD,
    });
  });
});

describe("an answer that nobody limits (LG-3)", () => {
  const open = quote({ outputTokens: 4_096, outputIsOpen: true, pricing: pricing(USD, 1_000_000) });
  const left = (nano: number) =>
    decide(rules({ budgets: [budget()] }), [open], state({ spends: [spent(50 * USD - nano)] }));

  it("gets no limit where all that is reserved fits", () => {
    expect(left(USD + 4_096_000_000)).toMatchObject({
      ok: true,
      chosen: [{ outputLimit: undefined }],
      holdNano: USD + 4_096_000_000,
    });
  });

  it.each([
    [USD + 4_095_999_999, 4_095],
    [USD + 64_000_000, 64],
  ])("gets the limit that %i nano-dollars pay for", (nano, outputLimit) => {
    expect(left(nano)).toMatchObject({
      ok: true,
      chosen: [{ outputLimit }],
      holdNano: USD + outputLimit * 1_000_000,
    });
  });

  it("is refused rather than cut below 64 tokens", () => {
    expect(refusalText(left(USD + 63_999_999)).slice(0, 3)).toEqual([
      "budget_exceeded: tenant acme would exceed its month budget; nothing was sent",
      "limit $50.00, spent $48.94, reserved $0.00, this request $1.06 with 64 tokens of answer; resets 2026-12-01T00:00:00Z",
      "hint: shorten the prompt, or riptide budgets show acme",
    ]);
  });
});

describe("the cap on one request", () => {
  it("is refused with the cap and what the cheapest target would cost", () => {
    const quotes = [quote(), quote({ provider: "claude", model: "claude-x", pricing: pricing(0, 500_000) })];
    expect(refusalText(decide(rules({ capNano: 20_000_000 }), quotes, state()))).toEqual([
      "cost_cap_exceeded: every target could cost more than the cap; nothing was sent",
      "cap $0.02000 a request; the cheapest is claude/claude-x, this request up to $0.5000",
      "hint: lower --max-tokens, or raise --max-cost or max_cost_per_request",
    ]);
  });

  it("lowers an open answer to what it affords", () => {
    const open = quote({ outputTokens: 4_096, outputIsOpen: true });
    expect(decide(rules({ capNano: 100_000_000 }), [open], state())).toMatchObject({
      ok: true,
      chosen: [{ outputLimit: 100, worstNano: 100_000_000 }],
    });
  });

  it("lets free targets pass a cap of nothing", () => {
    const quotes = [quote(), quote({ pricing: pricing(0, 0) })];
    expect(decide(rules({ capNano: 0 }), quotes, state())).toMatchObject({
      ok: true,
      chosen: [{ index: 1 }],
    });
  });

  it("counts as what refuses unless a budget has less left", () => {
    const limited = rules({ capNano: USD / 2, budgets: [budget({ degradeTo: "cheap" })] });
    const of = (spentNano: number) => decide(limited, [quote()], state({ spends: [spent(spentNano)] }));
    expect(of(0)).toMatchObject({ ok: false, error: { code: "cost_cap_exceeded" } });
    expect(of(0)).not.toHaveProperty("degradeTo");
    expect(of(50 * USD)).toMatchObject({ error: { code: "budget_exceeded" }, degradeTo: "cheap" });
  });
});

describe("a target without a price", () => {
  const unknown = quote({ pricing: null });

  it.each([
    ["budget", rules({ budgets: [budget()] }), "budget_exceeded"],
    ["cap", rules({ capNano: USD }), "cost_cap_exceeded"],
  ] as const)("fits no %s", (limit, limited, code) => {
    expect(refusalText(decide(limited, [unknown], state({ spends: [spent(0)] })))).toEqual([
      `${code}: openai/gpt-x has no price, so it fits no ${limit}; nothing was sent`,
      "hint: give it one under providers.openai.prices, or set unpriced: allow in providers.yaml",
    ]);
  });

  it("is passed over where another one has a price", () => {
    const decision = decide(rules({ capNano: USD }), [unknown, quote()], state());
    expect(decision).toMatchObject({
      ok: true,
      chosen: [{ index: 1 }],
      passedOver: [{ index: 0, error: { message: "no price is known, so it fits no cap" } }],
    });
  });

  it("passes and holds nothing under unpriced: allow", () => {
    const allowed = rules({ budgets: [budget()], unpriced: "allow" });
    expect(decide(allowed, [unknown], state({ spends: [spent(51 * USD)] }))).toMatchObject({
      ok: true,
      holdNano: 0,
    });
  });
});
