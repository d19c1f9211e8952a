import { afterEach, beforeEach, expect, it } from "vitest";
import { admissionBooks } from "../../src/store/admission-books.ts";
import type { Database } from "../../src/store/database.ts";
import { thisProcess } from "../../src/store/owner.ts";
import { openSeedLedger } from "../helpers/ledger-seed.ts";
import { settlementFor } from "../helpers/ledger-settlements.ts";
import { virtualClock } from "../helpers/virtual-clock.ts";

let ledger: Awaited<ReturnType<typeof openSeedLedger>>;
beforeEach(async () => {
  ledger = await openSeedLedger();
});
afterEach(() => ledger.close());

/** A tenant of six requests a minute, one at once. */
function stage() {
  const clock = virtualClock();
  let transactions = 0;
  const database: Database = {
    ...ledger.database,
    transact: (work, withinMs) => {
      transactions += 1;
      return ledger.database.transact(work, withinMs);
    },
  };
  const admission = admissionBooks(database, { clock, owner: thisProcess() });
  const quote = {
    ...{ provider: "p", model: "m", inputTokens: 1, outputTokens: 1, outputIsOpen: false },
    pricing: { worstNano: () => 1, outputFor: () => 1 },
  };
  let ids = 0;
  return {
    clock,
    transactions: () => transactions,
    async ask(tenant = "acme", key: string | null = null) {
      ids += 1;
      const { operation } = settlementFor(`rq_${ids}`, clock.wall());
      const decision = await admission.admit({
        operation: { ...operation, tenant, idempotencyKey: key },
        rules: { tenant, requestsPerMinute: 6, budgets: [], unpriced: "refuse" },
        ...{ quotes: [quote], expiresInMs: 60_000, withinMs: 100 },
      });
      return decision.ok ? "admitted" : [decision.error.code, decision.error.facts.retryAfterMs];
    },
    counted: () =>
      ledger.database.prepare("SELECT sum(count) AS n FROM refusals WHERE tenant = 'acme'").get(),
  };
}

it("a tenant over its limit is refused again and again without a transaction (TA-6)", async () => {
  const { ask, clock, transactions, counted } = stage();
  expect(await ask()).toBe("admitted");
  expect(await ask()).toEqual(["tenant_rate_limited", 10_000]);
  const before = transactions();
  for (let ms = 1; ms <= 50; ms += 1) {
    clock.skip(1);
    expect(await ask()).toEqual(["tenant_rate_limited", 10_000 - ms]);
  }
  expect(transactions()).toBe(before);
  await clock.advance(200);
  expect(counted()).toEqual({ n: 51 });
  expect(transactions()).toBe(before + 1);
});

it("a refusal is decided and counted in one transaction", async () => {
  const { ask, transactions, counted } = stage();
  await ask();
  const before = transactions();
  await ask();
  expect(transactions()).toBe(before + 1);
  expect(counted()).toEqual({ n: 1 });
});

it("the ledger is asked again after a moment, when the wait is over, and for others at once", async () => {
  const { ask, clock, transactions } = stage();
  await ask();
  await ask();
  expect(await ask("other")).toBe("admitted");
  clock.skip(100);
  const before = transactions();
  await ask();
  expect(transactions()).toBe(before + 1);
  clock.skip(9_899);
  expect(await ask()).toEqual(["tenant_rate_limited", 1]);
  clock.skip(1);
  expect(await ask()).toBe("admitted");
});

it("the answer to a key that was used before stays what it is", async () => {
  const { ask } = stage();
  await ask("acme", "k");
  await ask();
  expect(await ask("acme", "k")).toEqual(["already_exists", undefined]);
});

it("a clock that was set back lets through whoever it would have kept waiting (TA-2)", async () => {
  const { ask, clock } = stage();
  await ask();
  await ask();
  clock.shiftWall(-3_600_000);
  expect(await ask()).toBe("admitted");
});
