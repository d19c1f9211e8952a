import { describe, expect, it } from "vitest";
import { RiptideError } from "../../src/core/errors.ts";
import { seededRandom } from "../../src/core/random.ts";
import { countTokens } from "../../src/engine/count-tokens.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { openGuard } from "../../src/engine/guard.ts";
import { openStages } from "../../src/engine/stages.ts";
import type { Adapter } from "../../src/providers/adapter.ts";
import { estimateInputTokens } from "../../src/providers/estimate.ts";
import { fails, fakeStage, respond, type Stage, type Step, silent } from "../helpers/fake-provider.ts";

const messages = [{ role: "user" as const, content: "how many tokens is this?" }];
const estimate = estimateInputTokens({ messages });
const counts =
  (tokens: number): Step =>
  () =>
    respond([JSON.stringify({ tokens })]);

/** Fakes have no count of their own; those named here get one. */
function counting({ clock, generation }: Stage, ids: readonly string[]): Engine {
  const touched = () => expect.fail("a count is nothing that a breaker hears of");
  const forbidden = () => Promise.reject(new Error("a count is nothing that is admitted or booked"));
  return {
    clock,
    guard: { ...openGuard, enter: touched, admitted: touched, spendRetry: touched },
    stages: { ...openStages, admit: forbidden, preview: forbidden, occupy: forbidden, settle: forbidden },
    random: seededRandom(1),
    generation: {
      ...generation,
      async provider(id) {
        const loaded = await generation.provider(id);
        const count: Adapter["count"] = {
          toWire: (request) => loaded.adapter.toWire(request),
          fromWire: ({ body }) => JSON.parse(new TextDecoder().decode(body)).tokens,
        };
        return { ...loaded, adapter: { ...loaded.adapter, ...(ids.includes(id) && { count }) } };
      },
    },
  };
}

const asked = (signal = new AbortController().signal) => ({
  ...({
    id: "rq_1",
    tenant: "default",
    dialect: "anthropic",
    via: "daemon",
    route: {},
    tags: {},
    signal,
  } as const),
  request: { messages },
});

describe("a count of tokens", () => {
  it("is asked of the first candidate that counts, and is exact", async () => {
    const stage = await fakeStage({ one: [counts(1)], two: [counts(42)], three: [counts(3)] });
    const count = await countTokens(asked(), counting(stage, ["two", "three"]));
    expect(count).toEqual({ inputTokens: 42, exact: true, provider: "two", model: "m" });
    expect(stage.provider.one?.calls).toHaveLength(0);
    expect(stage.provider.three?.calls).toHaveLength(0);
    expect(stage.clock.pending).toBe(0);
  });

  it("is an estimate where nobody counts", async () => {
    const stage = await fakeStage({ one: [counts(1)], two: [counts(2)] });
    const count = await countTokens(asked(), counting(stage, []));
    expect(count).toEqual({ inputTokens: estimate, exact: false, provider: "one", model: "m" });
    expect(stage.provider.one?.calls).toHaveLength(0);
  });

  it.each([
    ["refuses", fails(429)],
    ["answers nonsense", () => respond(["<html>"])],
  ] as const)("is an estimate where the provider %s", async (_name, step) => {
    const stage = await fakeStage({ one: [counts(1)], two: [step] });
    const count = await countTokens(asked(), counting(stage, ["two"]));
    expect(count).toEqual({ inputTokens: estimate, exact: false, provider: "one", model: "m" });
  });

  it.each([
    ["five seconds", {}, 5_000],
    ["the deadline", { timeoutMs: 1_000 }, 1_000],
  ] as const)("is an estimate after %s of silence", async (_name, more, ms) => {
    const stage = await fakeStage({ one: [silent] });
    let count: unknown;
    const counted = countTokens({ ...asked(), ...more }, counting(stage, ["one"])).then((found) => {
      count = found;
    });
    await stage.clock.advance(ms - 1);
    expect(count).toBeUndefined();
    await stage.clock.advance(1);
    await counted;
    expect(count).toMatchObject({ inputTokens: estimate, exact: false });
    expect(stage.provider.one?.open).toBe(0);
  });

  it("ends with the caller", async () => {
    const stage = await fakeStage({ one: [silent] });
    const controller = new AbortController();
    const counted = countTokens(asked(controller.signal), counting(stage, ["one"]));
    const outcome = expect(counted).rejects.toMatchObject({ code: "cancelled" });
    await stage.clock.advance(1);
    controller.abort(new RiptideError("cancelled", "the caller left"));
    await outcome;
  });

  it("fails where the prompt could go nowhere", async () => {
    const stage = await fakeStage({ one: [counts(1)] }, { entries: { one: { enabled: false } } });
    await expect(countTokens(asked(), counting(stage, ["one"]))).rejects.toMatchObject({
      code: "no_provider_available",
    });
  });
});
