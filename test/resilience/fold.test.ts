import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { BreakerEffect } from "../../src/core/errors.ts";
import { createBoard } from "../../src/resilience/board.ts";
import { type Breaker, countsOf, newBreaker, type Permit, retryAt } from "../../src/resilience/breaker.ts";
import { circuitView } from "../../src/resilience/circuit.ts";
import { foldOutcomes, outcomeWindowMs } from "../../src/resilience/fold.ts";
import type { OutcomeRow } from "../../src/resilience/history.ts";
import { DEFAULT, enter, LEASE_MS, play, preset } from "./play.ts";

/** The clock shows 0 at this calendar time. */
const WALL_AT_ZERO = Date.UTC(2026, 10, 22, 15);
const at = (wallMs: number): number => wallMs - WALL_AT_ZERO;

const row = (atMs: number, effect: BreakerEffect, trial = false): OutcomeRow => ({
  endpoint: "e",
  class: "completion",
  effect,
  trial,
  endedMs: WALL_AT_ZERO + atMs,
  rateLimited: false,
});
const rows = (count: number, atMs: number, effect: BreakerEffect, trial = false): OutcomeRow[] =>
  Array.from({ length: count }, () => row(atMs, effect, trial));

const fold = (given: readonly OutcomeRow[], nowMs: number, options = DEFAULT): Breaker =>
  foldOutcomes(given, options, { nowMs, at });

describe("the state a process starts with (CB-13)", () => {
  it("is closed without rows", () => {
    expect(fold([], 1_000)).toBe(newBreaker);
  });

  it("is what the same outcomes make of a breaker that lives through them", () => {
    const given = [...rows(5, 1_000, "success"), ...rows(5, 2_000, "failure")];
    const lived = play("-----", { breaker: play("+++++", { atMs: 1_000 }), atMs: 2_000 });
    expect(fold(given, 3_000)).toEqual(lived);
    expect(retryAt(fold(given, 3_000), 3_000, DEFAULT)).toBe(32_000);
  });

  it("needs what the window and the recovery time hold, and no more", () => {
    expect(outcomeWindowMs(DEFAULT)).toBe(90_000);
    expect(outcomeWindowMs(preset("strict"))).toBe(45_000);
    expect(outcomeWindowMs(preset("lenient"))).toBe(180_000);
  });

  it("lets a trial through once the time of the failures is over", () => {
    const breaker = fold(rows(10, 0, "failure"), 31_000);
    expect(enter(breaker, 31_000)[1]).toMatchObject({ trial: true });
  });

  it("is open for 30 s from the end of a failed trial, whatever the counts", () => {
    const breaker = fold([row(5_000, "failure", true)], 6_000);
    expect(breaker).toMatchObject({ state: "open", untilMs: 35_000, reason: "trial_failed" });
    const again = fold([row(5_000, "failure", true), row(20_000, "failure", true)], 21_000);
    expect(retryAt(again, 21_000, DEFAULT)).toBe(50_000);
  });

  it("counts successful trials towards closing", () => {
    const failed = rows(10, 0, "failure");
    const trials = (count: number) => [...failed, ...rows(count, 31_000, "success", true)];
    const two = fold(trials(2), 32_000);
    expect(two.state).toBe("half_open");
    expect(play("+", { breaker: two, atMs: 32_000 }).state).toBe("closed");
    expect(fold(trials(3), 32_000).state).toBe("closed");
  });

  it("does not take a trial of the round that failed for one of the next", () => {
    const breaker = fold([row(0, "failure", true), ...rows(2, 1_000, "success", true)], 2_000);
    expect(retryAt(breaker, 2_000, DEFAULT)).toBe(30_000);
  });

  it("takes trials of the next round for such, though the last failure of the round before came late", () => {
    const given = [row(0, "failure", true), row(900, "failure", true), ...rows(3, 30_200, "success", true)];
    expect(fold(given, 31_000).state).toBe("closed");
  });

  it("counts a successful trial of a circuit it takes for closed as any other success", () => {
    expect(countsOf(fold(rows(2, 0, "success", true), 1_000), 1_000, DEFAULT).requests).toBe(2);
  });

  it("knows of a round of trials whose outcomes were all ignored", () => {
    const given = [...rows(10, 0, "failure"), row(31_000, "ignored", true)];
    expect(fold(given, 60_999).state).toBe("half_open");
    expect(fold(given, 61_000)).toMatchObject({ state: "open", reason: "trials_expired" });
  });

  it("passes over ignored outcomes", () => {
    expect(fold(rows(100, 0, "ignored"), 1_000)).toBe(newBreaker);
  });

  it("passes over rows from more than a second ahead, which a wrong clock wrote", () => {
    expect(fold(rows(10, 2_001, "failure"), 1_000)).toBe(newBreaker);
    const ahead = fold(rows(10, 2_000, "failure"), 1_000);
    expect(retryAt(ahead, 1_000, DEFAULT)).toBe(31_000);
  });

  it("starts after the last reset (CB-10)", () => {
    const given = [...rows(6, 1_000, "failure"), ...rows(5, 2_000, "failure")];
    const since = WALL_AT_ZERO + 1_000;
    const breaker = foldOutcomes(given, DEFAULT, { nowMs: 3_000, at, since });
    expect(breaker.state).toBe("closed");
    expect(countsOf(breaker, 3_000, DEFAULT)).toEqual({ requests: 5, failures: 5 });
  });
});

interface Caller {
  readonly gapMs: number;
  readonly takesMs: number;
  readonly effect: BreakerEffect;
}

const caller: fc.Arbitrary<Caller> = fc.record({
  gapMs: fc.oneof(
    { weight: 12, arbitrary: fc.nat(900) },
    { weight: 1, arbitrary: fc.constantFrom(10_000, 15_500, 31_000) },
  ),
  takesMs: fc.nat(500),
  effect: fc.constantFrom<BreakerEffect>("failure", "failure", "success", "success", "success", "ignored"),
});

describe("a fold of a process's own rows (CB-13)", () => {
  it("is the state of that process, give or take a second", () => {
    const seen = { closed: 0, open: 0, half_open: 0 };
    const options = fc.constantFrom(DEFAULT, preset("strict"));
    const traffic = fc.array(caller, { minLength: 20, maxLength: 120, size: "max" });
    fc.assert(
      fc.property(options, traffic, (chosen, callers) => {
        for (const { nowMs, view, written } of lived(callers, chosen)) {
          const breaker = fold(
            written.filter((one) => at(one.endedMs) <= nowMs),
            nowMs,
            chosen,
          );
          const shown = (offsetMs: number) => circuitView(breaker, null, chosen, nowMs + offsetMs);
          const { state: live, ...counted } = view(nowMs);
          const folded = shown(0);
          expect([folded.state, shown(1_000).state, shown(-1_000).state]).toContain(live);
          if (live === "closed" && folded.state === "closed") expect(folded).toMatchObject(counted);
          seen[live] += 1;
        }
      }),
      { numRuns: 100 },
    );
    expect(Math.min(...Object.values(seen))).toBeGreaterThan(50);
  });
});

/** Callers of one board, and after each what the board shows and the rows that were written. */
function* lived(callers: readonly Caller[], options = DEFAULT) {
  const board = createBoard();
  const view = (nowMs: number) => board.view("k", options, nowMs);
  const written: OutcomeRow[] = [];
  let running: { readonly permit: Permit; readonly endsMs: number; readonly effect: BreakerEffect }[] = [];
  let nowMs = 0;
  for (const { gapMs, takesMs, effect } of callers) {
    nowMs += gapMs;
    const ended = running.filter(({ endsMs }) => endsMs <= nowMs).sort((a, b) => a.endsMs - b.endsMs);
    running = running.filter(({ endsMs }) => endsMs > nowMs);
    for (const one of ended) {
      board.release("k", one.permit, one.effect, one.endsMs);
      written.push(row(one.endsMs, one.effect, one.permit.trial));
    }
    yield { nowMs, view, written };
    const permit = board.acquire("k", options, nowMs, LEASE_MS);
    if (!("retryAtMs" in permit)) running.push({ permit, endsMs: nowMs + takesMs, effect });
  }
}
