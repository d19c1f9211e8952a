import { describe, expect, it } from "vitest";
import type { Accepted } from "../../src/admission/decide.ts";
import type { AdmissionRules } from "../../src/admission/rules.ts";
import { RiptideError } from "../../src/core/errors.ts";
import type { OperationStart } from "../../src/core/operation.ts";
import { type Account, openAccount } from "../../src/engine/account.ts";
import type { SeenUsage } from "../../src/engine/charge.ts";
import type { Attempt } from "../../src/engine/events.ts";
import type { Offer } from "../../src/engine/offers.ts";
import { openStages } from "../../src/engine/stages.ts";
import { pricingOf } from "../../src/ledger/cost.ts";
import { NO_TOKENS, type Settlement } from "../../src/ledger/settlement.ts";

const A = { provider: "a", model: "m" };
const B = { provider: "b", model: "m" };
const operation: OperationStart = {
  ...{ id: "rq_1", tenant: "acme", requestedModel: "x", alias: "x", class: "completion", dialect: "cli" },
  ...{ strategy: "sequential", configRevision: "r", generation: 0, idempotencyKey: null, stream: true },
  ...{ via: "in-process", tags: {}, startedMs: 0 },
};

/** A thousand nano-dollars for each token of output, nothing for the prompt. */
function offer(target: typeof A, more: Partial<Offer["quote"]> = {}): Offer {
  const price = { inputNano: 0, outputNano: 1_000_000_000 };
  const priced = { price, version: "test", source: "override" } as const;
  const quote = { ...target, inputTokens: 10, outputTokens: 100, outputIsOpen: false };
  return { priced, endpoint: "e", quote: { ...quote, pricing: pricingOf(price, 10), ...more } };
}

interface Opened {
  readonly account: Account;
  /** Amounts asked for, in thousands of nano-dollars. */
  readonly raises: number[];
  readonly settled: Settlement[];
}

/** An account that holds the price of one answer of 100 tokens, beside a budget of so many tokens. */
function open(
  tokens: number,
  rules: Partial<AdmissionRules> = {},
  quote: Partial<Offer["quote"]> = {},
  outputLimit?: number,
  asked: OperationStart = operation,
): Opened {
  const raises: number[] = [];
  const settled: Settlement[] = [];
  const budget = {
    tenant: null,
    period: "day",
    limitNano: tokens * 1_000,
    thresholds: [],
    degradeTo: null,
  } as const;
  const accepted: Accepted = {
    ...{ ok: true, passedOver: [], holdNano: 100_000, tokens: 110 },
    chosen: [A, B].map((_, index) => ({ index, outputLimit, worstNano: 100_000 })),
    ...{ requestsTatUs: undefined, tokensTatUs: undefined },
  };
  const account = openAccount({
    operation: asked,
    rules: { tenant: "acme", budgets: [budget], unpriced: "refuse", ...rules },
    accepted,
    offers: new Map([
      ["a/m", offer(A, quote)],
      ["b/m", offer(B, quote)],
    ]),
    stages: {
      ...openStages,
      raise: async (_id, heldNano) => {
        raises.push(heldNano / 1_000);
        return heldNano <= budget.limitNano;
      },
      settle: async (settlement) => {
        settled.push(settlement);
        return { fresh: true, alerts: [] };
      },
    },
  });
  return { account, raises, settled };
}

const used = (outputTokens: number): SeenUsage => {
  const usage = { ...NO_TOKENS, inputTokens: 10, outputTokens };
  return { kind: "reported", usage, estimate: usage };
};

describe("money of an operation that needs more than one attempt (LG-3)", () => {
  it("asks for nothing more as long as what is held is enough", async () => {
    const { account, raises } = open(1_000);
    expect(account.charge(A, { kind: "none" })).toMatchObject({ source: "none", costNano: 0 });
    expect([await account.afford(B), raises]).toEqual([true, []]);
  });

  it("holds what was spent and the worst of the next attempt together", async () => {
    const { account, raises } = open(1_000);
    expect(account.charge(A, used(40)).costNano).toBe(40_000);
    expect([await account.afford(B), raises]).toEqual([true, [140]]);
    account.charge(B, used(100));
    expect([await account.afford(A), raises]).toEqual([true, [140, 240]]);
  });

  it("holds no more for the next attempt than the limit that admission forced on it", async () => {
    const { account, raises } = open(100, {}, { outputTokens: 4_096, outputIsOpen: true }, 100);
    account.charge(A, { kind: "none" });
    expect([await account.afford(B), raises]).toEqual([true, []]);
  });

  it("gets no further attempt when no budget has room for it", async () => {
    const { account } = open(139);
    account.charge(A, used(40));
    expect(await account.afford(B)).toBe(false);
  });

  it("gets none over the cap of the request either, and does not ask the budgets then", async () => {
    const { account, raises } = open(1_000, { capNano: 139_999 });
    account.charge(A, used(40));
    expect([await account.afford(B), raises]).toEqual([false, []]);
  });
});

describe("a stream", () => {
  const streamed = { outputIsOpen: true, outputTokens: 4_096 };

  it("is topped up before it reaches what is held, by as much again", async () => {
    const { account, raises } = open(100_000, {}, streamed);
    const meter = account.meter(A, undefined);
    expect([meter?.add(3_839), meter?.add(1)]).toEqual([false, true]);
    expect([await meter?.topUp(), raises, meter?.add(4_000)]).toEqual([true, [8_192], false]);
  });

  it("takes what is left when there is less, and ends when there is nothing", async () => {
    const { account, raises } = open(5_000, {}, streamed);
    const meter = account.meter(A, undefined);
    expect([meter?.add(3_900), await meter?.topUp()]).toEqual([true, true]);
    expect(raises).toEqual([8_192, 6_144, 5_120, 4_608]);
    while (await meter?.topUp());
    expect(Math.max(...raises.filter((tokens) => tokens <= 5_000))).toBe(4_992);
  });

  it("is not ended at a limit that its provider keeps, but soon after it where it does not", async () => {
    const { account } = open(100, {}, { outputTokens: 100 });
    const meter = account.meter(A, 100);
    expect([meter?.add(355.75), meter?.add(0.25), await meter?.topUp()]).toEqual([false, true, false]);
  });

  it.each([
    ["it costs nothing", {}, { pricing: { worstNano: () => 0, outputFor: () => 1 } }],
    ["there is neither budget nor cap", { budgets: [] }, {}],
  ])("is not watched when %s", (_name, rules, quote) => {
    expect(open(1, rules, { ...streamed, ...quote }).account.meter(A, undefined)).toBeUndefined();
  });
});

describe("usage that cannot be believed (LG-5)", () => {
  it.each([
    ["ten times the limit of the output", 1_000, "reported"],
    ["more than that", 1_001, "estimated"],
  ])("%s is %s", (_name, outputTokens, source) => {
    const estimate = { ...NO_TOKENS, inputTokens: 10, outputTokens: 7 };
    const usage = { ...NO_TOKENS, inputTokens: 10, outputTokens };
    const charge = open(1).account.charge(A, { kind: "reported", usage, estimate });
    expect([charge.source, charge.outputTokens]).toEqual([source, source === "reported" ? outputTokens : 7]);
  });
});

it("a settlement names what was decided, and holds no word of prompt or answer", async () => {
  const { account, settled } = open(1_000);
  const charge = account.charge(A, used(40));
  const attempt: Attempt = {
    ...{ n: 1, kind: "try", ...A, outcome: "ok", code: null, message: "words of a provider", status: 200 },
    ...{ ms: 5, retryAfterMs: null, ambiguous: false, startedMs: 1, endedMs: 6, firstTokenMs: 2 },
    ...{ providerRequestId: "req", charge, trial: false, effect: "success", holdUntilMs: null },
  };
  await account.settle({ attempts: [attempt], skipped: [] }, { endedMs: 7, firstTokenMs: 2.4 });
  expect(settled).toMatchObject([
    { outcome: "ok", winner: 1, firstTokenMs: 2, decision: { order: ["a/m", "b/m"], skipped: [] } },
  ]);
  expect(JSON.stringify(settled)).not.toContain("words");
});

it.each([
  [true, 2],
  [false, null],
])(
  "a first token is kept of a stream (%s) alone: a whole answer has none (FB-3, HM-4)",
  async (stream, kept) => {
    const { account, settled } = open(1_000, {}, {}, undefined, { ...operation, stream });
    const charge = account.charge(A, used(40));
    const attempt: Attempt = {
      ...{ n: 1, kind: "try", ...A, outcome: "ok", code: null, message: null, status: 200 },
      ...{ ms: 5, retryAfterMs: null, ambiguous: false, startedMs: 1, endedMs: 6, firstTokenMs: 2 },
      ...{ providerRequestId: null, charge, trial: false, effect: "success", holdUntilMs: null },
    };
    await account.settle({ attempts: [attempt], skipped: [] }, { endedMs: 7, firstTokenMs: 2 });
    expect(settled).toMatchObject([{ firstTokenMs: kept, attempts: [{ firstTokenMs: kept }] }]);
  },
);

it.each([
  ["says so where the exit code is not that of the error's code (ER-3)", { exit: 143 }, 143],
  ["does not where it is", {}, undefined],
] as const)("a settlement %s", async (_name, facts, exit) => {
  const { account, settled } = open(1_000);
  const error = new RiptideError("cancelled", "gone", facts);
  await account.settle({ attempts: [], skipped: [] }, { error, endedMs: 7, firstTokenMs: null });
  expect(settled[0]?.decision.exit).toBe(exit);
});
