import { describe, expect, it } from "vitest";
import { RiptideError } from "../../src/core/errors.ts";
import { seededRandom } from "../../src/core/random.ts";
import { type MonitorAsk, startMonitor } from "../../src/health/monitor.ts";
import { virtualClock } from "../helpers/virtual-clock.ts";

/** Watches with a clock that stands still until it is told to move, and notes when what was asked. */
function stage(more: Partial<MonitorAsk<string>> = {}) {
  const clock = virtualClock();
  const begun: [provider: string, atMs: number][] = [];
  const results: [provider: string, result: string | RiptideError, atMs: number][] = [];
  const state = { inFlight: 0, most: 0 };
  const monitor = startMonitor<string>({
    clock,
    random: seededRandom(7),
    providers: ["a"],
    intervalMs: 30_000,
    limitMs: 2_000,
    probe: async (provider) => `${provider} ok`,
    onResult: (provider, result) => results.push([provider, result, clock.now()]),
    ...more,
    ...(more.probe && {
      async probe(provider, signal) {
        state.inFlight += 1;
        state.most = Math.max(state.most, state.inFlight);
        begun.push([provider, clock.now()]);
        return (more.probe as MonitorAsk<string>["probe"])(provider, signal).finally(() => {
          state.inFlight -= 1;
        });
      },
    }),
  });
  return { clock, monitor, begun, results, state };
}

const gaps = (times: readonly number[]) => times.slice(1).map((time, index) => time - (times[index] ?? 0));

describe("a monitor", () => {
  it("begins within a second, with each provider at its own moment (HM-1)", async () => {
    const { clock, results, monitor } = stage({ providers: ["a", "b", "c", "d"] });
    await clock.advance(1_000);
    const times = results.map(([, , atMs]) => atMs);
    expect(results.map(([provider]) => provider).toSorted()).toEqual(["a", "b", "c", "d"]);
    expect(new Set(times).size).toBe(4);
    await monitor.stop();
  });

  it("probes at its interval, a fifth more or less (HM-1)", async () => {
    const { clock, results, monitor } = stage();
    await clock.advance(3_000_000);
    const between = gaps(results.map(([, , atMs]) => atMs));
    expect(between.length).toBeGreaterThan(90);
    expect(Math.min(...between)).toBeGreaterThanOrEqual(24_000);
    expect(Math.max(...between)).toBeLessThanOrEqual(36_000);
    expect(Math.max(...between) - Math.min(...between)).toBeGreaterThan(8_000);
    await monitor.stop();
  });

  it("goes on with the round of a provider that was probed before it began", async () => {
    const { clock, results, monitor } = stage({
      providers: ["a", "b"],
      lastProbeMs: (provider) => (provider === "a" ? 0 : undefined),
    });
    await clock.advance(23_900);
    expect(results.map(([provider]) => provider)).toEqual(["b"]);
    await clock.advance(12_200);
    expect(results.map(([provider]) => provider)).toContain("a");
    await monitor.stop();
  });

  it("does the same with the same seed", async () => {
    const [one, two] = [stage({ providers: ["a", "b"] }), stage({ providers: ["a", "b"] })];
    for (const { clock } of [one, two]) await clock.advance(300_000);
    expect(one.results.length).toBeGreaterThan(15);
    expect(one.results).toEqual(two.results);
    for (const { monitor } of [one, two]) await monitor.stop();
  });

  it("counts the interval from the beginning of a probe, so that a slow one does not put off the next", async () => {
    const { clock, begun, monitor } = stage({
      intervalMs: 5_000,
      probe: async () => {
        await clock.sleep(1_900);
        return "slow";
      },
    });
    await clock.advance(100_000);
    expect(Math.max(...gaps(begun.map(([, atMs]) => atMs)))).toBeLessThanOrEqual(6_000);
    await monitor.stop();
  });

  it("has one probe of a provider in flight, however short the interval is (HM-1)", async () => {
    const { clock, state, begun, monitor } = stage({
      intervalMs: 100,
      probe: async () => {
        await clock.sleep(1_000);
        return "late";
      },
    });
    await clock.advance(20_000);
    expect(begun.length).toBeGreaterThan(15);
    expect(state.most).toBe(1);
    await monitor.stop();
  });

  it("ends a probe after its limit even when it hears nothing, and goes on (HM-1)", async () => {
    let aborted = 0;
    const { clock, begun, results, monitor } = stage({
      probe: (_provider, signal) => {
        signal.addEventListener("abort", () => {
          aborted += 1;
        });
        return new Promise(() => {});
      },
    });
    await clock.advance(70_000);
    const [first] = results;
    expect(first?.[1]).toBeInstanceOf(RiptideError);
    expect(first?.[1]).toMatchObject({ code: "deadline_exceeded" });
    expect((first?.[2] ?? 0) - (begun[0]?.[1] ?? 0)).toBe(2_000);
    expect(begun.length).toBeGreaterThanOrEqual(2);
    expect(aborted).toBe(results.length);
    await monitor.stop();
  });

  it("reports what a probe failed with", async () => {
    const { clock, results, monitor } = stage({
      probe: () => Promise.reject(new RiptideError("connect_failed", "refused")),
    });
    await clock.advance(1_000);
    expect(results[0]?.[1]).toMatchObject({ code: "connect_failed" });
    await monitor.stop();
  });

  it("asks nobody who has answered a real request within 30 s (HM-1)", async () => {
    let answeredMs = -1;
    const { clock, results, monitor } = stage({
      intervalMs: 5_000,
      lastSuccessMs: () => (answeredMs < 0 ? undefined : answeredMs),
    });
    await clock.advance(1_000);
    expect(results).toHaveLength(1);
    answeredMs = clock.now();
    await clock.advance(29_000);
    expect(results).toHaveLength(1);
    await clock.advance(8_000);
    expect(results.length).toBeGreaterThanOrEqual(2);
    await monitor.stop();
  });

  it("leaves nothing behind when it is stopped, and says nothing more", async () => {
    let reason: unknown;
    const { clock, results, monitor } = stage({
      providers: ["a", "b"],
      probe: (_provider, signal) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener("abort", () => {
            reason = signal.reason;
            reject(signal.reason);
          });
        }),
    });
    await clock.advance(1_500);
    await monitor.stop();
    expect(reason).toMatchObject({ code: "cancelled" });
    expect(clock.pending).toBe(0);
    await clock.advance(100_000);
    expect(results).toEqual([]);
  });
});
