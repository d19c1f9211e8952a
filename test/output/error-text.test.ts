import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { RiptideError } from "../../src/core/errors.ts";
import { errorDocument, errorLine, errorText } from "../../src/output/error-text.ts";
import { sanitise } from "../../src/output/sanitise.ts";

const failed = (reasons: readonly string[]) =>
  new RiptideError("all_providers_failed", "no provider answered", { reasons, hint: "riptide health" });

describe("errorText", () => {
  it("has what, reasons, hint and request", () => {
    const error = new RiptideError("all_providers_failed", "no provider answered (2 tried, 1 skipped)", {
      reasons: ["openai/gpt-x: rate_limited (429, retry after 12 s)", "anthropic/claude-x: overloaded (529)"],
      hint: "riptide health",
    });
    expect(errorText(error, { requestId: "rq_01J", attempts: [{}] })).toBe(
      [
        "error[all_providers_failed]: no provider answered (2 tried, 1 skipped)",
        "  openai/gpt-x: rate_limited (429, retry after 12 s)",
        "  anthropic/claude-x: overloaded (529)",
        "hint: riptide health",
        "request: rq_01J (riptide why rq_01J)",
        "",
      ].join("\n"),
    );
  });

  it("is one line when there is nothing to add", () => {
    expect(errorText(new RiptideError("not_found", "no such thing"))).toBe(
      "error[not_found]: no such thing\n",
    );
  });

  it.each([
    ["its own", new RiptideError("auth_failed", "no", { hint: "ask" }), undefined, "ask"],
    ["the command's help", new RiptideError("usage", "no"), "config show", "riptide config show --help"],
    ["the program's help", new RiptideError("usage", "no"), undefined, "riptide help"],
    ["what its code suggests", new RiptideError("incomplete", "no"), undefined, "raise --max-tokens"],
  ])("hints at %s", (_name, error, command, hint) => {
    expect(errorText(error, { command })).toBe(`error[${error.code}]: no\nhint: ${hint}\n`);
    expect(errorDocument(error, { command })).toMatchObject({ error: { hint } });
  });

  it.each([
    ["auth_failed", "riptide providers show lab   (where its key comes from)"],
    ["connect_failed", "riptide providers test lab"],
    ["protocol_error", "riptide providers show lab   (check its address)"],
  ] as const)("names the one provider that was asked: %s", (code, hint) => {
    const attempts = [{ provider: "lab" }, { provider: "lab" }];
    const error = new RiptideError(code, "no");
    expect(errorText(error, { attempts })).toContain(`hint: ${hint}\n`);
    for (const others of [undefined, [], [...attempts, { provider: "other" }]])
      expect(errorText(error, { attempts: others })).toContain("hint: riptide providers list\n");
  });

  it.each([
    ["a.yaml", "riptide providers list", "riptide -C a.yaml providers list"],
    ["it's a $&.yaml", "riptide models list", "riptide -C 'it'\\''s a $&.yaml' models list"],
    ["a.yaml", "riptide complete --help", "riptide complete --help"],
    ["a.yaml", "riptide config schema", "riptide config schema"],
    ["a.yaml", "raise --max-tokens", "raise --max-tokens"],
    ["-", "riptide providers list", "riptide providers list"],
  ])("names the configuration of the call, %s, where a hint needs it: %s", (config, hint, expected) => {
    expect(errorText(new RiptideError("not_found", "no", { hint }), { config })).toContain(
      `hint: ${expected}\n`,
    );
  });

  it("redacts the words about an error, and leaves the model's own", () => {
    const error = new RiptideError("auth_failed", "bad key SECRET", { hint: "not SECRET" });
    const redact = (text: string) => text.replaceAll("SECRET", "[redacted]");
    expect(errorDocument(error, { partialText: "SECRET" }, redact)).toMatchObject({
      error: { message: "bad key [redacted]", hint: "not [redacted]" },
      partial_text: "SECRET",
    });
  });

  it("keeps the spaces that set two hints apart", () => {
    const error = new RiptideError("usage", "x", { hint: "one   or   two" });
    expect(errorText(error)).toContain("hint: one   or   two\n");
  });

  it("counts the reasons for which eight lines have no room", () => {
    const lines = (count: number) =>
      errorText(failed(Array.from({ length: count }, (_, index) => `reason ${index}`)), {
        ...{ requestId: "rq_1", attempts: [{}] },
      })
        .trimEnd()
        .split("\n");
    expect(lines(5)).toHaveLength(8);
    expect(lines(5)[5]).toBe("  reason 4");
    expect(lines(6)).toHaveLength(8);
    expect(lines(6)[5]).toBe("  and 2 more");
  });

  it("cuts a provider's text to 200 characters, our own words not", () => {
    const long = "x".repeat(500);
    expect(errorLine(new RiptideError("provider_error", long))).toBe(
      `error[provider_error]: ${"x".repeat(199)}…`,
    );
    expect(errorText(failed([long])).split("\n")[1]).toBe(`  ${"x".repeat(199)}…`);
    expect(errorLine(new RiptideError("config_invalid", long))).toBe(`error[config_invalid]: ${long}`);
  });

  it.each([
    ["Incorrect API key provided", "incorrect API key provided"],
    ["OPENAI_API_KEY is not set", "OPENAI_API_KEY is not set"],
    ["Überlastet, später", "überlastet, später"],
    ["README.md is a directory", "README.md is a directory"],
  ])("starts %s in the right case", (message, expected) => {
    expect(errorLine(new RiptideError("auth_failed", message))).toBe(`error[auth_failed]: ${expected}`);
  });

  it("lets nothing hostile pass, at most eight lines", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "binary" }),
        fc.array(fc.constantFrom("\u001b]52;c;eA==\u0007", "a\r\nb", "\u009b2J", "\u2028"), {
          maxLength: 12,
        }),
        (message, reasons) => {
          const hint = reasons.join("");
          const text = errorText(new RiptideError("provider_error", message, { reasons, hint }), {
            requestId: "rq_1\u001b[2J",
          });
          expect(sanitise(text)).toBe(text);
          expect(text.split("\n").length).toBeLessThanOrEqual(9);
        },
      ),
      { numRuns: 1_000 },
    );
  });
});

describe("errorDocument", () => {
  it("has every field, absent ones as null", () => {
    expect(errorDocument(new RiptideError("usage", "no prompt", { hint: "pipe text in" }))).toEqual({
      schema: "riptide.error/1",
      ok: false,
      id: null,
      error: {
        code: "usage",
        message: "no prompt",
        hint: "pipe text in",
        exit: 2,
        retryable: false,
        retry_after_ms: null,
      },
      attempts: [],
      skipped: [],
      partial_text: null,
    });
  });

  it("carries the operation, in the document's keys", () => {
    const error = new RiptideError("rate_limited", "slow down", { retryAfterMs: 1_500, exit: 7 });
    const operation = {
      id: "rq_1",
      attempts: [{ costUsd: "0" }],
      skipped: [{ retryAt: null }],
      partialText: "half",
    };
    expect(errorDocument(error, operation)).toMatchObject({
      id: "rq_1",
      error: { retryable: true, retry_after_ms: 1_500 },
      attempts: [{ cost_usd: "0" }],
      skipped: [{ retry_at: null }],
      partial_text: "half",
    });
  });

  it.each([
    ["overloaded", true],
    ["deadline_exceeded", true],
    ["daemon_not_running", true],
    ["auth_failed", false],
    ["budget_exceeded", false],
    ["cancelled", false],
  ] as const)("calls %s worth retrying: %s", (code, retryable) => {
    expect(errorDocument(new RiptideError(code, "x"))).toMatchObject({ error: { retryable } });
  });
});
