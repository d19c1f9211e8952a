import { describe, expect, it } from "vitest";
import {
  acquire,
  type Breaker,
  cleared,
  countsOf,
  newBreaker,
  record,
  retryAt,
  settleTime,
  trip,
} from "../../src/resilience/breaker.ts";
import { DEFAULT, enter, letIn, openedAt, play, preset } from "./play.ts";

const LENIENT = preset("lenient");

/** Closed, with so many outcomes in its present second. */
const having = (requests: number, failures: number): Breaker => ({
  ...newBreaker,
  window: { past: [], newest: { second: 0, requests, failures } },
});

describe("a closed breaker (CB-3)", () => {
  it.each([
    ["stays closed below the minimum of requests", "---------", "closed"],
    ["opens at ten requests with five failures", "+++++-----", "open"],
    ["stays closed with four failures of ten", "++++++----", "closed"],
    ["stays closed at exactly 70 % success", "+++++++---", "closed"],
    ["opens at ten failures of ten", "----------", "open"],
    ["opens at the failure that completes the minimum", "++++-----" + "-", "open"],
    ["is not opened by a success that completes it", "---------" + "+", "closed"],
    ["is opened by the failure after that", "---------" + "+-", "open"],
    ["clears nothing by a success (CB-4)", "----+++++-", "open"],
    ["counts no ignored outcome (CB-2)", "-----.....", "closed"],
    ["counts a thousand ignored outcomes as none", ".".repeat(1_000), "closed"],
  ] as const)("%s", (_name, script, state) => {
    expect(play(script).state).toBe(state);
  });

  it.each([
    ["default", 10, 5],
    ["default", 16, 5],
    ["default", 17, 6],
    ["default", 20, 7],
    ["default", 30, 10],
    ["default", 50, 16],
    ["default", 100, 31],
    ["strict", 5, 3],
    ["strict", 20, 5],
    ["lenient", 20, 10],
    ["lenient", 50, 21],
  ] as const)("of the preset %s opens with %i requests at %i failures, not one sooner", (name, n, least) => {
    const options = preset(name);
    expect(play("-", { options, breaker: having(n - 1, least - 1) }).state).toBe("open");
    expect(play("-", { options, breaker: having(n - 1, least - 2) }).state).toBe("closed");
  });

  it.each([
    ["default", 9],
    ["strict", 4],
    ["lenient", 19],
  ] as const)("of the preset %s never opens with %2$i requests", (name, requests) => {
    expect(play("-".repeat(requests), { options: preset(name) }).state).toBe("closed");
  });

  it.each([0.7, 0.1, 0.3, 0.57, 0.99, 0.999_999, 0.125_009])(
    "does not open at exactly %f, but just below",
    (share) => {
      const options = {
        ...DEFAULT,
        failureThreshold: 1,
        minRequestThreshold: 1,
        successRateThreshold: share,
      };
      const requests = 1_000_000;
      const atThreshold = having(requests - 1, Math.round(requests * (1 - share)) - 1);
      const exact = play("-", { options, breaker: atThreshold });
      expect(exact.state).toBe("closed");
      expect(play("-", { options, breaker: exact }).state).toBe("open");
    },
  );

  it("lets everybody through and takes no notice of it", () => {
    const [breaker, permit] = letIn(newBreaker, 5);
    expect(breaker).toBe(newBreaker);
    expect(permit.trial).toBe(false);
    expect(retryAt(newBreaker, 5, DEFAULT)).toBeNull();
  });
});

describe("the window (CB-4)", () => {
  it.each([
    [58_999, "open"],
    [59_000, "open"],
    [60_000, "closed"],
    [60_001, "closed"],
  ] as const)("nine failures and one %i ms later: %s", (laterMs, state) => {
    expect(play("-", { breaker: play("-".repeat(9)), atMs: laterMs }).state).toBe(state);
  });

  it.each([0, 1, 500, 999])(
    "counts what is younger than 59 s, wherever in its second it came (%i ms)",
    (inSecond) => {
      const breaker = play("-+", { atMs: 10_000 + inSecond });
      expect(countsOf(breaker, 68_999 + inSecond, DEFAULT)).toEqual({ requests: 2, failures: 1 });
      expect(countsOf(breaker, 70_000 + inSecond, DEFAULT)).toEqual({ requests: 0, failures: 0 });
    },
  );

  it.each([
    ["strict", 30],
    ["default", 60],
    ["lenient", 120],
  ] as const)("of the preset %s is %i s long", (name, seconds) => {
    const options = preset(name);
    const breaker = play("-", { options });
    expect(countsOf(breaker, seconds * 1_000 - 1, options).requests).toBe(1);
    expect(countsOf(breaker, seconds * 1_000, options).requests).toBe(0);
  });

  it("slides: the oldest outcomes leave one second after the other", () => {
    let breaker: Breaker = newBreaker;
    for (let second = 0; second < 120; second += 1) breaker = play("+", { breaker, atMs: second * 1_000 });
    expect(countsOf(breaker, 119_999, DEFAULT).requests).toBe(60);
    expect(countsOf(breaker, 150_000, DEFAULT).requests).toBe(29);
  });

  it("keeps no more buckets than it has seconds, however long it runs", () => {
    let breaker: Breaker = newBreaker;
    for (let second = 0; second < 500; second += 1) breaker = play("+", { breaker, atMs: second * 1_000 });
    expect(breaker.window.past.length).toBeLessThan(60);
  });

  it("gives a time from just before the newest second to that second", () => {
    const breaker = play("-", { breaker: play("+", { atMs: 5_000 }), atMs: 4_990 });
    expect(breaker.window).toEqual({ past: [], newest: { second: 5, requests: 2, failures: 1 } });
  });
});

describe("an open breaker (CB-5)", () => {
  const open = openedAt(1_000);

  it("refuses for 30 s from the trip and says until when", () => {
    expect(acquire(open, 1_000, DEFAULT, 5_000)).toEqual({ ok: false, breaker: open, retryAtMs: 31_000 });
    expect(acquire(open, 30_999, DEFAULT, 5_000).ok).toBe(false);
    expect(acquire(open, 31_000, DEFAULT, 5_000).ok).toBe(true);
    expect(retryAt(open, 30_999, DEFAULT)).toBe(31_000);
    expect(retryAt(open, 31_000, DEFAULT)).toBeNull();
  });

  it.each([
    ["strict", 15_000],
    ["lenient", 60_000],
  ] as const)("of the preset %s refuses for %i ms", (name, ms) => {
    const options = preset(name);
    expect(retryAt(openedAt(0, options), 0, options)).toBe(ms);
  });

  it("is not extended by later results of older attempts, which it only counts", () => {
    const [before, permit] = letIn(newBreaker, 0);
    const tripped = play("-".repeat(10), { breaker: before, atMs: 500 });
    const later = record(tripped, permit, "failure", 20_000, DEFAULT);
    expect(later).toMatchObject({ state: "open", openedAtMs: 500, untilMs: 30_500, reason: "failures" });
    expect(countsOf(later, 20_000, DEFAULT)).toEqual({ requests: 11, failures: 11 });
    expect(record(tripped, permit, "success", 20_000, DEFAULT).state).toBe("open");
  });

  it("opens for as long as an operator says (CB-10)", () => {
    const tripped = trip(newBreaker, 0, 7_000);
    expect(retryAt(tripped, 6_999, DEFAULT)).toBe(7_000);
    expect(enter(tripped, 7_000)[1]).toMatchObject({ trial: true });
  });
});

describe("a half-open breaker (CB-6)", () => {
  it("is entered by the first caller at 30 s, one generation on", () => {
    const [breaker, permit] = letIn(openedAt(0), 30_000);
    expect(breaker).toMatchObject({ state: "half_open", generation: 1 });
    expect(permit).toMatchObject({ generation: 1, trial: true });
    expect(settleTime(openedAt(0), 90_000, DEFAULT).state).toBe("open");
  });

  it.each([
    ["default", 3],
    ["strict", 2],
    ["lenient", 5],
  ] as const)("of the preset %s lets %i in and refuses the next", (name, most) => {
    const options = preset(name);
    let breaker = openedAt(0, options);
    for (let caller = 0; caller < most; caller += 1) [breaker] = letIn(breaker, 60_000, options);
    expect(enter(breaker, 60_000, options)[1]).toBeUndefined();
  });

  it("counts permits at admission: those that have ended leave no room", () => {
    const [one] = letIn(openedAt(0), 30_000);
    const two = play("++", { breaker: one, atMs: 30_000 });
    expect(two.state).toBe("half_open");
    expect(enter(two, 30_000)[1]).toBeUndefined();
  });

  it.each([
    ["default", "+++", "closed"],
    ["default", "++", "half_open"],
    ["default", "-", "open"],
    ["default", "++-", "open"],
    ["strict", "++", "closed"],
    ["strict", "+", "half_open"],
    ["strict", "+-", "open"],
    ["lenient", "+++", "closed"],
    ["lenient", "--+", "half_open"],
    ["lenient", "--++", "half_open"],
    ["lenient", "--+++", "closed"],
    ["lenient", "---", "open"],
    ["lenient", "++---", "open"],
    ["default", "...........", "half_open"],
    ["default", "..+.+.+", "closed"],
  ] as const)("of the preset %s with trials %s is %s (CB-7)", (name, trials, state) => {
    const options = preset(name);
    const breaker = play(trials, { options, breaker: openedAt(0, options), atMs: 60_000 });
    expect(breaker.state).toBe(state);
    if (state === "closed") expect(countsOf(breaker, 60_000, options).requests).toBe(0);
    if (state === "open") expect(retryAt(breaker, 60_000, options)).toBe(60_000 + options.recoveryTimeoutMs);
  });

  it.each([
    [0, 4, 1],
    [1, 4, 4],
    [0.5, 3, 2],
    [0.34, 3, 2],
    [0.6, 5, 3],
  ])("with a threshold of %f and %i trials needs %i", (successRateThreshold, halfOpenMaxRequests, needed) => {
    const options = { ...DEFAULT, successRateThreshold, halfOpenMaxRequests };
    const open = trip(newBreaker, 0, 100);
    const stage = { options, breaker: open, atMs: 100 };
    const failures = halfOpenMaxRequests - needed + 1;
    expect(play("-".repeat(failures), stage).state).toBe("open");
    if (failures > 1) expect(play("-".repeat(failures - 1), stage).state).toBe("half_open");
    expect(play("+".repeat(needed), stage).state).toBe("closed");
    if (needed > 1) expect(play("+".repeat(needed - 1), stage).state).toBe("half_open");
  });
});

describe("a lease (CB-8)", () => {
  const [half, first] = letIn(openedAt(0), 30_000);

  it("comes back uncounted when its outcome is ignored", () => {
    const full = letIn(letIn(half, 30_000)[0], 30_000)[0];
    expect(enter(full, 30_001)[1]).toBeUndefined();
    const returned = record(full, first, "ignored", 30_001, DEFAULT);
    expect(enter(returned, 30_001)[1]).toBeDefined();
  });

  it("is void one second after its attempt's limit, which makes room; its result is statistics then", () => {
    const full = letIn(letIn(half, 30_000)[0], 30_000)[0];
    expect(enter(full, 35_999)[1]).toBeUndefined();
    expect(retryAt(full, 30_000, DEFAULT)).toBe(36_000);
    const [after] = letIn(full, 36_000);
    expect(record(after, first, "failure", 36_001, DEFAULT).state).toBe("half_open");
    expect(record(full, first, "failure", 35_999, DEFAULT).state).toBe("open");
  });

  it("decides once: its second success is none", () => {
    const once = record(half, first, "success", 30_001, DEFAULT);
    const twice = record(once, first, "success", 30_002, DEFAULT);
    expect(play("+", { breaker: twice, atMs: 30_003 }).state).toBe("half_open");
  });

  it("of a stream that broke after its success counts as a failure while trials go on", () => {
    const committed = record(half, first, "success", 30_001, DEFAULT);
    expect(record(committed, first, "failure", 30_002, DEFAULT).state).toBe("open");
  });

  it("of a stream that broke after the circuit closed counts in its window", () => {
    const closed = play("++", { breaker: record(half, first, "success", 30_001, DEFAULT), atMs: 30_002 });
    expect(closed.state).toBe("closed");
    const broken = record(closed, first, "failure", 30_003, DEFAULT);
    expect(countsOf(broken, 30_003, DEFAULT)).toEqual({ requests: 1, failures: 1 });
  });

  it("of an older generation decides nothing, neither half open nor closed", () => {
    const old = letIn(newBreaker, 0)[1];
    expect(record(half, old, "failure", 30_001, DEFAULT)).toMatchObject({ state: "half_open", failures: 0 });
    const closed = play("+++", { breaker: openedAt(0), atMs: 30_000 });
    expect(record(closed, old, "failure", 30_001, DEFAULT)).toBe(closed);
  });

  it("of an older generation does not open a circuit that closed since, however many there are", () => {
    const old = letIn(newBreaker, 0)[1];
    const failing = play("---------+", {
      breaker: play("+++", { breaker: openedAt(0), atMs: 30_000 }),
      atMs: 30_001,
    });
    expect(record(failing, old, "failure", 30_002, DEFAULT)).toBe(failing);
  });

  it("outlives its verdict: what other trials of the generation bring counts in the closed window", () => {
    let breaker = openedAt(0, LENIENT);
    const permits = Array.from({ length: 5 }, () => {
      const [after, permit] = letIn(breaker, 60_000, LENIENT);
      breaker = after;
      return permit;
    });
    for (const permit of permits) breaker = record(breaker, permit, "success", 60_001, LENIENT);
    expect(breaker.state).toBe("closed");
    expect(countsOf(breaker, 60_001, LENIENT)).toEqual({ requests: 2, failures: 0 });
  });
});

describe("trials without a verdict (CB-9)", () => {
  const [half] = letIn(openedAt(0), 30_000);

  it("open the circuit again after 30 s, as of that moment", () => {
    expect(settleTime(half, 59_999, DEFAULT).state).toBe("half_open");
    const expired = settleTime(half, 200_000, DEFAULT);
    expect(expired).toMatchObject({
      state: "open",
      openedAtMs: 60_000,
      untilMs: 90_000,
      reason: "trials_expired",
    });
  });

  it("have until the end of their longest running lease if that is later", () => {
    const [long] = letIn(openedAt(0), 30_000, DEFAULT, 60_000);
    expect(settleTime(long, 90_999, DEFAULT).state).toBe("half_open");
    expect(settleTime(long, 91_000, DEFAULT)).toMatchObject({ state: "open", openedAtMs: 91_000 });
  });

  it("have 30 s more after each one that counted, so that a slow caller's successes close the circuit", () => {
    const sparse = [30_000, 50_000, 75_000].reduce(
      (breaker, atMs) => play("+", { breaker, atMs }),
      openedAt(0),
    );
    expect(sparse.state).toBe("closed");
    expect(settleTime(play("+", { breaker: half, atMs: 50_000 }), 80_000, DEFAULT).state).toBe("open");
  });

  it("cannot be kept up for ever by outcomes that are ignored", () => {
    let [breaker, held] = letIn(openedAt(0), 30_000);
    let refused = 0;
    for (let atMs = 31_000; atMs < 75_000; atMs += 1_000) {
      const [after, next] = enter(breaker, atMs);
      breaker = after;
      if (!next) refused += 1;
      if (!next) continue;
      breaker = record(breaker, held, "ignored", atMs, DEFAULT);
      held = next;
    }
    expect(refused).toBeGreaterThan(10);
    expect(breaker).toMatchObject({ state: "open", reason: "trials_expired" });
  });

  it("open the circuit as soon as the last one comes back after that time", () => {
    const [running, permit] = letIn(half, 59_000);
    expect(enter(running, 62_000)[1]).toBeUndefined();
    expect(retryAt(running, 62_000, DEFAULT)).toBe(95_000);
    const returned = record(running, permit, "ignored", 62_000, DEFAULT);
    expect(returned).toMatchObject({ state: "open", openedAtMs: 62_000, untilMs: 92_000 });
    expect(record(running, permit, "success", 62_000, DEFAULT).state).toBe("half_open");
  });
});

it("a reset breaker is closed and empty, and what was begun before counts no more (CB-10)", () => {
  const [running, permit] = letIn(newBreaker, 0);
  const fresh = cleared(play("-".repeat(9), { breaker: running }));
  expect(fresh.state).toBe("closed");
  expect(countsOf(record(fresh, permit, "failure", 1, DEFAULT), 1, DEFAULT).requests).toBe(0);
});
