import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { AdmissionRules } from "../../src/admission/rules.ts";
import type { BudgetRule } from "../../src/core/budget.ts";
import type { OperationStart } from "../../src/core/operation.ts";
import type { AttemptLine, Settlement } from "../../src/ledger/settlement.ts";
import { admissionBooks } from "../../src/store/admission-books.ts";
import type { Database } from "../../src/store/database.ts";
import { settleLeftovers } from "../../src/store/leftovers.ts";
import { openDatabase } from "../../src/store/open.ts";
import { thisProcess } from "../../src/store/owner.ts";
import { settlementBooks } from "../../src/store/settle.ts";
import { spendOf } from "../../src/store/spends.ts";
import { verifyLedger } from "../../src/store/verify.ts";
import { virtualClock } from "../helpers/virtual-clock.ts";
import { type Known, PlainBooks, quoteOf, START_MS } from "./accounts-model.ts";

const STEPS = 100_000;

const budget = (tenant: string | null, period: BudgetRule["period"], limitNano: number): BudgetRule => ({
  tenant,
  period,
  limitNano,
  thresholds: [0.5, 1],
  degradeTo: null,
});
const EVERYBODY = budget(null, "week", 60_000_000);
const RULES: readonly AdmissionRules[] = [
  {
    tenant: "a",
    budgets: [budget("a", "hour", 3_000_000), budget("a", "3d", 20_000_000), EVERYBODY],
    unpriced: "refuse",
  },
  {
    tenant: "b",
    budgets: [budget("b", "month", 40_000_000), EVERYBODY],
    maxConcurrent: 4,
    unpriced: "refuse",
  },
  { tenant: "c", budgets: [EVERYBODY], unpriced: "refuse" },
];

let folder: string;
let database: Database;
const clock = virtualClock(START_MS);

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "riptide-accounts-"));
  database = await openDatabase({
    path: join(folder, "ledger.db"),
    durability: "normal",
    clock,
    mayStartFresh: false,
  });
});
afterAll(() => {
  database.close();
  rmSync(folder, { recursive: true });
});

describe("admission and settlement against a plain list (LG-2 to LG-6, LG-10)", () => {
  it(`agree over ${STEPS} random steps of admitting, raising, settling and dying`, async () => {
    const seed = 20_261_122;
    const play = new Play(seed);
    for (let step = 0; step < STEPS; step += 1) {
      await play.step();
      if (step % 10_000 === 9_999) play.compareAll(`seed ${seed}, step ${step}`);
    }
    const { differences } = verifyLedger(database);
    expect(differences).toEqual([]);
    await play.finish();
    expect(verifyLedger(database).differences).toEqual([]);
    // The play has to have come by every kind of step often enough to mean something.
    for (const [kind, count] of Object.entries(play.seen)) expect([kind, count > 300]).toEqual([kind, true]);
  }, 120_000);
});

it("raises nothing for an operation without a reservation, and stops it only where a budget applies", async () => {
  const { raise } = admissionBooks(database, { clock, owner: thisProcess() });
  expect([await raise("rq_unknown", 5, []), await raise("rq_unknown", 5, [EVERYBODY])]).toEqual([
    true,
    false,
  ]);
});

class Play {
  readonly model = new PlainBooks();
  readonly seen = {
    admitted: 0,
    refused: 0,
    raised: 0,
    notRaised: 0,
    settled: 0,
    again: 0,
    died: 0,
    corrected: 0,
  };
  readonly #settlements = settlementBooks(database, clock);
  readonly #live = admissionBooks(database, { clock, owner: thisProcess() });
  readonly #dead = admissionBooks(database, {
    clock,
    owner: { ...thisProcess(), pid: 4_194_303, started: 1 },
  });
  readonly #ofDead = new Set<string>();
  #random: number;
  #next = 0;

  constructor(seed: number) {
    this.#random = seed;
  }

  draw(below: number): number {
    this.#random = (this.#random * 48_271) % 2_147_483_647;
    return this.#random % below;
  }

  async step(): Promise<void> {
    const kind = this.draw(100);
    if (kind < 45) await this.#admit();
    else if (kind < 80) await this.#settle();
    else if (kind < 88) await this.#raise();
    else if (kind < 90) await this.#die();
    else if (kind < 93) await this.#settleAgain();
    else clock.skip(this.draw(3_600_000));
  }

  async #admit(): Promise<void> {
    const rules = RULES[this.draw(RULES.length)];
    if (!rules) throw new Error("no rules");
    const id = `rq_${this.#next++}`;
    const amount = this.draw(10) === 0 ? 0 : this.draw(400_000);
    const isDead = this.draw(10) === 0;
    const operation = started(id, rules.tenant);
    const may = this.model.mayHold(rules, amount, clock.wall());
    const ask = { operation, rules, quotes: [quoteOf(amount)], expiresInMs: 1e9, withinMs: 2_000 };
    const deaths = this.#ofDead.size;
    const decision = await (isDead ? this.#dead : this.#live).admit(ask);
    // A refusal for lack of room frees what other, dead processes hold, and is then decided anew (LG-10).
    if (!may && deaths > 0 && !isDead) this.#buryDead();
    expect([id, decision.ok]).toEqual([id, may || this.model.mayHold(rules, amount, clock.wall())]);
    this.seen[decision.ok ? "admitted" : "refused"] += 1;
    if (!decision.ok) return;
    const { startedMs } = operation;
    this.model.operations.push({
      id,
      tenant: rules.tenant,
      startedMs,
      held: amount,
      spent: 0,
      state: "held",
    });
    if (isDead) this.#ofDead.add(id);
  }

  async #settle(): Promise<void> {
    const known = this.#pick((candidate) => candidate.state === "held" && !this.#ofDead.has(candidate.id));
    if (known) await this.#book(known, this.draw(20) === 0 ? 2 * known.held : this.draw(known.held + 1));
  }

  async #book(known: Known, cost: number): Promise<void> {
    const { fresh } = await this.#settlements.settle(settlementOf(known, cost));
    expect(fresh).toBe(true);
    this.seen[known.state === "unreconciled" ? "corrected" : "settled"] += 1;
    Object.assign(known, { state: "settled", spent: cost });
    this.#ofDead.delete(known.id);
  }

  async #settleAgain(): Promise<void> {
    const late = this.#pick((candidate) => candidate.state === "unreconciled");
    if (late) return this.#book(late, this.draw(late.held + 1));
    const known = this.#pick((candidate) => candidate.state === "settled");
    if (!known) return;
    expect(await this.#settlements.settle(settlementOf(known, 1_000_000))).toEqual({
      fresh: false,
      alerts: [],
    });
    this.seen.again += 1;
  }

  async #raise(): Promise<void> {
    const known = this.#pick((candidate) => candidate.state === "held" && !this.#ofDead.has(candidate.id));
    const rules = RULES.find(({ tenant }) => tenant === known?.tenant);
    if (!known || !rules) return;
    const more = 1 + this.draw(200_000);
    const fits = rules.budgets.every((each) => {
      const { spent, held } = this.model.used(each, known.startedMs);
      return spent + held + more <= each.limitNano;
    });
    expect(await this.#live.raise(known.id, known.held + more, rules.budgets)).toBe(fits);
    if (fits) known.held += more;
    this.seen[fits ? "raised" : "notRaised"] += 1;
  }

  async #die(): Promise<void> {
    await settleLeftovers(database, { owner: thisProcess(), nowMs: clock.wall() });
    this.#buryDead();
  }

  #buryDead(): void {
    for (const id of this.#ofDead) {
      const known = this.model.operations.find((candidate) => candidate.id === id);
      if (known) Object.assign(known, { state: "unreconciled", spent: known.held });
      this.seen.died += 1;
    }
    this.#ofDead.clear();
  }

  /** One of the latest operations of a kind. */
  #pick(accept: (known: Known) => boolean): Known | undefined {
    const latest = this.model.operations.slice(-200).filter(accept);
    return latest[this.draw(Math.max(1, latest.length))];
  }

  compareAll(when: string): void {
    for (const rules of RULES) {
      for (const each of rules.budgets) {
        const { spent, held } = this.model.used(each, clock.wall());
        const stored = spendOf(database, each, clock.wall());
        expect([when, each.tenant, each.period, stored]).toEqual([
          ...[when, each.tenant, each.period],
          { spentNano: spent, heldNano: held },
        ]);
      }
    }
  }

  async finish(): Promise<void> {
    await this.#die();
    for (const known of this.model.operations) {
      if (known.state === "held") await this.#book(known, known.held);
    }
    const rows = database.read(() => database.prepare("SELECT count(*) AS held FROM reservations").get());
    expect(rows).toEqual({ held: 0 });
    this.compareAll("at the end");
  }
}

const started = (id: string, tenant: string): OperationStart => ({
  ...{
    id,
    tenant,
    requestedModel: "p/m",
    alias: null,
    class: "completion",
    dialect: "cli",
    via: "in-process",
  },
  ...{
    strategy: "sequential",
    configRevision: "r",
    generation: 0,
    idempotencyKey: null,
    stream: false,
    tags: {},
  },
  startedMs: clock.wall(),
});

function settlementOf({ id, tenant, startedMs }: Known, costNano: number): Settlement {
  const rules = RULES.find((each) => each.tenant === tenant);
  const charge = {
    ...{ inputTokens: 10, cacheReadTokens: 0, cacheWriteTokens: 0, outputTokens: 5, reasoningTokens: 0 },
    ...({ source: "reported", note: null } as const),
    ...{ costNano, priceVersion: "test" },
  } as const;
  const line: AttemptLine = {
    ...{
      n: 1,
      kind: "try",
      provider: "p",
      model: "m",
      endpoint: "e",
      outcome: "ok",
      code: null,
      status: null,
    },
    ...{ providerRequestId: null, trial: false, effect: "success", holdUntilMs: null },
    ...{ ambiguous: false, firstTokenMs: null },
    ...{ startedMs, endedMs: clock.wall(), charge },
  };
  return {
    operation: { ...started(id, tenant), startedMs },
    ...{ outcome: "ok", code: null, endedMs: clock.wall(), firstTokenMs: null, winner: 1, attempts: [line] },
    decision: { order: ["p/m"], skipped: [] },
    budgets: rules?.budgets ?? [],
    tokensPerMinute: null,
  };
}
