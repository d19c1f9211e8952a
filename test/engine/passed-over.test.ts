import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { completionEntrance } from "../../src/engine/completion-entrance.ts";
import { explain } from "../../src/engine/explain.ts";
import type { Generation } from "../../src/engine/generation.ts";
import type { CompletionOperation } from "../../src/engine/operation.ts";
import { openStages, type Stages } from "../../src/engine/stages.ts";
import { admissionBooks } from "../../src/store/admission-books.ts";
import { thisProcess } from "../../src/store/owner.ts";
import { settlementBooks } from "../../src/store/settle.ts";
import { ask } from "../helpers/ask.ts";
import { answers, delayed, fails, fakeStage } from "../helpers/fake-provider.ts";
import { guarded } from "../helpers/fault-stage.ts";
import { openSeedLedger } from "../helpers/ledger-seed.ts";

let ledger: Awaited<ReturnType<typeof openSeedLedger>>;
beforeEach(async () => {
  ledger = await openSeedLedger();
});
afterEach(() => ledger.close());

/** Stages on a real ledger; what happens between admission and the first attempt can be held up. */
function booked({ clock }: Awaited<ReturnType<typeof fakeStage>>, holdUpMs = 0): Stages {
  const books = admissionBooks(ledger.database, { clock, owner: thisProcess() });
  return {
    ...openStages,
    ...books,
    ...settlementBooks(ledger.database, clock),
    async admit(request) {
      const decision = await books.admit(request);
      if (holdUpMs > 0) await clock.sleep(holdUpMs);
      return decision;
    },
  };
}

/** The same stage, on which nothing is repaired. */
function unrepaired<S extends { readonly generation: Generation }>(stage: S): S {
  const { generation } = stage;
  const failover = { ...generation.config.failover, repair: "never" as const };
  return { ...stage, generation: { ...generation, config: { ...generation.config, failover } } };
}

describe("a provider's cap holds whoever is asked in the end (FB-2)", () => {
  it("where the first of the order breaks between admission and attempt", async () => {
    const made = await fakeStage(
      { a: [fails(503)], b: [delayed(300, answers("b"))] },
      { entries: { b: { max_concurrent: 1 } } },
    );
    const stages = booked(made, 1);
    const stage = guarded(made);
    const asked = Array.from({ length: 14 }, (_, n) => ask(stage, { id: `rq_${n}`, stages }));
    let most = 0;
    for (let atMs = 0; atMs < 2_000; atMs += 20) {
      await made.clock.advance(20);
      most = Math.max(most, made.provider.b?.open ?? 0);
    }
    await Promise.all(asked.map(({ done }) => done));
    expect(most).toBe(1);
  });

  it("where all are held and the first to be free is waited for (HO-5)", async () => {
    const wait = (seconds: string) => fails(429, "no", { "retry-after": seconds });
    const made = await fakeStage(
      { a: [wait("2"), answers("a")], b: [wait("1"), delayed(500, answers("b"))] },
      { entries: { a: { max_concurrent: 50 }, b: { max_concurrent: 1 } }, failover: { repair: "first" } },
    );
    const stages = booked(made);
    const stage = guarded(made);
    await ask(unrepaired(stage), { id: "rq_first" }).done;
    const asked = Array.from({ length: 4 }, (_, n) => ask(stage, { id: `rq_${n}`, stages }));
    let most = 0;
    for (let atMs = 0; atMs < 4_000; atMs += 50) {
      await made.clock.advance(50);
      most = Math.max(most, made.provider.b?.open ?? 0);
    }
    await Promise.all(asked.map(({ done }) => done));
    expect(most).toBeLessThanOrEqual(1);
  });
});

describe("who is passed over, and what the end says of it", () => {
  it("tells every target when one is full and another broken (ER-3)", async () => {
    const made = await fakeStage(
      { a: [fails(500)], b: [delayed(1_000, answers("b"))] },
      { entries: { b: { max_concurrent: 1 } } },
    );
    const stages = booked(made);
    const stage = guarded(made);
    for (let n = 0; n < 10; n += 1) await ask(stage, { id: `o_${n}`, route: { noFallback: true } }).done;
    const running = ask(stage, { id: "rq_1", stages });
    await made.clock.advance(10);
    const late = ask(stage, { id: "rq_2", stages });
    await late.done;
    expect(late.failure?.error).toMatchObject({ code: "no_provider_available", exit: 5 });
    expect(late.failure?.skipped.map(({ provider, reason }) => `${provider} ${reason}`)).toEqual([
      "a circuit_open",
      "b busy",
    ]);
    await made.clock.advance(2_000);
    await running.done;
  });

  it("a repair that a breaker refuses leaves nobody a second attempt under max_attempts 1 (AT-6)", async () => {
    const made = await fakeStage({ a: [fails(500)], b: [answers("b")] }, { failover: { repair: "first" } });
    const stage = guarded(made);
    const run = async (id: string, more: object) => {
      const asked = ask(stage, { id, ...more });
      await made.clock.advance(400);
      await asked.done;
      return asked;
    };
    for (let n = 0; n < 4; n += 1) await run(`o_${n}`, { route: { noFallback: true } });
    await ask(unrepaired(stage), { id: "o_9", route: { noFallback: true } }).done;
    // The tenth failure opens the breaker, so the repair that should follow is refused.
    const last = await run("rq_last", { maxAttempts: 1 });
    expect(last.tried).toEqual(["a provider_error"]);
  });

  it("says that the retry budget is spent wherever the repair was to come (AT-7)", async () => {
    for (const repair of ["first", "last"]) {
      const made = await fakeStage({ a: [fails(500)] }, { failover: { repair } });
      const asked = ask(guarded(made, { retryBudget: { ratio: 0, floor: 0 } }));
      await made.clock.advance(1_000);
      await asked.done;
      expect(asked.failure?.error.facts.retryBudgetExhausted).toBe(true);
    }
  });

  it("explains the one that is then waited for, whatever its rank (HO-5)", async () => {
    const price = (output: number) => ({ prices: { m: { input: 1, output } } });
    const wait = (seconds: string) => fails(429, "no", { "retry-after": seconds });
    const made = await fakeStage(
      { a: [wait("2"), answers("a")], b: [wait("1"), answers("b")] },
      { entries: { a: price(1), b: price(5) }, failover: { repair: "first" } },
    );
    const stage = guarded(made);
    const route = { strategy: "lowest-cost" } as const;
    await ask(unrepaired(stage), { id: "rq_first", route }).done;
    const operation: CompletionOperation = {
      ...{ id: "rq_x", tenant: "default", dialect: "cli", via: "in-process", tags: {}, route },
      ...{ stream: true, strictParams: false, showReasoning: false, signal: new AbortController().signal },
      request: { messages: [{ role: "user", content: "hi" }] },
    };
    const engine = { ...stage, stages: openStages, random: () => 0.5 };
    const entrance = completionEntrance(operation, stage.generation);
    const { candidates } = await explain(operation, engine, entrance);
    const asked = ask(stage, { id: "rq_y", route });
    await made.clock.advance(3_000);
    await asked.done;
    expect([candidates.map(({ provider }) => provider), asked.tried]).toEqual([["b"], ["b ok"]]);
  });
});
