import { describe, expect, it } from "vitest";
import { RiptideError } from "../../src/core/errors.ts";
import type { JsonObject } from "../../src/core/json.ts";
import { seededRandom } from "../../src/core/random.ts";
import { completionEntrance } from "../../src/engine/completion-entrance.ts";
import { explain } from "../../src/engine/explain.ts";
import { type Closed, type Guard, openGuard } from "../../src/engine/guard.ts";
import type { CompletionOperation } from "../../src/engine/operation.ts";
import { openStages } from "../../src/engine/stages.ts";
import type { RouteAsk } from "../../src/routing/route.ts";
import { answers, fakeStage } from "../helpers/fake-provider.ts";

const IDS = ["a", "b", "c", "d", "e"];
const price = (output: number) => ({ prices: { m: { input: 1, output } } });

const open: Closed = {
  ...{
    reason: "circuit_open",
    error: new RiptideError("circuit_open", "broken"),
    untilMs: 9,
    untilWallMs: 9,
  },
};
const held = (untilMs: number): Closed => ({
  ...{
    reason: "held",
    error: new RiptideError("rate_limited", "told to wait"),
    untilMs,
    untilWallMs: untilMs,
  },
});

/** A guard that refuses these providers. */
const guardOf = (refusals: Readonly<Record<string, Closed>>): Guard => ({
  ...openGuard,
  refusal: ({ provider }) => refusals[provider] ?? null,
});

/** Who would be asked, and who would not be and why. */
async function looked({
  tree = {},
  guard = openGuard,
  ...asked
}: Partial<Omit<CompletionOperation, "request" | "signal">> & {
  readonly tree?: JsonObject;
  readonly guard?: Guard;
  readonly route?: RouteAsk;
} = {}) {
  const scripts = Object.fromEntries(IDS.map((id) => [id, [answers(id)]]));
  const { clock, generation } = await fakeStage(scripts, tree);
  const operation: CompletionOperation = {
    ...{ id: "rq_x", tenant: "default", dialect: "cli", via: "in-process" as const, tags: {}, route: {} },
    ...{ stream: true, strictParams: false, showReasoning: false, signal: new AbortController().signal },
    request: { messages: [{ role: "user", content: "hi" }] },
    ...asked,
  };
  const engine = { clock, generation, stages: openStages, guard, random: seededRandom(1) };
  const { candidates, skipped } = await explain(operation, engine, completionEntrance(operation, generation));
  return {
    order: candidates.map(({ provider }) => provider).join(""),
    skipped: skipped.map(({ provider, reason }) => `${provider} ${reason}`),
  };
}

describe("who may be asked (FB-2)", () => {
  it("leaves out each target for its own reason", async () => {
    const tree = {
      entries: { a: { enabled: false }, c: price(1_000_000) },
      tenants: { list: { acme: { providers: { deny: ["b"] } } } },
      unpriced: "allow",
    };
    const guard = guardOf({ d: open });
    expect(await looked({ tree, guard, tenant: "acme", maxCostNano: 1_000 })).toEqual({
      order: "e",
      skipped: ["b tenant_denied", "a disabled", "d circuit_open", "c unaffordable"],
    });
  });

  it("leaves out who is held while anybody is free", async () => {
    expect(await looked({ guard: guardOf({ a: held(10), b: open }) })).toEqual({
      order: "cde",
      skipped: ["a held", "b circuit_open"],
    });
  });

  it("waits for the first to be free where all are held or broken, and it is free soon (HO-5)", async () => {
    const tree = { failover: { repair: "first" } };
    const among = (a: number, c: number) =>
      looked({ tree, guard: guardOf({ a: held(a), b: open, c: held(c), d: held(20), e: open }) });
    const broken = ["b circuit_open", "e circuit_open"];
    expect(await among(30, 10)).toEqual({ order: "c", skipped: [...broken, "d held", "a held"] });
    const guard = guardOf({ a: held(2_500), ...Object.fromEntries(IDS.slice(1).map((id) => [id, open])) });
    expect((await looked({ tree, guard })).order).toBe("a");
    expect((await looked({ guard })).order).toBe("");
    const late = guardOf({ ...Object.fromEntries(IDS.map((id) => [id, open])), a: held(2_501) });
    expect((await looked({ tree, guard: late })).order).toBe("");
  });

  it("has nobody left where every circuit is open", async () => {
    const guard = guardOf(Object.fromEntries(IDS.map((id) => [id, open])));
    expect((await looked({ guard })).order).toBe("");
  });
});

describe("the providers a tenant prefers", () => {
  const prefer = (...providers: string[]) => ({
    tenants: { list: { acme: { providers: { prefer: providers } } } },
  });

  it("come first in their own order, then the others in that of the targets", async () => {
    expect((await looked({ tree: prefer("d", "b"), tenant: "acme" })).order).toBe("dbace");
    expect((await looked({ tree: prefer("d", "b") })).order).toBe("abcde");
  });

  it("decide between targets that the strategy finds alike (FB-3)", async () => {
    const entries = { a: price(2), b: price(1), c: price(2), d: price(1) };
    const tree = { ...prefer("e", "d", "c"), entries };
    const route = { strategy: "lowest-cost" } as const;
    expect((await looked({ tree, tenant: "acme", route })).order).toBe("dbcae");
  });
});
