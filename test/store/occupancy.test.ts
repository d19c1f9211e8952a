import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Quote } from "../../src/admission/rules.ts";
import { admissionBooks } from "../../src/store/admission-books.ts";
import { type Owner, thisProcess } from "../../src/store/owner.ts";
import { openSeedLedger } from "../helpers/ledger-seed.ts";
import { settlementFor } from "../helpers/ledger-settlements.ts";
import { virtualClock } from "../helpers/virtual-clock.ts";

let ledger: Awaited<ReturnType<typeof openSeedLedger>>;
beforeEach(async () => {
  ledger = await openSeedLedger();
});
afterEach(() => ledger.close());

const alive = thisProcess();
/** A process of this machine that has ended. */
const dead: Owner = { ...alive, pid: 2 ** 22 + 1, started: 1 };

const quote = (provider: string, maxConcurrent?: number): Quote => ({
  ...{ provider, model: "m", inputTokens: 1, outputTokens: 1, outputIsOpen: false, maxConcurrent },
  pricing: { worstNano: () => 5, outputFor: () => 1 },
});

const booksOf = (owner: Owner) => admissionBooks(ledger.database, { clock: virtualClock(), owner });

/** Asks for admission in the name of a process: the first target of the order, or the refusal. */
async function admit(
  id: string,
  quotes: readonly Quote[],
  { owner = alive, turnOf = "" } = {},
): Promise<string> {
  const decision = await booksOf(owner).admit({
    operation: settlementFor(id, virtualClock().wall()).operation,
    rules: { tenant: "acme", budgets: [], unpriced: "allow" },
    ...{ quotes, expiresInMs: 60_000, withinMs: 100 },
    ...(turnOf !== "" && {
      turnOf,
      order: (chosen, turn) => [...chosen.slice(turn), ...chosen.slice(0, turn)],
    }),
  });
  if (!decision.ok) return decision.error.code;
  const [first] = decision.chosen;
  return quotes[first?.index ?? -1]?.provider ?? "nobody";
}

const reserved = () =>
  ledger.database
    .prepare("SELECT provider FROM reservations ORDER BY operation")
    .all()
    .map(({ provider }) => provider);

describe("requests in flight at a provider with a limit", () => {
  it("are those of every process, each at the target it asks now", async () => {
    const [a, b] = [quote("a", 1), quote("b")];
    expect(await admit("rq_1", [a, b])).toBe("a");
    expect(await admit("rq_2", [a, b])).toBe("b");
    const { occupy } = booksOf(alive);
    const full = { provider: "a", model: "m", maxConcurrent: 1 };
    expect([await occupy("rq_1", full), await occupy("rq_2", full)]).toEqual([true, false]);
    expect(await occupy("rq_1", { ...full, provider: "b", maxConcurrent: undefined })).toBe(true);
    expect(await occupy("rq_2", full)).toBe(true);
    expect(reserved()).toEqual(["b", "a"]);
  });

  it("do not count once their process is dead (LG-10)", async () => {
    const a = quote("a", 1);
    expect(await admit("rq_dead", [a], { owner: dead })).toBe("a");
    expect(await admit("rq_1", [a])).toBe("a");
    expect(reserved()).toEqual(["a"]);
  });

  it("make room for the next request where the first could go elsewhere, and on the way", async () => {
    const [a, b] = [quote("a", 1), quote("b")];
    await admit("rq_dead", [a], { owner: dead });
    expect([await admit("rq_1", [a, b]), await admit("rq_2", [a, b])]).toEqual(["b", "a"]);
    await admit("rq_gone", [quote("c")], { owner: dead });
    expect(await booksOf(alive).occupy("rq_1", { provider: "c", model: "m", maxConcurrent: 1 })).toBe(true);
  });

  it("take no place where an operation has none of its own, without the ledger", async () => {
    const target = { provider: "a", model: "m", maxConcurrent: 1 };
    expect(await booksOf(alive).occupy("rq_unknown", target)).toBe(true);
    expect(reserved()).toEqual([]);
  });
});

describe("the turn of a round (FB-3)", () => {
  const quotes = [quote("a"), quote("b"), quote("c")];
  const turns = () => ledger.database.prepare("SELECT alias, turn FROM turns ORDER BY alias").all();

  it("is taken by each admitted request of its alias alone", async () => {
    const ask = (id: string, turnOf: string) => admit(id, quotes, { turnOf });
    expect([await ask("rq_1", "x"), await ask("rq_2", "x"), await ask("rq_3", "y")]).toEqual(["a", "b", "a"]);
    expect(await admit("rq_4", quotes)).toBe("a");
    expect(turns()).toEqual([
      { alias: "x", turn: 2 },
      { alias: "y", turn: 1 },
    ]);
  });

  it("is not taken by a request that is refused, nor by a look ahead", async () => {
    await admit("rq_0", [quote("a", 1)]);
    expect(await admit("rq_1", [quote("a", 1)], { turnOf: "x" })).toBe("rate_limited");
    const operation = settlementFor("rq_2", virtualClock().wall()).operation;
    const rules = { tenant: "acme", budgets: [], unpriced: "allow" } as const;
    const told = await booksOf(alive).preview({
      ...{ operation, rules, quotes, turnOf: "x", expiresInMs: 0, withinMs: 0 },
    });
    expect(told).toMatchObject({ ok: true, turn: 0 });
    expect(turns()).toEqual([]);
  });

  it("begins anew where the round of up to 16 targets does", async () => {
    ledger.database.prepare("INSERT INTO turns VALUES ('x', 720719)").run();
    await admit("rq_1", [quote("a")], { turnOf: "x" });
    expect(turns()).toEqual([{ alias: "x", turn: 0 }]);
    for (let targets = 1; targets <= 16; targets += 1) expect(720_720 % targets).toBe(0);
  });
});
