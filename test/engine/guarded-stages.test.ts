import { describe, expect, it } from "vitest";
import type { AdmissionAsk } from "../../src/admission/books.ts";
import type { AdmissionRules } from "../../src/admission/rules.ts";
import { type ErrorCode, RiptideError } from "../../src/core/errors.ts";
import { type Books, guardedStages } from "../../src/engine/guarded-stages.ts";
import { openStages } from "../../src/engine/stages.ts";
import type { Settlement } from "../../src/ledger/settlement.ts";
import { virtualClock } from "../helpers/virtual-clock.ts";

const LOCKED = () => new RiptideError("ledger_unavailable", "the ledger is locked", { hint: "wait" });
const LIMITED: AdmissionRules = { tenant: "acme", requestsPerMinute: 6, budgets: [], unpriced: "refuse" };
const FREE: AdmissionRules = { tenant: "acme", budgets: [], unpriced: "refuse" };

const QUOTE = {
  ...{ provider: "p", model: "m", inputTokens: 1, outputTokens: 1, outputIsOpen: false },
  pricing: { worstNano: () => 5, outputFor: () => 1 },
};
const ask = (rules: AdmissionRules) =>
  ({ rules, quotes: [QUOTE], operation: { idempotencyKey: null } }) as unknown as AdmissionAsk; // All that is read of it.
const settlement = {
  operation: { id: "rq_1" },
  attempts: [{ charge: { costNano: 7 } }],
} as unknown as Settlement; // As above.

/** Stages on a ledger that opens, admits and settles as told. */
function stage(
  books: Partial<Books>,
  open: () => Promise<Books> = async () => ({ ...openStages, ...books }),
  isLasting = false,
) {
  const clock = virtualClock();
  const seen = { opens: 0, kept: [] as Settlement[], mayKeep: true };
  const stages = guardedStages({
    clock,
    prices: openStages.prices,
    isLasting,
    open: () => {
      seen.opens += 1;
      return open();
    },
    keep: (each) => {
      if (!seen.mayKeep) throw new Error("the disk is full");
      seen.kept.push(each);
    },
  });
  return { stages, seen, clock };
}

const refused = async (code: ErrorCode, promise: Promise<unknown>) =>
  expect(promise).rejects.toMatchObject({ code });

describe("a ledger that cannot be had (LG-11)", () => {
  it("stops what it limits before anything is sent", async () => {
    const { stages } = stage({}, () => Promise.reject(LOCKED()));
    await refused("ledger_unavailable", stages.admit(ask(LIMITED)));
  });

  it("is not taken for gone because one caller could not wait for it (TA-6)", async () => {
    const hurried = new RiptideError("ledger_unavailable", "the ledger is locked", { wasHurried: true });
    const failures = [hurried];
    const { stages, seen } = stage({
      async admit(request) {
        const failure = failures.pop();
        if (failure) throw failure;
        return openStages.admit(request);
      },
    });
    await refused("ledger_unavailable", stages.admit(ask(LIMITED)));
    expect((await stages.admit(ask(LIMITED))).ok).toBe(true);
    expect(seen.opens).toBe(1);
  });

  it("lets pass what nothing limits, warns with what to do, and keeps the cost", async () => {
    const { stages, seen } = stage({}, () => Promise.reject(LOCKED()));
    expect(await stages.admit(ask(FREE))).toMatchObject({
      ok: true,
      warnings: ["sent without the ledger, as no budget or limit applies: the ledger is locked (wait)"],
    });
    expect(await stages.settle(settlement)).toEqual({
      ...{ fresh: true, alerts: [] },
      warnings: ["the cost of this request is kept until the ledger takes it: the ledger is locked (wait)"],
    });
    expect(seen.kept).toEqual([settlement]);
  });

  it("says what was not recorded when it cannot be kept either", async () => {
    const { stages, seen } = stage({}, () => Promise.reject(LOCKED()));
    seen.mayKeep = false;
    expect((await stages.settle(settlement)).warnings).toEqual([
      "the cost of rq_1, $0.000000007, could not be recorded anywhere: the ledger is locked (wait)",
    ]);
  });

  it("leaves costs in the memory of a process that lives on, until they can be booked", async () => {
    let isThere = false;
    const booked: Settlement[] = [];
    const settle: Books["settle"] = async (each) => {
      if (!isThere) throw LOCKED();
      booked.push(each);
      return { fresh: true, alerts: [] };
    };
    const { stages, seen, clock } = stage({ settle }, undefined, true);
    seen.mayKeep = false;
    const other = { ...settlement, attempts: [] };
    const { warnings } = await stages.settle(settlement);
    expect(warnings?.[0]).toContain("is kept in memory until the ledger takes it");
    isThere = true;
    clock.skip(5_000);
    await stages.settle(other);
    await new Promise(setImmediate);
    expect(booked).toEqual([other, settlement]);
    await stages.settle(other);
    await new Promise(setImmediate);
    expect(booked).toEqual([other, settlement, other]);
  });

  it("is looked at the way a request meets it, and takes what memory kept as soon as it works", async () => {
    let isThere = false;
    const booked: Settlement[] = [];
    const { stages, seen, clock } = stage(
      {
        check: async () => {
          if (!isThere) throw LOCKED();
        },
        settle: async (each) => {
          if (!isThere) throw LOCKED();
          booked.push(each);
          return { fresh: true, alerts: [] };
        },
      },
      undefined,
      true,
    );
    seen.mayKeep = false;
    await stages.settle(settlement);
    isThere = true;
    await refused("ledger_unavailable", stages.check(500));
    clock.skip(5_000);
    await stages.check(500);
    await new Promise(setImmediate);
    expect(booked).toEqual([settlement]);
  });

  it("is asked for once in five seconds, not at each step of a request", async () => {
    const { stages, seen, clock } = stage({}, () => Promise.reject(LOCKED()));
    await stages.admit(ask(FREE));
    await stages.settle(settlement);
    clock.skip(4_999);
    await stages.settle(settlement);
    expect(seen.opens).toBe(1);
    clock.skip(1);
    await stages.settle(settlement);
    expect(seen.opens).toBe(2);
  });

  it("gives no room to a stream or a further attempt where a budget applies, and all where none does", async () => {
    const { stages } = stage({ raise: () => Promise.reject(LOCKED()) });
    const budget = { tenant: null, period: "day", limitNano: 1, thresholds: [], degradeTo: null } as const;
    expect(await stages.raise("rq_1", 5, [budget])).toBe(false);
    expect(await stages.raise("rq_1", 5, [])).toBe(true);
  });
});

it("an error that is not the ledger's stops an admission, but loses no answer and no cost", async () => {
  const bug = () => Promise.reject(new RiptideError("internal", "a bug"));
  const { stages, seen } = stage({ admit: bug, settle: bug });
  await refused("internal", stages.admit(ask(FREE)));
  expect((await stages.settle(settlement)).warnings).toEqual([expect.stringContaining("a bug")]);
  expect(seen.kept).toEqual([settlement]);
});
