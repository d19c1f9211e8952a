import { describe, expect, it } from "vitest";
import type { RiptideError } from "../../src/core/errors.ts";
import { seededRandom } from "../../src/core/random.ts";
import { type EmbeddingResult, embed, type Notices } from "../../src/engine/embed.ts";
import type { GrowingTrail } from "../../src/engine/failover-plan.ts";
import { openGuard } from "../../src/engine/guard.ts";
import type { EmbeddingOperation } from "../../src/engine/operation.ts";
import { openStages } from "../../src/engine/stages.ts";
import {
  delayed,
  fails,
  fakeStage,
  respond,
  type Stage,
  type Step,
  silent,
} from "../helpers/fake-provider.ts";

const OPEN = { stages: openStages, guard: openGuard, random: seededRandom(1) };

const vectors: Step = ({ wire }) => respond([String(wire.body)]);

function start({ clock, generation }: Stage, more: Partial<EmbeddingOperation> = {}) {
  const controller = new AbortController();
  const trail: GrowingTrail = { attempts: [], skipped: [] };
  const outcome: { result?: EmbeddingResult; error?: RiptideError } = {};
  const operation: EmbeddingOperation = {
    id: "rq_test",
    tenant: "default",
    dialect: "cli",
    via: "in-process",
    tags: {},
    route: {},
    texts: ["a", "bb"],
    ...more,
    signal: controller.signal,
  };
  const notices: Notices = { alerts: [], warnings: [] };
  const done = embed(operation, { clock, generation, ...OPEN }, { trail, notices }).then(
    (result) => void Object.assign(outcome, { result }),
    (error) => void Object.assign(outcome, { error }),
  );
  return { trail, outcome, done, abort: (reason: unknown) => controller.abort(reason) };
}

describe("an embedding", () => {
  it("gives one vector per text in their order, with usage that is marked as estimated", async () => {
    const texts = ["a", "bb", "ccc", "dddd", "eeeee", "ffffff"];
    const slowFirst: Step = (call, clock) =>
      call.request.messages === undefined && String(call.wire.body).includes('"a"')
        ? delayed(100, vectors)(call, clock)
        : vectors(call, clock);
    const stage = await fakeStage({ a: [slowFirst] });
    const { outcome } = start(stage, { texts });
    await stage.clock.advance(100);
    expect(outcome.result).toMatchObject({
      provider: "a",
      dimensions: 1,
      vectors: [[1], [2], [3], [4], [5], [6]],
      usage: { source: "estimated", outputTokens: 0 },
      attempts: [{ outcome: "ok" }],
    });
  });

  it("has at most four calls in flight", async () => {
    const stage = await fakeStage({ a: [delayed(100, vectors)] });
    const { outcome } = start(stage, { texts: Array.from({ length: 9 }, (_, n) => `text ${n}`) });
    await stage.clock.advance(50);
    expect([stage.provider.a?.calls.length, stage.provider.a?.open]).toEqual([4, 4]);
    await stage.clock.advance(250);
    expect(outcome.result?.vectors).toHaveLength(9);
  });

  it("goes to the next candidate with all texts when one call fails, and closes the others", async () => {
    const second: Step = (call, clock) =>
      String(call.wire.body).includes("bb") ? fails(500)(call, clock) : silent(call, clock);
    const stage = await fakeStage({ a: [second], b: [vectors] });
    const { outcome, done } = start(stage);
    await done;
    expect(outcome.result).toMatchObject({ provider: "b", vectors: [[1], [2]] });
    expect(outcome.result?.attempts.map(({ code }) => code)).toEqual(["provider_error", null]);
    expect([stage.provider.a?.open, stage.clock.pending]).toEqual([0, 0]);
  });

  it("has 3,000 ms, shared as 1,800 and 1,200 (DL-1, DL-3)", async () => {
    const stage = await fakeStage({ a: [silent], b: [silent] });
    const { outcome, trail } = start(stage);
    await stage.clock.advance(3_000);
    expect(outcome.error).toMatchObject({ code: "deadline_exceeded", exit: 6 });
    expect(trail.attempts.map(({ ms }) => ms)).toEqual([1_800, 1_200]);
  });

  it("ends with its caller and keeps the trail", async () => {
    const stage = await fakeStage({ a: [silent] });
    const { outcome, trail, abort } = start(stage);
    await stage.clock.advance(10);
    const reason = new Error("left");
    abort(reason);
    await stage.clock.advance(0);
    expect(outcome.error?.message).toBe("left");
    expect([trail.attempts.length, stage.provider.a?.open, stage.clock.pending]).toEqual([1, 0, 0]);
  });

  it.each([
    ["three of four that were answered", 4, (body: string) => body.includes("3"), 30, "cut"],
    ["none, where none was", 2, () => true, 0, null],
    ["none, where the only call was refused", 1, () => true, 0, null],
  ] as const)("pays for %s when a call is refused (LG-5)", async (_name, count, isRefused, tokens, note) => {
    const refusing: Step = (call, clock) =>
      isRefused(String(call.wire.body)) ? delayed(100, fails(429))(call, clock) : vectors(call, clock);
    const stage = await fakeStage({ a: [refusing], b: [vectors] });
    const texts = Array.from({ length: count }, (_, index) => `${index}`.repeat(40));
    const { outcome } = start(stage, { texts });
    await stage.clock.advance(100);
    const [refused] = outcome.result?.attempts ?? [];
    const source = note === null ? "none" : "estimated";
    expect(refused).toMatchObject({ code: "rate_limited", charge: { source, note, inputTokens: tokens } });
  });

  it("pays for what was sent when time is over, and not for what never left (LG-5)", async () => {
    const stage = await fakeStage({
      a: [(call, clock) => (String(call.wire.body).includes("0") ? vectors : silent)(call, clock)],
    });
    const texts = Array.from({ length: 10 }, (_, index) => `${index}`.repeat(40));
    const { trail } = start(stage, { texts });
    await stage.clock.advance(3_000);
    expect(trail.attempts).toMatchObject([{ charge: { source: "estimated", note: "cut", inputTokens: 50 } }]);
  });

  it("skips a provider that has none", async () => {
    const stage = await fakeStage({ a: [vectors], b: [vectors] });
    const { adapter, ...loaded } = await stage.generation.provider("a");
    const { embed: _embed, ...without } = adapter;
    const generation = {
      ...stage.generation,
      provider: async (id: string) =>
        id === "a" ? { ...loaded, adapter: without } : stage.generation.provider(id),
    };
    const { outcome, done } = start({ ...stage, generation });
    await done;
    expect(outcome.result).toMatchObject({
      provider: "b",
      skipped: [{ provider: "a", reason: "unsupported" }],
    });
    const alone = start({ ...stage, generation }, { route: { model: "a/m" } });
    await alone.done;
    expect(alone.outcome.error).toMatchObject({ code: "unsupported", exit: 9 });
  });
});
