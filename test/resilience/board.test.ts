import { describe, expect, it } from "vitest";
import { seededRandom } from "../../src/core/random.ts";
import { type BreakerBoard, type CircuitChange, createBoard } from "../../src/resilience/board.ts";
import type { BreakerOptions, Permit } from "../../src/resilience/breaker.ts";
import { DEFAULT, LEASE_MS, openedAt, play, preset } from "./play.ts";

const KEY = "a completion";

/** A board with one key, and the log of its changes. */
function stage(options: BreakerOptions = DEFAULT) {
  const changes: CircuitChange[] = [];
  const board = createBoard((change) => changes.push(change));
  const enter = (atMs: number): Permit => {
    const permit = board.acquire(KEY, options, atMs, LEASE_MS);
    if ("retryAtMs" in permit) throw new Error(`refused at ${atMs} ms until ${permit.retryAtMs} ms`);
    return permit;
  };
  const attempt = (effect: "success" | "failure" | "ignored", atMs: number): void =>
    board.release(KEY, enter(atMs), effect, atMs);
  const fail = (times: number, atMs: number): void => {
    for (let time = 0; time < times; time += 1) attempt("failure", atMs);
  };
  const look = (atMs: number) => board.look(KEY, options, atMs);
  const view = (atMs: number) => board.view(KEY, options, atMs);
  return { board, changes, enter, attempt, fail, look, view };
}

const NEVER_USED = {
  state: "closed",
  forced: null,
  failures: 0,
  requests: 0,
  successRate: null,
  openedAtMs: null,
  retryAtMs: null,
  halfOpenInFlight: 0,
  halfOpenMax: 3,
};

describe("a board of breakers (CB-1)", () => {
  it("keeps the breaker of each key apart from the others", () => {
    const { board, fail } = stage();
    fail(10, 0);
    expect(board.look(KEY, DEFAULT, 0)).toEqual({ retryAtMs: 30_000 });
    expect(board.look("a embedding", DEFAULT, 0)).toBeNull();
    expect(board.acquire("b completion", DEFAULT, 0, LEASE_MS)).toHaveProperty("generation");
  });

  it("says what acquire would, and takes nothing by it", () => {
    const { look, fail, enter } = stage();
    expect(look(0)).toBeNull();
    fail(10, 0);
    expect(look(29_999)).toEqual({ retryAtMs: 30_000 });
    for (let time = 0; time < 10; time += 1) expect(look(30_000)).toBeNull();
    for (let time = 0; time < 3; time += 1) enter(30_000);
    expect(look(30_000)).toEqual({ retryAtMs: 36_000 });
  });

  it("begins with the state it is given, which is no change (CB-13)", () => {
    const { board, look, changes } = stage();
    board.restore(KEY, openedAt(0), 0);
    expect(look(5_000)).toEqual({ retryAtMs: 30_000 });
    expect(changes).toEqual([]);
  });

  it("judges what ends by the latest options", () => {
    const { board, fail, enter } = stage();
    fail(4, 0);
    const permit = enter(0);
    board.look(KEY, preset("strict"), 0);
    board.release(KEY, permit, "failure", 0);
    expect(board.look(KEY, preset("strict"), 0)).toEqual({ retryAtMs: 15_000 });
  });
});

describe("a streamed trial (CB-8)", () => {
  /** Half open, with two of three successes. */
  const almost = () => {
    const made = stage();
    made.fail(10, 0);
    const streamed = made.enter(30_000);
    made.attempt("success", 30_001);
    made.attempt("success", 30_002);
    return { ...made, streamed };
  };

  it("succeeds at its commit point", () => {
    const { board, streamed, view } = almost();
    board.commit(KEY, streamed, 30_100);
    expect(view(30_100).state).toBe("closed");
  });

  it("is not counted again when it ends well, however often it says that it has begun", () => {
    const { board, streamed, view } = almost();
    for (let time = 0; time < 3; time += 1) board.commit(KEY, streamed, 30_100);
    board.release(KEY, streamed, "success", 60_000);
    expect(view(60_000)).toMatchObject({ state: "closed", requests: 0 });
  });

  it("counts as a failure in the state of the moment when it breaks later", () => {
    const { board, streamed, view } = almost();
    board.commit(KEY, streamed, 30_100);
    board.release(KEY, streamed, "failure", 31_000);
    expect(view(31_000)).toMatchObject({ state: "closed", requests: 1, failures: 1 });
  });

  it("reopens a circuit that is still half open when it breaks", () => {
    const { board, fail, enter, view } = stage();
    fail(10, 0);
    const streamed = enter(30_000);
    board.commit(KEY, streamed, 30_100);
    expect(view(30_200)).toMatchObject({ state: "half_open", halfOpenInFlight: 0 });
    board.release(KEY, streamed, "failure", 30_300);
    expect(view(30_300)).toMatchObject({ state: "open", retryAtMs: 60_300 });
  });

  it("is an ordinary attempt in a closed circuit: its commit counts nothing, its end does", () => {
    const { board, enter, view } = stage();
    const permit = enter(0);
    board.commit(KEY, permit, 10);
    expect(view(10).requests).toBe(0);
    board.release(KEY, permit, "failure", 20);
    expect(view(20)).toMatchObject({ requests: 1, failures: 1 });
  });
});

describe("an operator's view (CB-12)", () => {
  it("of a circuit that nobody used is closed and empty", () => {
    expect(stage().view(0)).toEqual(NEVER_USED);
  });

  it("shows the window of a closed circuit", () => {
    const { attempt, fail, view } = stage();
    fail(1, 0);
    for (let time = 0; time < 3; time += 1) attempt("success", 500);
    expect(view(1_000)).toEqual({ ...NEVER_USED, failures: 1, requests: 4, successRate: 0.75 });
    expect(view(60_000)).toEqual(NEVER_USED);
  });

  it("shows an open circuit, then that it would let one through, then its trials", () => {
    const { enter, fail, view } = stage();
    fail(10, 500);
    const open = { failures: 10, requests: 10, successRate: 0, openedAtMs: 500 };
    expect(view(1_000)).toEqual({ ...NEVER_USED, ...open, state: "open", retryAtMs: 30_500 });
    expect(view(30_500)).toEqual({ ...NEVER_USED, ...open, state: "half_open" });
    enter(30_500);
    expect(view(30_500)).toEqual({ ...NEVER_USED, ...open, state: "half_open", halfOpenInFlight: 1 });
  });
});

describe("an operator (CB-10)", () => {
  it("resets: closed, empty, and what is running counts no more", () => {
    const { board, changes, enter, fail, view } = stage();
    const running = enter(0);
    fail(10, 0);
    board.reset(KEY, 100);
    board.release(KEY, running, "failure", 200);
    expect(view(200)).toEqual(NEVER_USED);
    expect(changes.at(-1)).toEqual({
      ...{ key: KEY, from: "open", to: "closed", requests: 10, failures: 10, reason: "reset", atMs: 100 },
    });
  });

  it("trips: open until then, half open after it", () => {
    const { board, view, enter } = stage();
    board.look(KEY, DEFAULT, 0);
    board.trip(KEY, 0, 5_000);
    expect(view(4_999)).toMatchObject({ state: "open", retryAtMs: 5_000 });
    expect(enter(5_000).trial).toBe(true);
  });

  it("forces open: nobody gets through until it ends, which gives back what was there", () => {
    const { board, look, view, fail } = stage();
    fail(2, 0);
    board.force(KEY, "open", 9_000, 0);
    expect(look(0)).toEqual({ retryAtMs: 9_000 });
    expect(board.acquire(KEY, DEFAULT, 8_999, LEASE_MS)).toEqual({ retryAtMs: 9_000 });
    expect(view(0)).toMatchObject({ state: "open", forced: "open", retryAtMs: 9_000 });
    expect(view(9_000)).toMatchObject({ state: "closed", forced: null, failures: 2 });
  });

  it("forces open without an end, until it is taken back", () => {
    const { board, look, view } = stage();
    board.force(KEY, "open", null, 0);
    expect(look(1e12)).toEqual({ retryAtMs: Number.POSITIVE_INFINITY });
    expect(view(1e12)).toMatchObject({ state: "open", retryAtMs: null });
    board.force(KEY, null, null, 1e12);
    expect(look(1e12)).toBeNull();
  });

  it("forces closed: everybody gets through, and outcomes are counted but decide nothing", () => {
    const { board, look, view, fail, changes } = stage();
    fail(10, 0);
    board.force(KEY, "closed", null, 1_000);
    fail(50, 2_000);
    expect(look(2_000)).toBeNull();
    expect(view(2_000)).toMatchObject({ state: "closed", forced: "closed", failures: 60, requests: 60 });
    board.force(KEY, null, null, 3_000);
    expect(view(3_000)).toMatchObject({ state: "open", forced: null, retryAtMs: 30_000 });
    expect(changes.map(({ from, to, reason }) => [from, to, reason])).toEqual([
      ["closed", "open", "failures"],
      ["open", "closed", "forced"],
      ["closed", "open", "force_ended"],
    ]);
  });

  it("forces closed what is closed: nothing opens beneath, but the first failure after it counts them all", () => {
    const { board, view, fail } = stage();
    board.force(KEY, "closed", 5_000, 0);
    fail(50, 1_000);
    expect(view(5_000)).toMatchObject({ state: "closed", forced: null, failures: 50 });
    fail(1, 5_000);
    expect(view(5_000)).toMatchObject({ state: "open", failures: 51 });
  });

  it("forced open, and a trial that was running closes the circuit beneath", () => {
    const { board, fail, enter, view } = stage();
    fail(10, 0);
    const trials = [enter(30_000), enter(30_000), enter(30_000)];
    board.force(KEY, "open", 40_000, 30_000);
    for (const permit of trials) board.release(KEY, permit, "success", 31_000);
    expect(view(31_000).state).toBe("open");
    expect(view(40_000).state).toBe("closed");
  });
});

describe("the log of changes (CB-12)", () => {
  it("has each change once, in order, with what led to it", () => {
    const { attempt, enter, fail, view, look, changes } = stage();
    for (let time = 0; time < 5; time += 1) attempt("success", 0);
    fail(5, 1_000);
    look(2_000);
    view(20_000);
    enter(31_000);
    view(61_000);
    view(70_000);
    attempt("failure", 91_000);
    for (let time = 0; time < 3; time += 1) attempt("success", 121_000);
    const change = { key: KEY, requests: 10, failures: 5 };
    const aged = { key: KEY, requests: 1, failures: 1 };
    expect(changes).toEqual([
      { ...change, from: "closed", to: "open", reason: "failures", atMs: 1_000 },
      { ...change, from: "open", to: "half_open", reason: "time", atMs: 31_000 },
      {
        key: KEY,
        requests: 0,
        failures: 0,
        from: "half_open",
        to: "open",
        reason: "trials_expired",
        atMs: 61_000,
      },
      { key: KEY, requests: 0, failures: 0, from: "open", to: "half_open", reason: "time", atMs: 91_000 },
      { ...aged, from: "half_open", to: "open", reason: "trial_failed", atMs: 91_000 },
      { ...aged, from: "open", to: "half_open", reason: "time", atMs: 121_000 },
      {
        key: KEY,
        requests: 3,
        failures: 1,
        from: "half_open",
        to: "closed",
        reason: "trials_passed",
        atMs: 121_000,
      },
    ]);
  });

  it("has the end of a force and the end of trials beneath it in the order of their times", () => {
    const { board, fail, enter, look, changes } = stage();
    fail(10, 0);
    enter(30_000);
    board.force(KEY, "closed", 50_000, 31_000);
    look(500_000);
    expect(changes.slice(2).map(({ from, to, atMs }) => [from, to, atMs])).toEqual([
      ["half_open", "closed", 31_000],
      ["closed", "half_open", 50_000],
      ["half_open", "open", 60_000],
    ]);
  });
});

describe("a thousand callers after the recovery time (CB-6)", () => {
  /** Callers come within 2 s and each takes up to 1 s; the most that were on the wire at once while half open. */
  function crowd(board: BreakerBoard, outcome: () => "success" | "ignored") {
    const random = seededRandom(7);
    const arrivals = Array.from({ length: 1_000 }, () => 30_000 + Math.floor(random() * 2_000)).sort(
      (a, b) => a - b,
    );
    let running: { readonly permit: Permit; readonly endsMs: number }[] = [];
    let most = 0;
    let admitted = 0;
    for (const atMs of arrivals) {
      for (const { permit } of running.filter(({ endsMs }) => endsMs <= atMs))
        board.release(KEY, permit, outcome(), atMs);
      running = running.filter(({ endsMs }) => endsMs > atMs);
      const permit = board.acquire(KEY, DEFAULT, atMs, LEASE_MS);
      if ("retryAtMs" in permit) continue;
      admitted += 1;
      running.push({ permit, endsMs: atMs + 1 + Math.floor(random() * 1_000) });
      if (permit.trial) most = Math.max(most, running.length);
    }
    return { most, admitted };
  }

  it("puts three of them on the wire, and all that come after their success", () => {
    const { board } = stage();
    board.restore(KEY, openedAt(0), 0);
    const { most, admitted } = crowd(board, () => "success");
    expect(most).toBe(3);
    expect(admitted).toBeGreaterThan(300);
  });

  it("never has more than three there, though ignored outcomes make room again and again", () => {
    const { board } = stage();
    board.restore(KEY, openedAt(0), 0);
    const { most, admitted } = crowd(board, () => "ignored");
    expect(most).toBe(3);
    expect(admitted).toBeGreaterThan(6);
  });

  it("a poisoned caller's thousand refusals open nothing (CB-2)", () => {
    const { board, attempt, changes } = stage();
    board.restore(KEY, play("-".repeat(9)), 0);
    for (let time = 0; time < 1_000; time += 1) attempt("ignored", time);
    expect(changes).toEqual([]);
  });
});
