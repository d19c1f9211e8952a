import { describe, expect, it } from "vitest";
import { RiptideError } from "../../src/core/errors.ts";
import { seededRandom } from "../../src/core/random.ts";
import type { ProbeRow } from "../../src/core/sample.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { openGuard } from "../../src/engine/guard.ts";
import type { HealthAsk } from "../../src/engine/health-check.ts";
import { checkProviders } from "../../src/engine/health-run.ts";
import { openStages } from "../../src/engine/stages.ts";
import {
  answers,
  deaf,
  deafBody,
  delayed,
  fails,
  fakeStage,
  refuses,
  respond,
  type Step,
  silent,
} from "../helpers/fake-provider.ts";

/** An entry with a key, which a probe can prove. */
const KEYED = { key: { kind: "secret", from: "env", name: "KEY" } } as const;
const listed: Step = () => respond(["{}"]);

interface More {
  readonly ask?: Partial<HealthAsk> & { readonly timeoutMs?: number };
  readonly tree?: Parameters<typeof fakeStage>[1];
  readonly engine?: Partial<Engine>;
}

/** Looks at fake providers; time stands still until it is moved. */
async function stage(scripts: Readonly<Record<string, readonly Step[]>>, more: More = {}) {
  const entries = Object.fromEntries(Object.keys(scripts).map((id) => [id, KEYED]));
  const set = await fakeStage(scripts, { entries, ...more.tree });
  const { clock, generation, config } = set;
  const engine = {
    generation,
    clock,
    stages: openStages,
    guard: openGuard,
    random: seededRandom(1),
    ...more.engine,
  };
  const caller = new AbortController();
  const done = checkProviders(
    config.providers.filter(({ implicit }) => !implicit),
    engine,
    {
      ...{ level: "auth", probeTimeoutMs: 2_000, retries: 0, maxLatencyMs: undefined, timeoutMs: undefined },
      ...{ maxCostNano: 10_000_000, newId: () => "rq_probe", signal: caller.signal },
      ...more.ask,
    },
  );
  done.catch(() => undefined);
  return { ...set, caller, done };
}

/** What one provider with this script looks like, after so much time. */
async function look(script: readonly Step[], more: More & { readonly afterMs?: number } = {}) {
  const { clock, done } = await stage({ a: script }, more);
  await clock.advance(more.afterMs ?? 0);
  const { checked, wasCut } = await done;
  const [found] = checked;
  if (!found) throw new Error("nothing was looked at");
  const { health, row } = found;
  return {
    ...health,
    row,
    wasCut,
    said: health.checks.map(({ id, status }) => `${id} ${status}`).join(", "),
  };
}

describe("a look at a provider", () => {
  it.each([
    ["answers", [listed], "healthy", "config pass, reach pass, auth pass"],
    ["refuses the key with 401 (HM-3)", [fails(401)], "misconfigured", "config pass, reach pass, auth fail"],
    ["refuses the key with 403 (HM-3)", [fails(403)], "misconfigured", "config pass, reach pass, auth fail"],
    ["has no such path (HM-3)", [fails(404)], "unknown", "config pass, reach unknown, auth unknown"],
    ["wants a pause (HM-3)", [fails(429)], "unknown", "config pass, reach pass, auth unknown"],
    ["is broken", [fails(500)], "down", "config pass, reach fail, auth unknown"],
    ["cannot be reached", [refuses("connect_failed")], "down", "config pass, reach fail, auth unknown"],
  ] as const)("that %s", async (_name, script, status, said) => {
    expect(await look(script)).toMatchObject({ status, said });
  });

  it("tells of 404 where the address stands, and of a refused key where the key comes from", async () => {
    const at = async (step: Step, id: string) => (await look([step])).checks.find((check) => check.id === id);
    expect((await at(fails(404), "reach"))?.remediation).toContain("riptide providers show a");
    expect((await at(fails(401), "auth"))?.remediation).toContain("riptide providers show a");
  });

  it("fails a body of the wrong shape, whatever its status (HM-3)", async () => {
    const html: Step = () => respond(["<html>"], { "content-type": "text/html" });
    const found = await look([html]);
    expect(found).toMatchObject({ status: "down", said: "config pass, reach fail, auth unknown" });
    expect(found.checks[1]).toMatchObject({ code: "protocol_error" });
  });

  it("keeps what it knew of a provider that answers 429 (HM-3)", async () => {
    const probes = (status: ProbeRow["status"], endpoint: string): Partial<Engine> => ({
      stages: {
        ...openStages,
        probes: async () =>
          [1, 2, 3].map((n): ProbeRow => ({ ...ROW, status, endpoint, atMs: ROW.atMs - n })),
      },
    });
    const { generation } = await stage({ a: [listed] });
    const { endpoint } = await generation.provider("a");
    expect((await look([fails(429)], { engine: probes("pass", endpoint) })).status).toBe("healthy");
    expect((await look([fails(429)], { engine: probes("fail", endpoint) })).status).toBe("down");
    expect((await look([fails(429)], { engine: probes("pass", "another") })).status).toBe("unknown");
  });

  it("skips the key where there is none", async () => {
    const tree = { entries: { a: {} } };
    expect(await look([listed], { tree })).toMatchObject({
      ...{ status: "healthy", level: "reach", said: "config pass, reach pass, auth skip" },
    });
    expect(await look([fails(401)], { tree })).toMatchObject({ status: "misconfigured" });
  });

  it("goes as far as it was asked to", async () => {
    const { provider, done } = await stage({ a: [listed] }, { ask: { level: "config" } });
    expect((await done).checked[0]?.health.checks.map(({ id }) => id)).toEqual(["config"]);
    expect(provider.a?.calls ?? []).toEqual([]);
    expect(await look([fails(401)], { ask: { level: "reach" } })).toMatchObject({
      ...{ status: "healthy", said: "config pass, reach pass" },
    });
  });

  it("asks a disabled provider nothing", async () => {
    const tree = { entries: { a: { ...KEYED, enabled: false } } };
    expect(await look([listed], { tree })).toMatchObject({
      status: "disabled",
      circuit: null,
      row: undefined,
    });
  });

  it("asks nothing where probes are switched off, and does not call that healthy", async () => {
    const off = {
      entries: { a: { ...KEYED, prices: { m: { input: 1, output: 1 } }, health: { probe: "off" } } },
    };
    for (const level of ["auth", "deep"] as const) {
      const { done, provider } = await stage({ a: [listed] }, { tree: off, ask: { level } });
      const [found] = (await done).checked;
      expect([found?.health.status, found?.row, provider.a?.calls]).toEqual(["unknown", undefined, []]);
    }
  });

  it("is billed only where a completion was asked for (HM-2)", async () => {
    const tree = { entries: { a: { ...KEYED, health: { probe: "completion" } } } };
    expect(await look([answers("pong")], { tree })).toMatchObject({ status: "unknown", row: undefined });
  });
});

const ROW: ProbeRow = {
  ...{ provider: "a", endpoint: "", level: "auth", status: "pass", latencyMs: 1, code: null },
  atMs: Date.UTC(2026, 10, 22, 14, 59, 50),
};

describe("time", () => {
  it.each([
    ["silent", silent],
    ["deaf", deaf],
    ["deaf after its head", deafBody],
  ])("is two seconds for a provider that is %s (HM-1)", async (_name, step) => {
    const { clock, done } = await stage({ a: [step], b: [step], c: [listed] });
    let settled = false;
    void done.then(() => {
      settled = true;
    });
    await clock.advance(1_999);
    expect(settled).toBe(false);
    await clock.advance(1);
    const { checked, wasCut } = await done;
    expect(checked.map(({ health }) => health.status)).toEqual(["down", "down", "healthy"]);
    expect([checked[0]?.row?.code, wasCut, clock.pending]).toEqual(["deadline_exceeded", false, 0]);
  });

  it("degrades a provider that takes more than --max-latency", async () => {
    const slow = [delayed(300, listed)];
    expect(await look(slow, { ask: { maxLatencyMs: 300 }, afterMs: 300 })).toMatchObject({
      status: "healthy",
    });
    const found = await look(slow, { ask: { maxLatencyMs: 299 }, afterMs: 300 });
    expect(found).toMatchObject({
      status: "degraded",
      latencyMs: 300,
      said: "config pass, reach pass, auth warn",
    });
    expect(found.row).toMatchObject({ status: "warn", latencyMs: 300 });
  });

  it("degrades a provider that answers at a further try only", async () => {
    const flaky = [fails(500), fails(503), listed];
    expect(await look(flaky, { ask: { retries: 1 }, afterMs: 1_000 })).toMatchObject({ status: "down" });
    const found = await look(flaky, { ask: { retries: 2 }, afterMs: 1_000 });
    expect(found).toMatchObject({ status: "degraded" });
    expect(found.checks.at(-1)).toMatchObject({ attempts: 3, status: "warn" });
  });

  it("is not spent on asking again what a second answer would not change", async () => {
    for (const status of [401, 404, 429]) {
      const { done, provider, clock } = await stage({ a: [fails(status), listed] }, { ask: { retries: 3 } });
      await clock.advance(1_000);
      await done;
      expect(provider.a?.calls).toHaveLength(1);
    }
  });

  it("that is over for the whole look leaves the rest unknown, and nothing of it is kept (HM-7)", async () => {
    const { clock, done } = await stage(
      { a: [listed], b: [silent] },
      { ask: { timeoutMs: 500, retries: 3 } },
    );
    await clock.advance(500);
    const { checked, wasCut } = await done;
    expect(wasCut).toBe(true);
    expect(checked.map(({ health }) => health.status)).toEqual(["healthy", "unknown"]);
    expect(checked.map(({ row }) => row?.status)).toEqual(["pass", undefined]);
    expect(clock.pending).toBe(0);
  });

  it("of a whole look that ended early is not waited for", async () => {
    const { clock, done } = await stage({ a: [listed] }, { ask: { timeoutMs: 60_000 } });
    expect([(await done).wasCut, clock.pending]).toEqual([false, 0]);
  });

  it("ends at once when the caller gives up", async () => {
    const { caller, done, clock } = await stage({ a: [silent] });
    await clock.advance(10);
    caller.abort(new RiptideError("cancelled", "enough"));
    await expect(done).rejects.toMatchObject({ code: "cancelled" });
  });

  it("is limited for secrets too", async () => {
    const set = await fakeStage({ a: [listed] }, { entries: { a: KEYED } });
    const generation = { ...set.generation, provider: () => new Promise<never>(() => {}) };
    const { clock, done } = await stage({ a: [listed] }, { engine: { generation, clock: set.clock } });
    await set.clock.advance(2_000);
    expect((await done).checked[0]?.health).toMatchObject({ status: "unknown", level: "config" });
    expect(clock.pending + set.clock.pending).toBe(0);
  });
});

describe("a deep look", () => {
  const deep = (script: readonly Step[], more: More = {}) =>
    look(script, { ...more, ask: { level: "deep", ...more.ask } });
  const models = (more: object) => ({ entries: { a: { ...KEYED, ...more } } });
  const PRICED = models({ prices: { m: { input: 1, output: 1 } } });

  it("asks for a completion of 16 tokens of the cheapest model, and books it to its own tenant (HM-2)", async () => {
    const settled: string[] = [];
    const stages: Engine["stages"] = {
      ...openStages,
      settle: async ({ operation, attempts }) => {
        settled.push(`${operation.tenant} ${attempts.map(({ kind, model }) => `${kind} ${model}`).join()}`);
        return { fresh: true, alerts: [] };
      },
    };
    const prices = {
      big: { input: 9, output: 9 },
      "m-embed": { input: 0.01, output: 0 },
      m: { input: 1, output: 1 },
    };
    const { done, provider } = await stage(
      { a: [listed, answers("pong")] },
      {
        ask: { level: "deep" },
        tree: { ...models({ prices }), tenants: { strict: true } },
        engine: { stages },
      },
    );
    expect((await done).checked[0]?.health).toMatchObject({ status: "healthy", level: "deep" });
    expect(settled).toEqual(["_health probe m"]);
    expect(provider.a?.calls[1]?.request).toMatchObject({ model: "m", maxTokens: 16 });
  });

  it("asks for the model its entry names, if it is dearer than others or not", async () => {
    const prices = { cheap: { input: 1, output: 1 }, named: { input: 2, output: 2 } };
    const tree = models({ prices, health: { model: "named" } });
    const { done, provider } = await stage(
      { a: [listed, answers("pong")] },
      { tree, ask: { level: "deep" } },
    );
    expect((await done).checked[0]?.health.status).toBe("healthy");
    expect(provider.a?.calls[1]?.request.model).toBe("named");
  });

  it("is unknown where it could not be asked: no price, or over its cap", async () => {
    expect(await deep([listed, answers("pong")])).toMatchObject({ status: "unknown", level: "deep" });
    const dear = models({ prices: { m: { input: 90_000, output: 90_000 } } });
    const found = await deep([listed, answers("pong")], { tree: dear, ask: { maxCostNano: 1_000 } });
    expect(found).toMatchObject({ status: "unknown", row: { level: "auth", status: "pass" } });
  });

  it("fails where the completion does, and does not ask for one of a provider that failed before", async () => {
    expect(await deep([listed, fails(500)], { tree: PRICED })).toMatchObject({
      status: "down",
      level: "deep",
    });
    expect(await deep([listed, fails(401)], { tree: PRICED })).toMatchObject({ status: "misconfigured" });
    const { done, provider } = await stage({ a: [fails(500)] }, { tree: PRICED, ask: { level: "deep" } });
    expect((await done).checked[0]?.health.checks.at(-1)).toMatchObject({
      id: "deep",
      status: "unknown",
      ms: null,
    });
    expect(provider.a?.calls).toHaveLength(1);
  });

  it("stands for the free levels where the entry wants completions only (HM-2)", async () => {
    const tree = models({ prices: { m: { input: 1, output: 1 } }, health: { probe: "completion" } });
    expect(await deep([answers("pong")], { tree })).toMatchObject({
      ...{ status: "healthy", said: "config pass, reach skip, auth skip, deep pass" },
    });
  });
});
