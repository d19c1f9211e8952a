import { describe, expect, it } from "vitest";
import { ERRORS, type ErrorCode, RiptideError } from "../../src/core/errors.ts";
import type { Attempt, Skip } from "../../src/engine/events.ts";
import { finalError } from "../../src/engine/final-error.ts";
import { NO_TOKENS } from "../../src/ledger/settlement.ts";
import { ask } from "../helpers/ask.ts";
import { fails, fakeStage, refuses } from "../helpers/fake-provider.ts";

const attempt = (provider: string, code: ErrorCode, more: Partial<Attempt> = {}): Attempt => ({
  n: 1,
  kind: "try",
  provider,
  model: "m",
  outcome: "error",
  code,
  message: "said so",
  status: null,
  ms: 12,
  retryAfterMs: null,
  ambiguous: false,
  startedMs: 0,
  endedMs: 12,
  firstTokenMs: null,
  providerRequestId: null,
  trial: false,
  effect: "failure",
  holdUntilMs: null,
  charge: { ...NO_TOKENS, source: "none", note: null, costNano: 0, priceVersion: null },
  ...more,
});
const skip = (provider: string, code: ErrorCode): Skip => ({
  provider,
  model: "m",
  reason: "circuit_open",
  error: new RiptideError(code, "not now"),
});

describe("the error of an operation in which nobody answered (ER-3)", () => {
  it.each([
    ["all the same", ["rate_limited", "rate_limited"], [], 7],
    ["one family", ["auth_failed", "quota_exhausted"], ["model_not_found"], 4],
    ["tried and skipped alike", ["provider_error"], ["circuit_open"], 5],
    ["mixed", ["rate_limited", "auth_failed"], [], 5],
    ["mixed by a skipped one", ["rate_limited"], ["secret_missing"], 5],
  ] as const)("has the exit of its candidates: %s", (_name, tried, skipped, exit) => {
    const error = finalError({
      attempts: tried.map((code, index) => attempt(`t${index}`, code)),
      skipped: skipped.map((code, index) => skip(`s${index}`, code)),
    });
    expect([error.code, error.exit]).toEqual(["all_providers_failed", exit]);
    expect(error.message).toBe(`no provider answered (${tried.length} tried, ${skipped.length} skipped)`);
    expect(error.facts.reasons).toHaveLength(tried.length + skipped.length);
  });

  it("names every candidate with its code, status, time and words", () => {
    const { facts } = finalError({
      attempts: [
        attempt("a", "rate_limited", { status: 429, retryAfterMs: 7_000 }),
        attempt("b", "auth_failed"),
      ],
      skipped: [skip("c", "circuit_open")],
    });
    expect(facts.reasons).toEqual([
      "a/m: rate_limited (429, retry after 7 s) after 12 ms: said so",
      "b/m: auth_failed after 12 ms: said so",
      "c/m: skipped, circuit_open: not now",
    ]);
  });

  it("tells the earliest time to come back", () => {
    const attempts = [30_000, 20_000, null].map((retryAfterMs, index) =>
      attempt(`p${index}`, "rate_limited", { retryAfterMs }),
    );
    expect(finalError({ attempts, skipped: [] }).facts.retryAfterMs).toBe(20_000);
  });

  it("is no_provider_available when none was tried", () => {
    const skipped = [skip("a", "circuit_open"), skip("b", "secret_missing")];
    const error = finalError({ attempts: [], skipped });
    expect([error.code, error.exit]).toEqual(["no_provider_available", 5]);
    expect(finalError({ attempts: [], skipped: [] }).code).toBe("no_provider_available");
  });

  it("is the only candidate's own error, with its advice", async () => {
    const hint = "trust the authority that signed it with ca_file";
    const error = finalError(
      { attempts: [attempt("a", "connect_failed")], skipped: [] },
      new RiptideError("connect_failed", "self-signed", { hint, providerRequestId: "req_1" }),
    );
    expect(error).toMatchObject({
      code: "connect_failed",
      message: "self-signed",
      facts: { hint, providerRequestId: "req_1", reasons: ["a/m: connect_failed after 12 ms"] },
    });
    const skipped = skip("a", "secret_missing");
    expect(finalError({ attempts: [], skipped: [skipped] })).toEqual(skipped.error);
  });
});

it("has the exit of what each candidate came to in the end, repairs included", () => {
  const attempts = [
    attempt("a", "provider_error"),
    attempt("a", "auth_failed", { n: 2, kind: "repair" }),
    attempt("b", "auth_failed", { n: 3 }),
  ];
  expect(finalError({ attempts, skipped: [] }, new RiptideError("auth_failed", "no")).exit).toBe(4);
});

it("has the status of the only candidate, its wait and its exit", async () => {
  const asked = ask(await fakeStage({ a: [fails(429, "slow down", { "retry-after": "3" })] }));
  await asked.done;
  expect(asked.failure?.error).toMatchObject({
    code: "rate_limited",
    message: "slow down",
    exit: 7,
    facts: { status: 429, retryAfterMs: 3_000 },
  });
});

it.each(Object.entries(ERRORS).filter(([, { action }]) => action !== "stop"))(
  "%s of all candidates keeps its exit code (ER)",
  async (code, { exit }) => {
    const step = refuses(code as ErrorCode);
    const asked = ask(await fakeStage({ a: [step], b: [step] }));
    await asked.done;
    expect([asked.failure?.error.code, asked.failure?.error.exit]).toEqual(["all_providers_failed", exit]);
  },
);

it("gives every code the exit of the table (ER)", () => {
  const of = (exit: number) =>
    Object.entries(ERRORS)
      .flatMap(([code, row]) => (row.exit === exit ? [code] : []))
      .toSorted();
  expect(of(4)).toEqual(["auth_failed", "model_not_found", "quota_exhausted", "tenant_key_invalid"]);
  expect(of(6)).toEqual(["attempt_timeout", "deadline_exceeded", "stream_idle", "stream_max"]);
  expect(of(7)).toEqual(["rate_limited", "tenant_busy", "tenant_rate_limited"]);
  expect(of(8)).toEqual(["budget_exceeded", "cost_cap_exceeded", "cost_not_confirmed", "ledger_unavailable"]);
  expect(of(9)).toEqual([
    "bad_request",
    "content_filtered",
    "context_too_long",
    "tenant_denied",
    "unsupported",
  ]);
  expect(of(13)).toEqual(["incomplete", "schema_invalid"]);
  expect(of(130)).toEqual(["cancelled"]);
});

it("a rate limit that names no wait says how long its target is left alone (HO-3)", () => {
  const limited = attempt("a", "rate_limited", { holdUntilMs: 1_012, endedMs: 12 });
  const last = new RiptideError("rate_limited", "slow down");
  expect(finalError({ attempts: [limited], skipped: [] }, last).facts.retryAfterMs).toBe(1_000);
  const other = attempt("b", "rate_limited", { retryAfterMs: 700 });
  expect(finalError({ attempts: [limited, other], skipped: [] }, last).facts.retryAfterMs).toBe(700);
});
