import { describe, expect, it } from "vitest";
import { RiptideError } from "../../src/core/errors.ts";
import type { Candidate } from "../../src/engine/candidates.ts";
import { followingGuard } from "../../src/engine/following-guard.ts";
import type { Pass } from "../../src/engine/guard.ts";
import { createGuard } from "../../src/engine/live-guard.ts";
import { answers, fakeStage } from "../helpers/fake-provider.ts";

const SLICE = { sliceMs: 5_000, configuredDeadlineMs: 5_000 };

/** Provider `a` at an old and a new endpoint, and a guard that follows the old one. */
async function stage() {
  const { generation, clock } = await fakeStage({ a: [answers("x")], b: [answers("x")] });
  const loaded = await generation.provider("a");
  const at = (endpoint: string): Candidate => ({
    ...{ provider: "a", model: "m" },
    loaded: { ...loaded, endpoint },
  });
  const live = createGuard({
    ...{ clock, random: () => 0.5, retryBudget: { ratio: 0.2, floor: 10 } },
    history: async () => undefined,
  });
  const guard = followingGuard(live);
  const follow = (endpoint: string, providers = ["a", "b"]) =>
    guard.follow(new Map(endpoint === "" ? [] : [["a", endpoint]]), providers);
  const enter = (candidate: Candidate): Pass => {
    const given = guard.enter(candidate, "completion", 5_000);
    if (!("end" in given)) throw given.error;
    return given;
  };
  const fails = (candidate: Candidate, code: "provider_error" | "auth_failed", times = 1) => {
    for (let n = 0; n < times; n += 1)
      enter(candidate).end({ ...SLICE, error: new RiptideError(code, "no") });
  };
  const refusal = (candidate: Candidate) => guard.refusal(candidate, "completion")?.reason ?? null;
  follow("old");
  return { guard, follow, enter, fails, refusal, old: at("old"), renewed: at("new"), clock };
}

describe("what is known of a provider when the configuration changes", () => {
  it("stays with an endpoint that stays: its open circuit and its hold (HR-6)", async () => {
    const { follow, fails, refusal, old } = await stage();
    fails(old, "provider_error", 10);
    expect(refusal(old)).toBe("circuit_open");
    follow("old");
    expect(refusal(old)).toBe("circuit_open");
  });

  it("begins anew with another endpoint (CB-11)", async () => {
    const { follow, fails, refusal, old, renewed, guard } = await stage();
    fails(old, "auth_failed");
    fails(old, "provider_error", 9);
    expect([refusal(old), guard.circuit(old, "completion")]).toEqual(["held", "closed"]);
    follow("new");
    expect([refusal(renewed), guard.sight(renewed, "completion").requests]).toEqual([null, 0]);
    fails(renewed, "provider_error", 9);
    expect(guard.circuit(renewed, "completion")).toBe("closed");
  });

  it("takes a hold that a probe was told of, of the endpoint that is in use alone (HM-3)", async () => {
    const { guard, refusal, old, renewed, follow, clock } = await stage();
    const hold = (endpoint: string) => guard.hold({ provider: "a", endpoint, untilMs: clock.wall() + 5_000 });
    hold("new");
    expect(refusal(old)).toBeNull();
    hold("old");
    expect([refusal(old), guard.sight(old, "completion").hold]).toEqual([
      "held",
      { code: "rate_limited", untilMs: clock.wall() + 5_000 },
    ]);
    follow("new");
    expect(refusal(renewed)).toBeNull();
  });

  it("is kept for one that cannot be used for a while", async () => {
    const { follow, fails, refusal, old } = await stage();
    fails(old, "auth_failed");
    follow("");
    follow("old");
    expect(refusal(old)).toBe("held");
  });

  it("is forgotten with a provider that is gone", async () => {
    const { follow, fails, refusal, old } = await stage();
    fails(old, "auth_failed");
    follow("", ["b"]);
    follow("old");
    expect(refusal(old)).toBeNull();
  });
});

describe("an operation that began before the change", () => {
  it("goes on with its own endpoint, and what comes of it is no news of the new one", async () => {
    const { follow, enter, fails, refusal, guard, old, renewed } = await stage();
    const running = enter(old);
    follow("new");
    expect(running.end({ ...SLICE, error: new RiptideError("auth_failed", "no") })).toEqual({
      ...{ effect: "ignored", trial: false, holdUntilMs: null },
    });
    fails(old, "provider_error", 20);
    expect([refusal(old), refusal(renewed)]).toEqual([null, null]);
    expect(guard.sight(renewed, "completion").requests).toBe(0);
    fails(renewed, "auth_failed");
    expect([refusal(old), refusal(renewed)]).toEqual([null, "held"]);
  });

  it("makes no new attempt at a provider that is gone, and ends the one it makes (HR-6)", async () => {
    const { follow, enter, guard, old } = await stage();
    const running = enter(old);
    follow("", ["b"]);
    const refused = guard.enter(old, "completion", 5_000);
    expect(refused).toMatchObject({ reason: "disabled", error: { code: "no_provider_available" } });
    expect("error" in refused && refused.error.message).toBe("a is no longer in the configuration");
    expect(guard.refusal(old, "completion")).toMatchObject({ reason: "disabled" });
    expect(running.end({ ...SLICE, error: undefined }).effect).toBe("ignored");
  });

  it("has the ledger's rows of its endpoint folded into nothing", async () => {
    const { guard, old, renewed } = await stage();
    const asked: string[][] = [];
    const spied = followingGuard({
      ...guard,
      forget: () => {},
      refresh: async (candidates) => void asked.push(candidates.map(({ loaded }) => loaded.endpoint)),
    });
    spied.follow(new Map([["a", "new"]]), ["a"]);
    await spied.refresh([old, renewed], "completion");
    expect(asked).toEqual([["new"]]);
  });
});
