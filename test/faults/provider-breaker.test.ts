import { describe, expect, it } from "vitest";
import { openStages, type Stages } from "../../src/engine/stages.ts";
import type { AttemptLine } from "../../src/ledger/settlement.ts";
import type { CircuitChange } from "../../src/resilience/board.ts";
import type { CircuitHistory } from "../../src/resilience/history.ts";
import { type Asked, ask } from "../helpers/ask.ts";
import { answers, delayed, fails, fakeStage, type Step } from "../helpers/fake-provider.ts";
import { guarded, stepsOf } from "../helpers/fault-stage.ts";
import { faultTable } from "../helpers/fault-table.ts";

const table = faultTable();
const broken = fails(500);

/** A provider `a` that does as `step` says, with a sound one behind it, and what their breakers did. */
async function stageOf(step: Step, failover: { readonly repair?: string } = {}) {
  const stage = await fakeStage({ a: [step], b: [answers("b")] }, { failover });
  const changes: CircuitChange[] = [];
  const engine = guarded(stage, { onChange: (change) => changes.push(change) });
  const loaded = await stage.generation.provider("a");
  const state = () => engine.guard.circuit({ provider: "a", model: "m", loaded }, "completion");
  /** One request, carried through in virtual time. */
  const request = async (tenant = "default"): Promise<Asked> => {
    const asked = ask(engine, { tenant });
    await stage.clock.advance(250);
    await asked.done;
    return asked;
  };
  const calls = () => stage.provider.a?.calls.length ?? 0;
  return { ...stage, engine, request, state, calls, changes };
}

/** A step that fails where the script says `-`. */
function scripted(script: string): Step {
  let n = -1;
  return (call, clock) => {
    n += 1;
    return (script[n] === "-" ? broken : answers("a"))(call, clock);
  };
}

const spread = (failures: number, requests: number): string =>
  Array.from({ length: requests }, (_, n) => {
    const before = Math.floor((n * failures) / requests);
    return Math.floor(((n + 1) * failures) / requests) > before ? "-" : "+";
  }).join("");

describe("a provider that fails every request (row 20)", () => {
  it("is left alone from its tenth failure on, which is the fifth request with its repair (CB-3)", async () => {
    const { request, state, calls, changes } = await stageOf(broken);
    const seen: string[] = [];
    for (let n = 0; n < 6; n += 1) {
      const asked = await request();
      expect(asked.text).toBe("b");
      seen.push(`${calls()} ${state()}`);
    }
    expect(seen).toEqual(["2 closed", "4 closed", "6 closed", "8 closed", "10 open", "10 open"]);
    expect(changes).toMatchObject([{ from: "closed", to: "open", requests: 10, failures: 10 }]);
    table.saw(20, "open at the 10th failure, the 5th request");
  });

  it("gets at most three tries in any 30 s after that, whatever the load", async () => {
    const at: number[] = [];
    const slow: Step = (call, clock) => {
      at.push(clock.now());
      return delayed(40, broken)(call, clock);
    };
    const { engine, clock } = await stageOf(slow);
    const asked: Asked[] = [];
    for (let tick = 0; tick < 165; tick += 1) {
      for (let n = 0; n < 3; n += 1) asked.push(ask(engine));
      await clock.advance(400);
    }
    await clock.advance(1_000);
    await Promise.all(asked.map(({ done }) => done));
    expect(asked.every(({ text }) => text === "b")).toBe(true);
    const later = at.filter((ms) => ms > 5_000);
    const most = Math.max(
      ...later.map((from) => later.filter((ms) => ms >= from && ms < from + 30_000).length),
    );
    expect(most).toBeLessThanOrEqual(3);
    expect(later.length).toBeGreaterThanOrEqual(3);
    table.saw(20, `495 requests in 66 s: ${at.length} reached it, at most ${most} in 30 s after the trip`);
  });

  it.each([
    [30, 100, "closed"],
    [31, 100, "open"],
    [3, 10, "closed"],
    [5, 10, "open"],
  ])("%d failures of %d leave it %s (CB-3)", async (failures, requests, expected) => {
    const { request, state, calls } = await stageOf(scripted(spread(failures, requests)), {
      repair: "never",
    });
    for (let n = 0; n < requests; n += 1) await request();
    expect(state()).toBe(expected);
    if (expected === "closed") expect(calls()).toBe(requests);
    table.saw(20, `${failures} of ${requests}: ${state()}`);
  });
});

describe("a caller whose requests are refused 1,000 times (row 21)", () => {
  it("opens no breaker, asks nobody else, and takes nothing from another tenant", async () => {
    const poison = fails(400, "no such parameter");
    let isPoison = true;
    const { engine, request, state, calls, provider } = await stageOf((call, clock) =>
      (isPoison ? poison : answers("a"))(call, clock),
    );
    for (let n = 0; n < 1_000; n += 1) {
      isPoison = true;
      const asked = ask(engine, { tenant: "poisoner" });
      await asked.done;
      expect(asked.failure?.error).toMatchObject({ code: "bad_request", exit: 9 });
      if (n % 100 !== 99) continue;
      isPoison = false;
      expect((await request("another")).text).toBe("a");
    }
    expect([state(), calls(), provider.b?.calls.length ?? 0]).toEqual(["closed", 1_010, 0]);
    table.saw(21, "1,000 × 400: closed, 0 requests to the next, 10 of 10 others answered");
  });
});

describe("a provider that is back after 30 s, with 1,000 callers waiting (row 22)", () => {
  it("meets three of them, and everybody once these three are answered (CB-6, CB-7)", async () => {
    let isAlive = false;
    let [inFlight, most] = [0, 0];
    const step: Step = async (call, clock) => {
      if (!isAlive) return broken(call, clock);
      inFlight += 1;
      most = Math.max(most, inFlight);
      const response = await delayed(200, answers("a"))(call, clock);
      inFlight -= 1;
      return response;
    };
    const { engine, request, state, calls, clock, changes } = await stageOf(step);
    for (let n = 0; n < 5; n += 1) await request();
    const openedMs = clock.now();
    expect([state(), calls()]).toEqual(["open", 10]);
    await clock.advance(29_500);
    expect(stepsOf(await request())).toEqual(["try b ok"]);
    await clock.advance(Math.max(0, openedMs + 30_000 - clock.now()));
    isAlive = true;
    const asked = Array.from({ length: 1_000 }, () => ask(engine));
    await clock.advance(0);
    expect([calls(), most, state()]).toEqual([13, 3, "half_open"]);
    await clock.advance(200);
    await Promise.all(asked.map(({ done }) => done));
    expect(asked.filter(({ text }) => text === "a")).toHaveLength(3);
    expect(asked.filter(({ text }) => text === "b")).toHaveLength(997);
    expect(state()).toBe("closed");
    expect((await request()).text).toBe("a");
    const [opened, , closed] = changes.map(({ atMs }) => atMs);
    table.saw(
      22,
      `1,000 callers: ${most} at once, closed ${Math.round((closed ?? 0) - (opened ?? 0))} ms after the trip`,
    );
  });
});

describe("a loop of one-shot processes (row 23, CB-13)", () => {
  /** What every process books, and what the next one remembers of it. */
  function memory() {
    const lines: AttemptLine[] = [];
    const stages: Stages = {
      ...openStages,
      settle: async ({ attempts }) => {
        lines.push(...attempts);
        return { fresh: true, alerts: [] };
      },
    };
    const history: CircuitHistory = {
      outcomes: (sinceMs) =>
        lines
          .filter(({ endedMs }) => endedMs >= sinceMs)
          .map((line) => ({ ...line, class: "completion", rateLimited: line.code === "rate_limited" })),
      holds: () => [],
      marks: () => [],
    };
    return { stages, history: async () => history };
  }

  it("leaves a dead provider alone as one process does, and finds out when it is back", async () => {
    let isAlive = false;
    const at: number[] = [];
    const step: Step = (call, clock) => {
      at.push(clock.now());
      return (isAlive ? answers("a") : broken)(call, clock);
    };
    const stage = await fakeStage({ a: [step], b: [answers("b")] }, { failover: {} });
    const { stages, history } = memory();
    const process = async () => {
      const asked = ask(guarded(stage, { history }), { stages });
      await stage.clock.advance(1_000);
      await asked.done;
      return asked.text;
    };
    for (let n = 0; n < 130; n += 1) expect(await process()).toBe("b");
    expect(at.filter((ms) => ms < 30_000)).toHaveLength(10);
    const later = at.filter((ms) => ms >= 30_000);
    const most = Math.max(
      ...later.map((from) => later.filter((ms) => ms >= from && ms < from + 30_000).length),
    );
    expect([most <= 3, later.length >= 2]).toEqual([true, true]);
    isAlive = true;
    const backMs = stage.clock.now();
    while ((await process()) === "b");
    expect(stage.clock.now() - backMs).toBeLessThanOrEqual(31_000);
    expect([await process(), await process(), await process()]).toEqual(["a", "a", "a"]);
    table.saw(23, `130 processes: 10 attempts, then at most ${most} in 30 s; back in use within 30 s`);
  });
});
