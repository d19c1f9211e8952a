import { describe, expect, it } from "vitest";
import { whyDocument } from "../../src/output/why.ts";
import { whyText } from "../../src/output/why-text.ts";
import type { Story, StoryAttempt, StoryOperation } from "../../src/store/stories.ts";

const NOON = Date.parse("2026-11-20T12:00:00Z");

const OPERATION: StoryOperation = {
  ...{ id: "rq_1", tenant: "acme", requestedModel: "smart", alias: "smart", class: "completion" },
  ...{ strategy: "sequential", configRevision: "r1", idempotencyKey: null, stream: 1, via: "in-process" },
  ...{ startedMs: NOON, endedMs: NOON + 1_500, state: "settled", outcome: "ok", code: null, ttftMs: 900 },
  ...{ reservedNano: 5_000_000, costNano: 30_000, unpriced: 0 },
};

const ANSWER: StoryAttempt = {
  ...{ n: 1, kind: "try", provider: "a", model: "m/1", outcome: "ok", code: null, status: null },
  ...{ effect: "success", trial: false, ambiguous: false, holdUntilMs: null },
  ...{ startedMs: NOON, endedMs: NOON + 1_500, ttftMs: 900, inputTokens: 10, cacheReadTokens: 0 },
  ...{ cacheWriteTokens: 0, outputTokens: 5, reasoningTokens: 0, usageSource: "reported", usageNote: null },
  ...{ priceVersion: "v", costNano: 30_000 },
};
const FAILURE: StoryAttempt = {
  ...ANSWER,
  ...{ outcome: "error", code: "overloaded", status: 529, effect: "failure", ttftMs: null },
  ...{ usageSource: "none", inputTokens: 0, outputTokens: 0, priceVersion: null, costNano: 0 },
};

interface Told {
  readonly operation?: Partial<StoryOperation>;
  readonly decision?: Story["decision"];
  readonly attempts?: readonly Partial<StoryAttempt>[];
  readonly heldNano?: number;
}
const story = ({ operation = {}, decision, attempts = [{}], heldNano = 0 }: Told): Story => ({
  operation: { ...OPERATION, ...operation },
  decision: decision === undefined ? { order: ["a/m/1"], skipped: [] } : decision,
  attempts: attempts.map((attempt, index) => ({ ...ANSWER, ...attempt, n: index + 1 })),
  heldNano,
});
const told = (parts: Told) => whyText(story(parts));
const documentOf = (parts: Told): Record<string, unknown> =>
  whyDocument(story(parts)) as Record<string, unknown>; // An object's document is an object.

describe("riptide.why/1", () => {
  it("has every field of the interface, money as decimal text and times in UTC", () => {
    const document = documentOf({});
    expect(document).toMatchObject({
      ...{ schema: "riptide.why/1", id: "rq_1", at: "2026-11-20T12:00:00Z", tenant: "acme" },
      ...{ via: "in-process", config_revision: "r1", outcome: "ok", exit: 0, skipped: [] },
      requested: { model: "smart", strategy: "sequential" },
      order: [{ rank: 1, provider: "a", model: "m/1" }],
      usage: { input_tokens: 10, output_tokens: 5, source: "reported" },
      cost: { usd: "0.00003", priced: true, price_version: "v" },
      reservation: { reserved_usd: "0.005", settled_usd: "0.00003", state: "settled" },
    });
    const [attempt] = document.attempts as readonly object[]; // A list by the interface.
    expect(Object.keys(attempt ?? {})).toEqual(
      expect.arrayContaining([
        ...["n", "kind", "provider", "model", "outcome", "code", "status", "ms", "retry_after_ms"],
        ...[
          "cost_usd",
          "ambiguous",
          "usage_source",
          "usage_note",
          "started_at",
          "trial",
          "hold_until",
          "effect",
        ],
      ]),
    );
  });

  it("says of an answer what the answer used, and of a failure what all attempts used", () => {
    const cut = { ...FAILURE, usageSource: "estimated", inputTokens: 10, outputTokens: 2 };
    const usage = (outcome: "ok" | "error") =>
      documentOf({
        operation: { outcome, code: outcome === "ok" ? null : "stream_idle" },
        attempts: [cut, outcome === "ok" ? {} : cut],
      }).usage;
    expect(usage("ok")).toMatchObject({ input_tokens: 10, output_tokens: 5, source: "reported" });
    expect(usage("error")).toMatchObject({ input_tokens: 20, output_tokens: 4, source: "estimated" });
  });

  it.each([
    ["the code's own", "overloaded", undefined, 5],
    ["the one that all candidates had in common (ER-3)", "all_providers_failed", 7, 7],
    ["the signal's", "cancelled", 143, 143],
  ] as const)("has the exit code of the call: %s", (_name, code, kept, exit) => {
    const decision = { order: ["a/m/1"], skipped: [], ...(kept !== undefined && { exit: kept }) };
    expect(documentOf({ operation: { outcome: "error", code }, decision }).exit).toBe(exit);
  });

  it("knows no outcome of a request that runs, or whose process died", () => {
    const held = { state: "held", outcome: null, endedMs: null, costNano: 0 } as const;
    expect(documentOf({ operation: held, decision: null, attempts: [] })).toMatchObject({
      ...{ outcome: null, exit: null, ended_at: null, order: [], attempts: [] },
      reservation: { settled_usd: null, state: "held" },
    });
    const dead = { state: "unreconciled", outcome: null } as const;
    expect(documentOf({ operation: dead, decision: null })).toMatchObject({
      ...{ outcome: null, exit: null },
      reservation: { settled_usd: "0.00003", state: "unreconciled" },
    });
  });
});

describe("the story in words", () => {
  it("goes from what was asked to what was paid", () => {
    expect(told({})).toBe(
      [
        "request rq_1",
        "asked:   2026-11-20T12:00:00Z, a streamed answer of smart, for tenant acme, in process (config r1)",
        "order:   1 a/m/1   (sequential: in the order given)",
        "what happened:",
        "  1. +0 ms    asked a/m/1: answered in 1.5 s, first token after 900 ms; 10 tokens in, 5 out, $0.00003000",
        "ended:   answered after 1.5 s, exit 0",
        "money:   $0.005000 was reserved, $0.00003000 was spent",
        "",
      ].join("\n"),
    );
  });

  it.each([
    ["circuit_open", "circuit_open", "its circuit was open until 2026-11-20T12:00:31Z"],
    [
      "held",
      "rate_limited",
      "it was to be left alone until 2026-11-20T12:00:31Z after rate_limited (it asked for fewer requests)",
    ],
  ] as const)("says of a target passed over as %s until when and why", (reason, code, said) => {
    const skipped = [{ target: "b/m", reason, code, untilMs: NOON + 31_000 }];
    expect(told({ decision: { order: ["a/m/1"], skipped } })).toContain(`passed over:\n  b/m: ${said}\n`);
  });

  it("says what of a configuration was not usable", () => {
    const skipped = [{ target: "b/m", reason: "misconfigured", code: "secret_missing" }] as const;
    expect(told({ decision: { order: ["a/m/1"], skipped } })).toContain(
      "  b/m: its configuration was not usable: its key is not set\n",
    );
  });

  it("tells a request that may have arrived from an answer that broke off (AT-8)", () => {
    const cut = { ...FAILURE, ambiguous: true, usageSource: "estimated" };
    expect(told({ attempts: [{ ...cut, code: "attempt_timeout" }, {}] })).toContain("may have arrived there");
    const broken = told({ attempts: [{ ...cut, code: "stream_interrupted", ttftMs: 10 }, {}] });
    expect(broken).toContain("it is charged by what had come");
    expect(broken).not.toContain("may have arrived");
  });

  it("tells a repair, a trial, a hold and a continuation from a plain try", () => {
    const text = told({
      attempts: [
        { ...FAILURE, trial: true },
        { ...FAILURE, kind: "repair", holdUntilMs: NOON + 60_000 },
        { kind: "continue", provider: "b" },
      ],
      decision: {
        ...{ order: ["a/m/1", "b/m/1"], skipped: [] },
        failovers: [{ from: "a/m/1", to: "b/m/1", code: "overloaded", mode: "splice" }],
      },
    });
    expect(text).toMatch(
      /1\. .*asked a\/m\/1: overloaded after .*status 529\n +this was one of the few trials/,
    );
    expect(text).toMatch(/2\. .*asked again a\/m\/1: .*\n +so it is left alone until 2026-11-20T12:01:00Z\n/);
    expect(text).toMatch(/3\. .*started over, to go on after what was delivered, at b\/m\/1: answered/);
  });

  it("says what a strategy went by", () => {
    const order = ["a/m/1", "b/m"];
    const line = (strategy: string, decision: Partial<Story["decision"] & object>) =>
      told({ operation: { strategy }, decision: { order, skipped: [], ...decision } }).split("\n")[2];
    expect(line("lowest-cost", { scores: [2_000_000, null] })).toBe(
      "order:   1 a/m/1 (up to $0.002000), 2 b/m (no price is known)   (lowest-cost: the cheapest first)",
    );
    expect(line("fastest-first", { scores: [410, null] })).toContain(
      "a/m/1 (first token after 410 ms), 2 b/m ",
    );
    expect(line("round-robin", { turn: 3 })).toContain("(round-robin: by turns, turn 3)");
  });

  it("does not take an unknown price for nothing", () => {
    const unpriced = { usageSource: "reported", priceVersion: null, costNano: 0 };
    const text = told({ operation: { unpriced: 1, costNano: 0 }, attempts: [unpriced] });
    expect(text).toContain("5 out, unpriced\n");
    expect(text).toContain("$0.00 was spent, besides what has no known price\n");
  });

  it("says that a request still runs, or that its process died", () => {
    const held = { state: "held", outcome: null, endedMs: null } as const;
    expect(told({ operation: held, decision: null, attempts: [], heldNano: 7_000_000 })).toMatch(
      /\nit is running\nmoney: {3}\$0\.007000 is reserved\n$/,
    );
    const dead = {
      operation: { state: "unreconciled", outcome: null },
      decision: null,
      attempts: [{ outcome: null, ambiguous: true, usageSource: "unreconciled", priceVersion: null }],
    } as const;
    expect(told(dead)).toContain("asked a/m/1: how it went is not known\nended:   its process died");
    expect(documentOf(dead).attempts).toMatchObject([{ outcome: null, cost_usd: "0.00003" }]);
  });
});
