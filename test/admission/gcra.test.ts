import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { burstOf, correctedTokens, requestRate, take, tokenRate } from "../../src/admission/gcra.ts";

const NOW_MS = Date.UTC(2026, 10, 22, 15);
const HOUR_MS = 3_600_000;
const MINUTE_US = 60_000_000;

/** A limit with its state, as the store keeps it: a refusal stores nothing. */
function limiter(rateOf: (amount: number) => Parameters<typeof take>[1]) {
  let tatUs: number | undefined;
  return {
    take(nowMs: number, amount = 1) {
      const taken = take(tatUs, rateOf(amount), nowMs);
      if (taken.ok) tatUs = taken.tatUs;
      return taken;
    },
    correct(reserved: number, used: number, tokensPerMinute: number, nowMs: number) {
      if (tatUs !== undefined) tatUs = correctedTokens(tatUs, { reserved, used, tokensPerMinute }, nowMs);
    },
  };
}

const requests = (perMinute: number) => limiter(() => requestRate(perMinute));
const tokens = (perMinute: number) => limiter((amount) => tokenRate(amount, perMinute));

/** Limits from one a minute to ten million. */
const perMinutes = fc.oneof(fc.integer({ min: 1, max: 120 }), fc.integer({ min: 1, max: 10_000_000 }));
const ascending = fc
  .array(fc.integer({ min: 0, max: 20_000 }), { minLength: 1, maxLength: 300 })
  .map((gaps) => {
    let atMs = NOW_MS;
    return gaps.map((gap) => {
      atMs += gap % 7 === 0 ? 0 : gap;
      return atMs;
    });
  });

describe("requests per minute (TA-2)", () => {
  it.each([
    [1, 60_000_000, 1],
    [5, 12_000_000, 1],
    [6, 10_000_000, 1],
    [12, 5_000_000, 2],
    [60, 1_000_000, 10],
    [7, 8_571_429, 1],
    [10_000_000, 6, 1_666_666],
  ])("%i a minute is one each %i us, %i at once", (perMinute, costUs, burst) => {
    expect(requestRate(perMinute)).toEqual({ costUs, capacityUs: burst * costUs, horizonUs: burst * costUs });
    expect(burstOf(perMinute)).toBe(burst);
  });

  it("admits a burst of ten at 60 a minute, then one each second", () => {
    const limit = requests(60);
    const atOnce = Array.from({ length: 12 }, () => limit.take(NOW_MS));
    expect(atOnce.filter(({ ok }) => ok)).toHaveLength(10);
    expect(atOnce[10]).toEqual({ ok: false, retryAfterMs: 1_000 });
    expect(limit.take(NOW_MS + 999)).toEqual({ ok: false, retryAfterMs: 1 });
    expect(limit.take(NOW_MS + 1_000).ok).toBe(true);
    expect(limit.take(NOW_MS + 1_000)).toEqual({ ok: false, retryAfterMs: 1_000 });
  });

  it("admits at most b + floor(w/T) in any window of w ms", () => {
    fc.assert(
      fc.property(perMinutes, ascending, (perMinute, times) => {
        const limit = requests(perMinute);
        const admitted = times.filter((atMs) => limit.take(atMs).ok);
        admitted.forEach((fromMs, first) => {
          for (let last = first; last < admitted.length; last += 1) {
            const windowMs = (admitted[last] ?? fromMs) - fromMs;
            const allowed = burstOf(perMinute) + Math.floor((windowMs * perMinute) / 60_000);
            if (last - first + 1 > allowed) throw new Error(`${last - first + 1} > ${allowed}`);
          }
        });
      }),
      { numRuns: 300 },
    );
  });

  it("gives a wait that always admits a lone caller, and a millisecond less never does", () => {
    fc.assert(
      fc.property(perMinutes, ascending, (perMinute, times) => {
        let tatUs: number | undefined;
        for (const atMs of times) {
          const taken = take(tatUs, requestRate(perMinute), atMs);
          if (taken.ok) {
            tatUs = taken.tatUs;
            continue;
          }
          expect(taken.retryAfterMs).toBeGreaterThan(0);
          expect(take(tatUs, requestRate(perMinute), atMs + taken.retryAfterMs).ok).toBe(true);
          expect(take(tatUs, requestRate(perMinute), atMs + taken.retryAfterMs - 1)).toEqual({
            ok: false,
            retryAfterMs: 1,
          });
        }
      }),
    );
  });

  it("keeps the full rate: a caller who always waits gets one request each T", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60_000 }), (perMinute) => {
        const limit = requests(perMinute);
        let nowMs = NOW_MS;
        const count = burstOf(perMinute) + 20;
        for (let done = 0; done < count; ) {
          const taken = limit.take(nowMs);
          if (taken.ok) done += 1;
          else nowMs += taken.retryAfterMs;
        }
        const ideal = (20 * 60_000) / perMinute;
        expect(nowMs - NOW_MS).toBeGreaterThanOrEqual(Math.floor(ideal));
        // A microsecond of rounding for each request, and a millisecond for the wait.
        expect(nowMs - NOW_MS).toBeLessThanOrEqual(Math.ceil(ideal * 1.002) + 1);
      }),
    );
  });

  it("costs no wait when the clock is set back an hour, and admits one burst more at most", () => {
    fc.assert(
      fc.property(perMinutes, fc.integer({ min: 1, max: 2_000 }), (perMinute, attempts) => {
        const limit = requests(perMinute);
        for (let index = 0; index < attempts; index += 1) limit.take(NOW_MS);
        const again = Array.from({ length: attempts }, () => limit.take(NOW_MS - HOUR_MS));
        expect(again[0]?.ok).toBe(true);
        expect(again.filter(({ ok }) => ok).length).toBeLessThanOrEqual(burstOf(perMinute));
        for (const taken of again) {
          if (!taken.ok) expect(taken.retryAfterMs).toBeLessThanOrEqual(Math.ceil(60_000 / perMinute) + 1);
        }
      }),
    );
  });

  it("admits one burst when the clock jumps an hour ahead", () => {
    const limit = requests(60);
    for (let index = 0; index < 20; index += 1) limit.take(NOW_MS);
    const later = Array.from({ length: 20 }, () => limit.take(NOW_MS + HOUR_MS));
    expect(later.filter(({ ok }) => ok)).toHaveLength(10);
  });
});

describe("tokens per minute (TA-3)", () => {
  it.each([
    [0, 1_000, 0],
    [1, 1_000, 60_000],
    [1, 7, 8_571_429],
    [3, 7_000_000, 26],
    [1, Number.MAX_SAFE_INTEGER, 1],
    [Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER, 60_000_000],
    [Number.MAX_SAFE_INTEGER, 1, Number.MAX_SAFE_INTEGER],
  ])("%i tokens at %i a minute take %i us", (amount, perMinute, costUs) => {
    expect(tokenRate(amount, perMinute).costUs).toBe(costUs);
  });

  it("holds one minute of tokens and fills up all the time", () => {
    const limit = tokens(60_000);
    expect(limit.take(NOW_MS, 60_000).ok).toBe(true);
    expect(limit.take(NOW_MS, 1)).toEqual({ ok: false, retryAfterMs: 1 });
    expect(limit.take(NOW_MS, 30_000)).toEqual({ ok: false, retryAfterMs: 30_000 });
    expect(limit.take(NOW_MS + 29_999, 30_000).ok).toBe(false);
    expect(limit.take(NOW_MS + 30_000, 30_000).ok).toBe(true);
  });

  it("gives back at settlement what was not used", () => {
    const limit = tokens(1_000);
    limit.take(NOW_MS, 1_000);
    limit.correct(1_000, 400, 1_000, NOW_MS);
    expect(limit.take(NOW_MS, 601).ok).toBe(false);
    expect(limit.take(NOW_MS, 600).ok).toBe(true);
  });

  it("goes below zero when more was used than reserved, and then blocks", () => {
    const limit = tokens(1_000);
    limit.take(NOW_MS, 1_000);
    limit.correct(1_000, 1_500, 1_000, NOW_MS);
    expect(limit.take(NOW_MS, 1)).toEqual({ ok: false, retryAfterMs: 30_060 });
  });

  it("charges what was used beyond the reservation even if the bucket filled up meanwhile", () => {
    const limit = tokens(1_000);
    limit.take(NOW_MS, 10);
    limit.correct(10, 1_010, 1_000, NOW_MS + HOUR_MS);
    expect(limit.take(NOW_MS + HOUR_MS, 1)).toEqual({ ok: false, retryAfterMs: 60 });
  });

  it("blocks for two minutes at most, however much was used", () => {
    const limit = tokens(1);
    limit.take(NOW_MS, 1);
    limit.correct(1, Number.MAX_SAFE_INTEGER, 1, NOW_MS);
    expect(limit.take(NOW_MS, 1)).toEqual({ ok: false, retryAfterMs: 120_000 });
    expect(limit.take(NOW_MS + 120_000, 1).ok).toBe(true);
  });

  it("costs two minutes at most when the clock is set back an hour", () => {
    const amounts = fc.array(fc.integer({ min: 1, max: 1_000 }), { minLength: 1, maxLength: 40 });
    const jumps = fc.integer({ min: 0, max: HOUR_MS });
    fc.assert(
      fc.property(amounts, jumps, fc.boolean(), (list, backMs, settles) => {
        const limit = tokens(1_000);
        for (const amount of list) limit.take(NOW_MS, amount);
        const nowMs = NOW_MS - backMs;
        if (settles) limit.correct(list[0] ?? 0, 5_000, 1_000, nowMs);
        const taken = limit.take(nowMs, 1_000);
        if (!taken.ok) {
          expect(taken.retryAfterMs).toBeLessThanOrEqual(120_000);
          expect(limit.take(nowMs + taken.retryAfterMs, 1_000).ok).toBe(true);
        }
      }),
    );
  });

  it("admits no more than the bucket and its refill in any window", () => {
    const asks = fc.array(fc.tuple(fc.integer({ min: 0, max: 9_000 }), fc.nat()), { maxLength: 120 });
    fc.assert(
      fc.property(perMinutes, asks, (perMinute, list) => {
        const limit = tokens(perMinute);
        let nowMs = NOW_MS;
        const admitted: { atMs: number; amount: number }[] = [];
        for (const [gap, wish] of list) {
          nowMs += gap;
          const amount = wish % (perMinute + 1);
          if (limit.take(nowMs, amount).ok) admitted.push({ atMs: nowMs, amount });
        }
        admitted.forEach(({ atMs: fromMs }, first) => {
          let sum = 0n;
          for (const { atMs, amount } of admitted.slice(first)) {
            sum += BigInt(amount);
            const refill = BigInt(atMs - fromMs) * BigInt(perMinute);
            expect(sum * 60_000n <= BigInt(perMinute) * 60_000n + refill).toBe(true);
          }
        });
      }),
      { numRuns: 200 },
    );
  });

  it("loses and makes no token: the level follows a naive bucket to a microsecond for each step", () => {
    const step = fc.record({
      gapMs: fc.integer({ min: 0, max: 20_000 }),
      reserved: fc.integer({ min: 0, max: 3_000 }),
      used: fc.integer({ min: 0, max: 6_000 }),
    });
    fc.assert(
      fc.property(
        fc.integer({ min: 3_000, max: 50_000 }),
        fc.array(step, { maxLength: 60 }),
        (perMinute, steps) => {
          let tatUs: number | undefined;
          let nowMs = NOW_MS;
          // In tokens; filled up continuously, never above a minute nor more than a minute below nothing.
          let level = perMinute;
          const toleranceTokens = ((steps.length + 1) * 3 * perMinute) / MINUTE_US + 1e-6;
          const levelOf = () => perMinute * (1 - Math.max(0, (tatUs ?? 0) - nowMs * 1_000) / MINUTE_US);
          for (const { gapMs, reserved, used } of steps) {
            nowMs += gapMs;
            level = Math.min(perMinute, level + (gapMs * perMinute) / 60_000);
            const taken = take(tatUs, tokenRate(reserved, perMinute), nowMs);
            if (Math.abs(level - reserved) > toleranceTokens) expect(taken.ok).toBe(level >= reserved);
            if (taken.ok) {
              tatUs = correctedTokens(taken.tatUs, { reserved, used, tokensPerMinute: perMinute }, nowMs);
              level = Math.max(-perMinute, Math.min(perMinute, level - used));
            }
            expect(Math.abs(levelOf() - level)).toBeLessThanOrEqual(toleranceTokens);
          }
        },
      ),
    );
  });

  it("gives a wait that always admits a lone caller, and a millisecond less never does", () => {
    fc.assert(
      fc.property(perMinutes, fc.array(fc.nat(), { minLength: 2, maxLength: 40 }), (perMinute, wishes) => {
        let tatUs: number | undefined;
        for (const wish of wishes) {
          const rate = tokenRate(wish % (perMinute + 1), perMinute);
          const taken = take(tatUs, rate, NOW_MS);
          if (taken.ok) {
            tatUs = correctedTokens(
              taken.tatUs,
              { reserved: wish % (perMinute + 1), used: wish % 977, tokensPerMinute: perMinute },
              NOW_MS,
            );
            continue;
          }
          expect(take(tatUs, rate, NOW_MS + taken.retryAfterMs).ok).toBe(true);
          expect(take(tatUs, rate, NOW_MS + taken.retryAfterMs - 1).ok).toBe(false);
        }
      }),
    );
  });

  it("keeps every state a whole number that a ledger can hold", () => {
    const taken = take(undefined, tokenRate(Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER), NOW_MS + 0.7);
    expect(taken).toEqual({ ok: true, tatUs: NOW_MS * 1_000 + MINUTE_US });
  });
});
