import { describe, expect, it } from "vitest";
import {
  type Health,
  type HealthEvent,
  type HealthRules,
  newHealth,
  stateOf,
  withEvent,
} from "../../src/health/state.ts";

const RULES: HealthRules = { fall: 3, rise: 2, sliceMs: 3_000 };

/** Probes: `+` answered, `-` failed, `k` refused the key, `l` 429, `?` 404. Attempts: `S` answered, `F` failed, `i` ignored. */
const EVENTS: Readonly<Record<string, HealthEvent>> = {
  "+": { kind: "probe", finding: "success" },
  "-": { kind: "probe", finding: "failure" },
  k: { kind: "probe", finding: "refused" },
  l: { kind: "probe", finding: "limited" },
  "?": { kind: "probe", finding: "unclear" },
  S: { kind: "attempt", effect: "success" },
  F: { kind: "attempt", effect: "failure" },
  i: { kind: "attempt", effect: "ignored" },
};

interface Played {
  readonly health: Health;
  readonly nowMs: number;
}

const BEGIN: Played = { health: newHealth, nowMs: 0 };

/** Plays a script with so much time between its events. */
function play(script: string, everyMs = 30_000, from: Played = BEGIN, rules = RULES): Played {
  return [...script].reduce(({ health, nowMs }, char) => {
    const event = EVENTS[char];
    if (!event) throw new Error(`no event ${char}`);
    return { health: withEvent(health, event, nowMs + everyMs, rules), nowMs: nowMs + everyMs };
  }, from);
}

const state = ({ health, nowMs }: Played, firstTokenP95Ms?: number) =>
  stateOf(health, nowMs, { sliceMs: RULES.sliceMs, firstTokenP95Ms });

describe("a row of probes", () => {
  it.each([
    ["nothing is known at first", "", "unknown"],
    ["one success is enough to begin with", "+", "healthy"],
    ["one failure degrades (HM-4)", "+-", "degraded"],
    ["two failures do not yet make it down (HM-4)", "+--", "degraded"],
    ["three failures in a row make it down (HM-4)", "+---", "down"],
    ["three failures that are not in a row do not (HM-4)", "--+-", "degraded"],
    ["what was only degraded is healthy after one success", "+-+", "healthy"],
    ["from down one success degrades (HM-4)", "---+", "degraded"],
    ["from down two successes heal (HM-4)", "---++", "healthy"],
    ["a failure on the way up begins the count anew", "---+-+", "degraded"],
    ["further failures leave it down", "-----", "down"],
    ["a refused key is misconfigured (HM-3)", "+k", "misconfigured"],
    ["a failure says nothing of the key", "k-", "misconfigured"],
    ["a key that works again is healthy at once", "kk+", "healthy"],
    ["after refusals it still takes three failures to be down", "k---", "down"],
    ["429 changes nothing (HM-3)", "+l", "healthy"],
    ["429 changes nothing of a provider that is down (HM-3)", "---ll", "down"],
    ["404 on the probe path is unknown (HM-3)", "+?", "unknown"],
    ["404 forgets what was counted", "--?-", "degraded"],
  ] as const)("%s", (_name, script, expected) => expect(state(play(script))).toBe(expected));

  it("takes fall and rise from the configuration", () => {
    const rules = { ...RULES, fall: 1, rise: 3 };
    expect(state(play("+-", 30_000, BEGIN, rules))).toBe("down");
    expect(state(play("-++", 30_000, BEGIN, rules))).toBe("degraded");
    expect(state(play("-+++", 30_000, BEGIN, rules))).toBe("healthy");
  });
});

describe("traffic", () => {
  it("counts like probes while there is little of it", () => {
    expect(state(play("SF", 1_000))).toBe("degraded");
    expect(state(play("SFFF", 1_000))).toBe("down");
    expect(state(play("SFFFS", 1_000))).toBe("degraded");
  });

  it("says nothing where an attempt was ignored, as a 400 is", () => {
    expect(state(play("Siiii", 1_000))).toBe("healthy");
  });

  it.each([
    ["exactly nine of ten do not degrade (HM-4)", "SSSSSSSSSSSSSSSSSSFF", "healthy"],
    ["less than nine of ten degrade (HM-4)", "SSSSSSSSSSSSSSSSSFFF", "degraded"],
    ["a single failure among many is none of a provider's faults", "SSSSSSSSSSF", "healthy"],
    ["failures alone make it down, however many requests there are", "SSSSSSSSSSFFFFFFFFFF", "down"],
  ] as const)("%s", (_name, script, expected) => expect(state(play(script, 100))).toBe(expected));

  it("is judged by its share of successes from ten attempts a minute on (HM-4)", () => {
    const nine = play("FFSSSSSSS", 100);
    expect(state(nine)).toBe("healthy");
    expect(state(play("S", 100, nine))).toBe("degraded");
  });

  it("counts for a minute: what is older is forgotten", () => {
    const bad = play("SSSSSSSSSSSSSSSSSFFF", 10);
    expect(stateOf(bad.health, bad.nowMs + 58_000, RULES)).toBe("degraded");
    expect(stateOf(bad.health, bad.nowMs + 61_000, RULES)).toBe("healthy");
  });

  it("keeps a bounded memory of any number of attempts", () => {
    expect(play("SF".repeat(3_000), 50).health.traffic.seconds.length).toBeLessThanOrEqual(61);
  });

  it("degrades where the first token needs more than 0.8 of the slice (HM-4)", () => {
    const healthy = play("+");
    expect(state(healthy, 2_400)).toBe("healthy");
    expect(state(healthy, 2_401)).toBe("degraded");
    expect(state(play("---"), 2_401)).toBe("down");
  });
});

describe("a provider that changes again and again", () => {
  it("is degraded at the fourth change in five minutes (HM-6)", () => {
    expect(state(play("+-+-"))).toBe("degraded");
    expect(state(play("+-+"))).toBe("healthy");
    expect(state(play("+-+-+"))).toBe("degraded");
  });

  it("stays degraded until five minutes were quiet (HM-6)", () => {
    const flapping = play("+-+-+");
    const later = play("+++++++++", 30_000, flapping);
    expect(later.nowMs - flapping.nowMs).toBeLessThan(300_000);
    expect(state(later)).toBe("degraded");
    expect(state(play("+", 30_000, later))).toBe("healthy");
  });

  it("is not quiet while a single change comes now and then (HM-6)", () => {
    const later = play("-", 290_000, play("+-+-+"));
    expect(state(play("+", 1_000, later))).toBe("degraded");
  });

  it("is not meant where the changes are spread over more than five minutes (HM-6)", () => {
    expect(state(play("+-+-+", 101_000))).toBe("healthy");
    expect(state(play("+-+-+", 99_000))).toBe("degraded");
  });

  it("is shown as down while it is down", () => {
    expect(state(play("+-+-+---"))).toBe("down");
  });

  it("does not mean what was learnt of it for the first time, or could not be seen", () => {
    expect(state(play("+?+?+?+"))).toBe("healthy");
  });
});
