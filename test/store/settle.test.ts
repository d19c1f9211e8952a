import { afterEach, beforeEach, expect, it } from "vitest";
import { admissionBooks } from "../../src/store/admission-books.ts";
import { limiterOf } from "../../src/store/limiters.ts";
import { thisProcess } from "../../src/store/owner.ts";
import { pruneLedger } from "../../src/store/prune.ts";
import { settlementBooks } from "../../src/store/settle.ts";
import { openSeedLedger } from "../helpers/ledger-seed.ts";
import { settlementFor } from "../helpers/ledger-settlements.ts";
import { virtualClock } from "../helpers/virtual-clock.ts";
import { quoteOf } from "./accounts-model.ts";

const DAY_MS = 86_400_000;
/** A request is reserved with this many, and uses two. */
const RESERVED_TOKENS = 110;

let ledger: Awaited<ReturnType<typeof openSeedLedger>>;
let clock: ReturnType<typeof virtualClock>;
beforeEach(async () => {
  ledger = await openSeedLedger();
  clock = virtualClock();
});
afterEach(() => ledger.close());

const finished = (id: string) => settlementFor(id, clock.wall());

async function admit(id: string, tokensPerMinute?: number): Promise<void> {
  const { operation } = finished(id);
  const { admit: ask } = admissionBooks(ledger.database, { clock, owner: thisProcess() });
  const rules = { tenant: operation.tenant, budgets: [], unpriced: "refuse", tokensPerMinute } as const;
  const quotes = [quoteOf(1)];
  expect(await ask({ operation, rules, quotes, expiresInMs: 200 * DAY_MS, withinMs: 100 })).toMatchObject({
    ok: true,
  });
}

const settle = (settlement: ReturnType<typeof finished>) =>
  settlementBooks(ledger.database, clock).settle(settlement);

it("gives back the tokens that were reserved and not used, for every process (TA-3)", async () => {
  // One token a millisecond.
  const tokensPerMinute = 60_000;
  await admit("rq_1", tokensPerMinute);
  const stands = () => ledger.database.read(() => limiterOf(ledger.database, "acme", "tokens"));
  const before = stands() ?? 0;
  await settle({ ...finished("rq_1"), tokensPerMinute });
  expect(before - (stands() ?? 0)).toBe((RESERVED_TOKENS - 2) * 1_000);
});

it("of an operation that is long gone leaves the money of others held", async () => {
  const gone = finished("rq_gone");
  await admit("rq_gone");
  await settle(gone);
  clock.skip(100 * DAY_MS);
  await pruneLedger(ledger.database, { beforeMs: clock.wall() - 30 * DAY_MS, nowMs: clock.wall() });
  await admit("rq_new");
  await settle(gone);
  const held = ledger.database
    .prepare("SELECT o.id FROM reservations r JOIN operations o ON o.seq = r.operation")
    .all();
  expect(held).toEqual([{ id: "rq_new" }]);
});

it("of operations that nothing was held for leaves no trace in memory", async () => {
  await settle(finished("rq_1"));
  expect(await ledger.database.transact(() => ledger.database.known()?.begun.size)).toBe(0);
});
