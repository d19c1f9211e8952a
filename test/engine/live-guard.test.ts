import { describe, expect, it } from "vitest";
import type { ErrorCode, ErrorFacts } from "../../src/core/errors.ts";
import { RiptideError } from "../../src/core/errors.ts";
import type { Candidate } from "../../src/engine/candidates.ts";
import type { Guard, Pass } from "../../src/engine/guard.ts";
import { createGuard } from "../../src/engine/live-guard.ts";
import type { CircuitHistory, CircuitMark, HoldRow, OutcomeRow } from "../../src/resilience/history.ts";
import { answers, fakeStage } from "../helpers/fake-provider.ts";

const SLICE = { sliceMs: 5_000, configuredDeadlineMs: 5_000 };
const failed = (code: ErrorCode, facts: ErrorFacts = {}) => ({
  ...SLICE,
  error: new RiptideError(code, "no", facts),
});
const answered = { ...SLICE, error: undefined };

interface Memory {
  outcomes: OutcomeRow[];
  holds: HoldRow[];
  marks: CircuitMark[];
  reads: number;
  failure?: Error | undefined;
}

/** A guard for the providers `a` and `b`, and what it can remember. */
async function stage({ isReadable = true } = {}) {
  const { generation, clock } = await fakeStage({ a: [answers("x")], b: [answers("x")] });
  const memory: Memory = { outcomes: [], holds: [], marks: [], reads: 0 };
  const history: CircuitHistory = {
    outcomes: (sinceMs) => memory.outcomes.filter(({ endedMs }) => endedMs >= sinceMs),
    holds: (nowMs) => memory.holds.filter(({ untilMs }) => untilMs > nowMs),
    marks() {
      if (memory.failure) throw memory.failure;
      return memory.marks;
    },
  };
  const guard = createGuard({
    clock,
    random: () => 0.5,
    retryBudget: { ratio: 0.2, floor: 10 },
    async history() {
      memory.reads += 1;
      return isReadable ? history : undefined;
    },
  });
  const candidate = async (provider: string, model = "m"): Promise<Candidate> => ({
    provider,
    model,
    loaded: await generation.provider(provider),
  });
  return { guard, clock, memory, a: await candidate("a"), b: await candidate("b"), candidate };
}

/** Leave that is expected to be given. */
function pass(guard: Guard, candidate: Candidate): Pass {
  const given = guard.enter(candidate, "completion", 5_000);
  if (!("end" in given)) throw given.error;
  return given;
}
const fail = (guard: Guard, candidate: Candidate, code: ErrorCode, facts: ErrorFacts = {}) =>
  pass(guard, candidate).end(failed(code, facts));

const row = (candidate: Candidate, endedMs: number, more: Partial<OutcomeRow> = {}): OutcomeRow => ({
  endpoint: candidate.loaded.endpoint,
  class: "completion",
  effect: "failure",
  trial: false,
  rateLimited: false,
  endedMs,
  ...more,
});

describe("breakers (CB)", () => {
  it("keep requests from a provider that fails, until its time, and tell when that is", async () => {
    const { guard, clock, a, b } = await stage();
    for (let n = 0; n < 10; n += 1) fail(guard, a, "provider_error");
    const refusal = guard.refusal(a, "completion");
    expect(refusal).toMatchObject({
      reason: "circuit_open",
      error: { code: "circuit_open", facts: { retryAfterMs: 30_000 } },
      untilWallMs: clock.wall() + 30_000,
    });
    expect(refusal?.error.message).toBe("its circuit is open until 2026-11-22T15:00:30Z");
    expect([guard.refusal(b, "completion"), guard.refusal(a, "embedding")]).toEqual([null, null]);
    expect("error" in guard.enter(a, "completion", 5_000)).toBe(true);
    await clock.advance(30_000);
    expect(guard.refusal(a, "completion")).toBeNull();
    expect(pass(guard, a).end(answered).trial).toBe(true);
  });

  it("let the caller of a trial go on from its first content (CB-8)", async () => {
    const { guard, clock, a } = await stage();
    for (let n = 0; n < 10; n += 1) fail(guard, a, "provider_error");
    await clock.advance(30_000);
    const trials = [pass(guard, a), pass(guard, a), pass(guard, a)];
    for (const trial of trials) trial.committed();
    expect(guard.circuit(a, "completion")).toBe("closed");
    for (const trial of trials) trial.end(answered);
    expect(guard.circuit(a, "completion")).toBe("closed");
  });

  it("judge what broke an answer off by what it was (CB-2)", async () => {
    const { guard, a } = await stage();
    const broken = (code: ErrorCode, facts: ErrorFacts = {}) => {
      const given = pass(guard, a);
      given.committed();
      const cause = new RiptideError(code, "no", facts);
      return given.end({ ...SLICE, error: new RiptideError("stream_interrupted", "cut", { cause }) });
    };
    for (let n = 0; n < 20; n += 1) expect(broken("content_filtered").effect).toBe("ignored");
    expect(guard.circuit(a, "completion")).toBe("closed");
    expect(broken("protocol_error").effect).toBe("failure");
    expect(broken("rate_limited", { retryAfterMs: 60_000 }).holdUntilMs).not.toBeNull();
    expect(guard.refusal(a, "completion")?.reason).toBe("held");
  });

  it("do not count a stream that flows until its whole time is up", async () => {
    const { guard, a } = await stage();
    const given = pass(guard, a);
    given.committed();
    expect(given.end(failed("deadline_exceeded")).effect).toBe("ignored");
    expect(pass(guard, a).end(failed("deadline_exceeded")).effect).toBe("failure");
  });

  it("keep a trial that began to answer as a success, and what broke it off as a failure of its own (CB-8, CB-13)", async () => {
    const { guard, clock, a } = await stage();
    for (let n = 0; n < 10; n += 1) fail(guard, a, "provider_error");
    await clock.advance(30_000);
    const begun = () => {
      const given = pass(guard, a);
      given.committed();
      return given;
    };
    const [left, cut] = [begun(), begun()];
    expect(left.end(failed("cancelled"))).toMatchObject({ effect: "success", trial: true });
    expect(cut.end(failed("stream_idle"))).toMatchObject({ effect: "failure", trial: false });
  });

  it("do not count what a caller did wrong, nor a slice that was too short to tell (CB-2)", async () => {
    const { guard, a } = await stage();
    for (let n = 0; n < 1_000; n += 1) fail(guard, a, "bad_request");
    const short = {
      error: new RiptideError("attempt_timeout", "no"),
      sliceMs: 1_000,
      configuredDeadlineMs: 5_000,
    };
    for (let n = 0; n < 20; n += 1) expect(pass(guard, a).end(short).effect).toBe("ignored");
    expect(guard.circuit(a, "completion")).toBe("closed");
  });
});

describe("what other processes noted (CB-13)", () => {
  it("opens a breaker that they would have opened, as of when they would have", async () => {
    const { guard, clock, memory, a } = await stage();
    const wall = clock.wall();
    memory.outcomes = Array.from({ length: 10 }, (_, n) => row(a, wall - 20_000 + n));
    await guard.refresh([a], "completion");
    expect(guard.refusal(a, "completion")?.untilWallMs).toBe(wall + 10_009);
    await guard.refresh([a], "completion");
    expect(memory.reads).toBe(1);
  });

  it("is waited for by whoever asks while it is read", async () => {
    const { guard, clock, memory, a } = await stage();
    memory.outcomes = Array.from({ length: 10 }, () => row(a, clock.wall() - 1_000));
    void guard.refresh([a], "completion");
    await guard.refresh([a], "completion");
    expect([guard.circuit(a, "completion"), memory.reads]).toEqual(["open", 1]);
  });

  it("is that of another endpoint once an entry has changed (CB-11)", async () => {
    const { guard, clock, memory, a } = await stage();
    const rows = Array.from({ length: 10 }, () => row(a, clock.wall() - 1_000));
    memory.outcomes = rows.map((each) => ({ ...each, endpoint: "another" }));
    await guard.refresh([a], "completion");
    expect(guard.refusal(a, "completion")).toBeNull();
  });

  it("holds a provider, or the model alone (HO-4)", async () => {
    const { guard, clock, memory, a, b, candidate } = await stage();
    const wall = clock.wall();
    const hold = { model: "m", endedMs: wall - 1_000, untilMs: wall + 40_000 };
    memory.holds = [
      { ...hold, endpoint: a.loaded.endpoint, code: "rate_limited" },
      { ...hold, endpoint: b.loaded.endpoint, code: "model_not_found" },
    ];
    await guard.refresh([a, b], "completion");
    const other = { a: await candidate("a", "other"), b: await candidate("b", "other") };
    const codes = [a, other.a, b, other.b].map(
      (each) => guard.refusal(each, "completion")?.error.code ?? null,
    );
    expect(codes).toEqual(["rate_limited", "rate_limited", "model_not_found", null]);
    expect(guard.refusal(a, "completion")).toMatchObject({ reason: "held", untilWallMs: wall + 40_000 });
    await clock.advance(40_000);
    expect(guard.refusal(a, "completion")).toBeNull();
  });

  it("is nothing where there is no ledger to read: circuits start closed", async () => {
    const { guard, memory, a, clock } = await stage({ isReadable: false });
    memory.outcomes = Array.from({ length: 10 }, () => row(a, clock.wall() - 1_000));
    await guard.refresh([a], "completion");
    expect(guard.refusal(a, "completion")).toBeNull();
  });
});

describe("an operator's marks (CB-10)", () => {
  it("are looked for once a second, and a reset clears breaker and holds", async () => {
    const { guard, clock, memory, a } = await stage();
    await guard.refresh([a], "completion");
    for (let n = 0; n < 10; n += 1) fail(guard, a, "provider_error");
    fail(guard, { ...a, provider: "b" }, "auth_failed");
    await clock.advance(500);
    memory.marks = [{ kind: "reset", provider: "a", atMs: clock.wall(), untilMs: null }];
    await guard.refresh([a], "completion");
    expect(guard.refusal(a, "completion")?.reason).toBe("circuit_open");
    await clock.advance(500);
    await guard.refresh([a], "completion");
    expect(guard.refusal(a, "completion")).toBeNull();
  });

  it("a reset from before this process leaves out what came before it, and nothing else", async () => {
    const { guard, clock, memory, a } = await stage();
    const wall = clock.wall();
    memory.outcomes = Array.from({ length: 10 }, () => row(a, wall - 20_000));
    memory.marks = [{ kind: "reset", provider: "a", atMs: wall - 10_000, untilMs: null }];
    await guard.refresh([a], "completion");
    expect(guard.refusal(a, "completion")).toBeNull();
    const later = await stage();
    later.memory.marks = [{ kind: "reset", provider: "a", atMs: wall - 10_000, untilMs: null }];
    later.memory.outcomes = Array.from({ length: 10 }, () => row(later.a, wall - 5_000));
    await later.guard.refresh([later.a], "completion");
    expect(later.guard.refusal(later.a, "completion")?.reason).toBe("circuit_open");
  });

  it("trip and force, until they end", async () => {
    const { guard, clock, memory, a } = await stage();
    const wall = clock.wall();
    memory.marks = [{ kind: "trip", provider: "a", atMs: wall, untilMs: wall + 20_000 }];
    await guard.refresh([a], "completion");
    expect(guard.refusal(a, "completion")?.untilWallMs).toBe(wall + 20_000);
    await guard.refresh([a], "embedding");
    expect(guard.refusal(a, "embedding")?.untilWallMs).toBe(wall + 20_000);
    memory.marks = [{ kind: "force", provider: "a", state: "closed", atMs: wall, untilMs: wall + 60_000 }];
    await clock.advance(1_000);
    await guard.refresh([a], "completion");
    expect(guard.refusal(a, "completion")).toBeNull();
  });
});

describe("holds (HO-3)", () => {
  it.each([
    ["rate_limited", { retryAfterMs: 2_500 }, 2_500],
    ["rate_limited", {}, 1_000],
    ["overloaded", { retryAfterMs: 700 }, 700],
    ["overloaded", {}, null],
    ["auth_failed", {}, 60_000],
    ["auth_failed", { tokenDropped: true }, null],
    ["quota_exhausted", {}, 60_000],
    ["provider_error", { retryAfterMs: 9_000 }, null],
  ] as const)("%s %o holds for %s ms", async (code, facts, ms) => {
    const { guard, clock, a } = await stage();
    const { holdUntilMs } = fail(guard, a, code, facts);
    expect(holdUntilMs).toBe(ms === null ? null : clock.wall() + ms);
    expect(guard.refusal(a, "completion")?.reason ?? null).toBe(ms === null ? null : "held");
  });

  it("are over a millisecond early, as a timer may be", async () => {
    const { guard, clock, a } = await stage();
    fail(guard, a, "rate_limited", { retryAfterMs: 1_000 });
    clock.skip(998.5);
    expect(guard.refusal(a, "completion")?.reason).toBe("held");
    clock.skip(0.6);
    expect(guard.refusal(a, "completion")).toBeNull();
  });
});

describe("an endpoint that takes the place of another (CB-11)", () => {
  const moved = (candidate: Candidate): Candidate => ({
    ...candidate,
    loaded: { ...candidate.loaded, endpoint: "moved" },
  });

  it("is under no hold of the other's", async () => {
    const { guard, a } = await stage();
    await guard.refresh([a], "completion");
    fail(guard, a, "auth_failed");
    expect(guard.refusal(a, "completion")?.reason).toBe("held");
    await guard.refresh([moved(a)], "completion");
    expect(guard.refusal(moved(a), "completion")).toBeNull();
  });

  it("is kept from work by an operator's trip of the provider, as in a process that begins now (CB-10)", async () => {
    const { guard, clock, memory, a } = await stage();
    const untilMs = clock.wall() + 20_000;
    memory.marks = [{ kind: "trip", provider: "a", atMs: clock.wall(), untilMs }];
    await guard.refresh([a], "completion");
    await guard.refresh([moved(a)], "completion");
    expect(guard.refusal(moved(a), "completion")?.untilWallMs).toBe(untilMs);
  });

  it("is not judged by attempts that were begun at the other", async () => {
    const { guard, a } = await stage();
    await guard.refresh([a], "completion");
    const running = Array.from({ length: 10 }, () => pass(guard, a));
    await guard.refresh([moved(a)], "completion");
    for (const each of running) each.end(failed("provider_error"));
    expect(guard.refusal(moved(a), "completion")).toBeNull();
  });
});

it("an operator's reset clears a hold once, whichever class of operations is looked at next (CB-10)", async () => {
  const { guard, clock, memory, a } = await stage();
  await guard.refresh([a], "completion");
  await guard.refresh([a], "embedding");
  await clock.advance(1_500);
  memory.marks.push({ kind: "reset", provider: "a", atMs: clock.wall(), untilMs: null });
  await guard.refresh([a], "completion");
  fail(guard, a, "rate_limited", { retryAfterMs: 60_000 });
  await clock.advance(1_500);
  await guard.refresh([a], "embedding");
  expect(guard.refusal(a, "completion")?.reason).toBe("held");
});

it("a ledger that cannot be read leaves everything closed, and is read again (LG-11)", async () => {
  const { guard, clock, memory, a } = await stage();
  memory.holds.push({
    ...{ endpoint: a.loaded.endpoint, model: "m", code: "auth_failed" },
    ...{ endedMs: clock.wall() - 1, untilMs: clock.wall() + 60_000 },
  });
  memory.failure = new RiptideError("ledger_unavailable", "disk I/O error");
  await guard.refresh([a], "completion");
  expect(guard.refusal(a, "completion")).toBeNull();
  memory.failure = undefined;
  await guard.refresh([a], "completion");
  expect(guard.refusal(a, "completion")?.reason).toBe("held");
});
