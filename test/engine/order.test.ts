import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { STRATEGIES } from "../../src/config/config.ts";
import { seededRandom } from "../../src/core/random.ts";
import type { Sample } from "../../src/core/sample.ts";
import { completionEntrance } from "../../src/engine/completion-entrance.ts";
import { explain } from "../../src/engine/explain.ts";
import { openGuard } from "../../src/engine/guard.ts";
import type { CompletionOperation } from "../../src/engine/operation.ts";
import { openStages, type Stages } from "../../src/engine/stages.ts";
import { admissionBooks } from "../../src/store/admission-books.ts";
import { thisProcess } from "../../src/store/owner.ts";
import { settlementBooks } from "../../src/store/settle.ts";
import { ask } from "../helpers/ask.ts";
import { answers, fails, fakeStage } from "../helpers/fake-provider.ts";
import { openSeedLedger } from "../helpers/ledger-seed.ts";

let ledger: Awaited<ReturnType<typeof openSeedLedger>>;
beforeEach(async () => {
  ledger = await openSeedLedger();
});
afterEach(() => ledger.close());

const price = (output: number) => ({ prices: { m: { input: 1, output } } });

/** Four providers that fail, so that a request walks its whole order; the ledger is a real one. */
async function stage(more: Parameters<typeof fakeStage>[1] = {}) {
  const made = await fakeStage(
    { a: [fails(503)], b: [fails(503)], c: [fails(503)], d: [fails(503)] },
    { entries: { a: price(8), b: price(2), d: price(2) }, failover: { repair: "never" }, ...more },
  );
  const { clock, generation } = made;
  const loaded = await generation.provider("a");
  const sample = (provider: string, ttftMs: number): Sample => ({
    ...{ provider, model: "m", effect: "success", ttftMs, totalMs: ttftMs, endedMs: clock.wall() - 1_000 },
    endpoint: loaded.endpoint,
  });
  const endpoints = new Map(
    await Promise.all(
      ["a", "b", "c", "d"].map(async (id) => [id, (await generation.provider(id)).endpoint] as const),
    ),
  );
  const samples = [sample("a", 300), sample("c", 100)].flatMap((one) =>
    Array<Sample>(6).fill({ ...one, endpoint: endpoints.get(one.provider) ?? "" }),
  );
  const stages: Stages = {
    ...openStages,
    ...admissionBooks(ledger.database, { clock, owner: thisProcess() }),
    ...settlementBooks(ledger.database, clock),
    samples: async () => samples,
    // The last one is down, of the second nothing is known.
    probes: async () =>
      [9, 8, 7].map((seconds) => ({
        ...{
          provider: "d",
          endpoint: endpoints.get("d") ?? "",
          level: "auth",
          status: "fail",
          latencyMs: null,
        },
        ...{ code: "connect_failed", atMs: clock.wall() - seconds * 1_000 },
      })),
  };
  return { ...made, stages };
}
type Stage = Awaited<ReturnType<typeof stage>>;
let count = 0;

async function walked(on: Stage, strategy: (typeof STRATEGIES)[number]): Promise<string> {
  count += 1;
  const asked = ask(on, { id: `rq_${count}`, route: { strategy }, stages: on.stages });
  await asked.done;
  return (asked.failure?.attempts ?? []).map(({ provider }) => provider).join("");
}

async function explained({ clock, generation, stages }: Stage, strategy: (typeof STRATEGIES)[number]) {
  const operation: CompletionOperation = {
    ...{ id: "rq_x", tenant: "default", dialect: "cli", via: "in-process" as const, tags: {} },
    ...{ stream: true, strictParams: false, showReasoning: false, signal: new AbortController().signal },
    route: { strategy },
    request: { messages: [{ role: "user", content: "hi" }] },
  };
  const engine = { clock, generation, stages, guard: openGuard, random: seededRandom(1) };
  const { candidates } = await explain(operation, engine, completionEntrance(operation, generation));
  return candidates.map(({ provider }) => provider).join("");
}

describe("the order at admission (FB-1)", () => {
  it.each([
    ["sequential", "abcd"],
    ["lowest-cost", "bdac"],
    ["fastest-first", "cabd"],
    ["round-robin", "abcd"],
    ["health-based", "acbd"],
  ] as const)("by %s is %s", async (strategy, expected) => {
    expect(await walked(await stage(), strategy)).toBe(expected);
  });

  it("asks a target that is down where there is no other (FB-4)", async () => {
    const on = await stage();
    const alone = ask(on, { route: { model: "d/m", strategy: "health-based" }, stages: on.stages });
    await alone.done;
    expect(alone.tried).toEqual(["d overloaded"]);
  });

  it.each(STRATEGIES)("is what was explained before, by %s", async (strategy) => {
    const on = await stage();
    for (let turn = 0; turn < 3; turn += 1) {
      const told = await explained(on, strategy);
      expect(await explained(on, strategy)).toBe(told);
      expect(await walked(on, strategy)).toBe(told);
    }
  });

  it("takes a turn with each request that is admitted, whichever process it is of", async () => {
    const [one, other] = [await stage(), await stage()];
    const walks = [
      await walked(one, "round-robin"),
      await walked(other, "round-robin"),
      await walked(one, "round-robin"),
    ];
    expect(walks).toEqual(["abcd", "bcda", "cdab"]);
  });

  it("is written down with what it went by", async () => {
    await walked(await stage(), "fastest-first");
    await walked(await stage(), "round-robin");
    const decisions = ledger.database.prepare("SELECT decision FROM decisions ORDER BY operation").all();
    expect(decisions.map(({ decision }) => JSON.parse(String(decision)))).toMatchObject([
      { order: ["c/m", "a/m", "b/m", "d/m"], scores: [100, 300, null, null] },
      { order: ["a/m", "b/m", "c/m", "d/m"], turn: 0 },
    ]);
  });

  it("leaves fallbacks for the end, and asks the first alone under --no-fallback", async () => {
    const on = await stage();
    const route = { strategy: "lowest-cost", fallback: ["b/other"] } as const;
    const all = ask(on, { id: "rq_all", route, stages: on.stages, maxAttempts: 9 });
    await all.done;
    expect(all.tried.map((text) => text[0]).join("")).toBe("bdacb");
    const only = ask(on, { id: "rq_only", route: { ...route, noFallback: true }, stages: on.stages });
    await only.done;
    expect(only.tried).toEqual(["b overloaded"]);
  });
});

describe("a provider with as many requests in flight as it may have (FB-2)", () => {
  const full = (id: string) => ({ [id]: { ...price(2), max_concurrent: 1 } });
  let rows = 900;
  const running = (provider: string) => {
    rows += 1;
    ledger.database
      .prepare(
        `INSERT INTO reservations (operation, tenant, provider, model, held_nano, tokens, owner_pid, owner_started,
           owner_boot, expires) VALUES (?, 'x', ?, 'm', 0, 0, ?, ?, ?, 9e15)`,
      )
      .run(rows, provider, thisProcess().pid, thisProcess().started, thisProcess().boot);
  };

  it("is passed over as busy, at admission and on the way", async () => {
    const first = await fakeStage({ a: [answers("a")], b: [answers("b")] }, { entries: full("a") });
    const on = { ...(await stage()), ...first };
    running("a");
    const asked = ask(on, { id: "rq_busy", stages: on.stages });
    await asked.done;
    expect([asked.text, asked.result?.skipped]).toMatchObject(["b", [{ provider: "a", reason: "busy" }]]);
    const later = await fakeStage(
      { a: [fails(503)], b: [answers("b")], c: [answers("c")] },
      { entries: full("b") },
    );
    running("b");
    const moved = ask({ ...on, ...later }, { id: "rq_moved", stages: on.stages });
    await moved.done;
    expect([moved.text, moved.tried]).toEqual(["c", ["a overloaded", "c ok"]]);
  });

  it("refuses with the family of rate limits when there is no other, and takes nothing", async () => {
    const only = await fakeStage({ a: [answers("a")] }, { entries: full("a") });
    const on = { ...(await stage()), ...only };
    running("a");
    const asked = ask(on, { id: "rq_full", stages: on.stages });
    await asked.done;
    expect(asked.failure?.error).toMatchObject({
      code: "rate_limited",
      exit: 7,
      message: "a has 1 request in flight, its max_concurrent",
    });
    expect(ledger.database.prepare("SELECT 1 FROM operations WHERE id = 'rq_full'").all()).toEqual([]);
  });
});
