import { afterEach, beforeEach, expect, it } from "vitest";
import type { OperationStart } from "../../src/core/operation.ts";
import { admissionBooks } from "../../src/store/admission-books.ts";
import { thisProcess } from "../../src/store/owner.ts";
import { settlementBooks } from "../../src/store/settle.ts";
import { openSeedLedger } from "../helpers/ledger-seed.ts";
import { settlementFor } from "../helpers/ledger-settlements.ts";
import { virtualClock } from "../helpers/virtual-clock.ts";

const MINUTE = 60_000;
let ledger: Awaited<ReturnType<typeof openSeedLedger>>;
beforeEach(async () => {
  ledger = await openSeedLedger();
});
afterEach(() => ledger.close());

function stage() {
  const clock = virtualClock();
  const admission = admissionBooks(ledger.database, { clock, owner: thisProcess() });
  const settlements = settlementBooks(ledger.database, clock);
  const startOf = (id: string, key: string | null, tenant: string): OperationStart => ({
    ...settlementFor(id, clock.wall()).operation,
    tenant,
    idempotencyKey: key,
  });
  const quote = {
    ...{ provider: "p", model: "m", inputTokens: 1, outputTokens: 1, outputIsOpen: false },
    pricing: { worstNano: () => 1, outputFor: () => 1 },
  };
  return {
    clock,
    async ask(id: string, key: string | null = "k", tenant = "acme") {
      const rules = { tenant, budgets: [], unpriced: "refuse" } as const;
      const operation = startOf(id, key, tenant);
      const decision = await admission.admit({
        ...{ operation, rules, quotes: [quote], expiresInMs: MINUTE, withinMs: 100 },
      });
      return decision.ok ? "admitted" : decision.error;
    },
    finish: (id: string, key = "k") =>
      settlements.settle({ ...settlementFor(id, clock.wall()), operation: startOf(id, key, "acme") }),
  };
}

it("a key is good for one request of a tenant, while it runs and after it (AT-12)", async () => {
  const { ask, finish } = stage();
  expect(await ask("rq_1")).toBe("admitted");
  expect(await ask("rq_2")).toMatchObject({
    code: "already_exists",
    message: "the request with this idempotency key is running",
    facts: { reasons: ["it is rq_1"], hint: "riptide why rq_1" },
  });
  await finish("rq_1");
  expect(await ask("rq_3")).toMatchObject({
    message: "the request with this idempotency key has finished: ok",
  });
  const rows = ledger.database.prepare("SELECT id FROM operations").all();
  expect([rows, ledger.database.prepare("SELECT count(*) AS n FROM reservations").get()]).toEqual([
    [{ id: "rq_1" }],
    { n: 0 },
  ]);
});

it("other keys, other tenants and requests without one are not concerned", async () => {
  const { ask } = stage();
  const asked = [
    ask("rq_1"),
    ask("rq_2", "other"),
    ask("rq_3", "k", "umbra"),
    ask("rq_4", null),
    ask("rq_5", null),
  ];
  expect(await Promise.all(asked)).toEqual(Array(5).fill("admitted"));
});

it("is forgotten after ten minutes", async () => {
  const { ask, clock } = stage();
  await ask("rq_1");
  await clock.advance(10 * MINUTE - 1);
  expect(await ask("rq_2")).toMatchObject({ code: "already_exists" });
  await clock.advance(1);
  expect(await ask("rq_3")).toBe("admitted");
});

it("an id that a caller gives twice is refused with what became of the first, and books nothing", async () => {
  const { ask } = stage();
  expect(await ask("rq_1", null)).toBe("admitted");
  await expect(ask("rq_1", null)).rejects.toMatchObject({
    code: "already_exists",
    message: "the request of this id is running",
  });
  const count =
    "SELECT (SELECT count(*) FROM operations) AS all_of, (SELECT count(*) FROM reservations) AS held";
  expect({ ...ledger.database.prepare(count).get() }).toEqual({ all_of: 1, held: 1 });
});
