import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Access, deniesTarget } from "../../src/admission/access.ts";

const OPENAI = { provider: "openai", model: "gpt-x" };
const CLAUDE = { provider: "claude", model: "claude-x" };

function access(given: {
  readonly models?: Partial<Access["models"]>;
  readonly providers?: Partial<Access["providers"]>;
}): Access {
  const list = { allow: [], deny: [] };
  return {
    models: { ...list, ...given.models },
    providers: { ...list, ...given.providers },
    aliases: { default: { targets: [OPENAI, CLAUDE] }, smart: { targets: [CLAUDE] } },
  };
}

const isAllowed = (rules: Access, target: typeof OPENAI, alias: string | null = null) =>
  deniesTarget(rules, { ...target, alias }) === undefined;

describe("what a tenant may use (TA-8)", () => {
  it("is everything where nothing is said", () => {
    expect(isAllowed(access({}), OPENAI, "default")).toBe(true);
    expect(isAllowed(access({}), OPENAI)).toBe(true);
  });

  it("is every target of an alias that is allowed, asked for by the alias", () => {
    const rules = access({ models: { allow: ["default"] } });
    expect([isAllowed(rules, OPENAI, "default"), isAllowed(rules, CLAUDE, "default")]).toEqual([true, true]);
    expect([isAllowed(rules, CLAUDE), isAllowed(rules, CLAUDE, "smart")]).toEqual([false, false]);
  });

  it("is not a target that the caller adds to an allowed alias by a flag", () => {
    const rules = access({ models: { allow: ["smart"] } });
    expect(isAllowed(rules, CLAUDE, "smart")).toBe(true);
    expect(isAllowed(rules, OPENAI, "smart")).toBe(false);
    expect(isAllowed(rules, { provider: "claude", model: "claude-xl" }, "smart")).toBe(false);
  });

  it("is those targets of another alias that are allowed by themselves", () => {
    const rules = access({ models: { allow: ["openai/*"] } });
    expect([isAllowed(rules, OPENAI, "default"), isAllowed(rules, CLAUDE, "default")]).toEqual([true, false]);
  });

  it("is never what is denied, whatever opens it", () => {
    const rules = access({ models: { allow: ["default", "claude/*"], deny: ["claude/claude-x"] } });
    expect([isAllowed(rules, CLAUDE, "default"), isAllowed(rules, CLAUDE)]).toEqual([false, false]);
    expect(isAllowed(rules, OPENAI, "default")).toBe(true);
  });

  it("is nothing behind an alias that is denied, but its targets by their own names", () => {
    const rules = access({ models: { deny: ["smart"] } });
    expect([isAllowed(rules, CLAUDE, "smart"), isAllowed(rules, CLAUDE)]).toEqual([false, true]);
  });

  it("is of allowed providers only, and of no denied one", () => {
    expect(isAllowed(access({ providers: { allow: ["openai"] } }), CLAUDE, "default")).toBe(false);
    expect(isAllowed(access({ providers: { allow: ["openai"], deny: ["openai"] } }), OPENAI)).toBe(false);
    const rules = access({ models: { allow: ["default"] }, providers: { deny: ["claude"] } });
    expect([isAllowed(rules, OPENAI, "default"), isAllowed(rules, CLAUDE, "default")]).toEqual([true, false]);
  });

  it("does not take an alias for something every object has", () => {
    expect(isAllowed(access({ models: { allow: ["constructor"] } }), OPENAI, "constructor")).toBe(false);
  });

  it.each([
    [{ providers: { deny: ["claude"] } }, "provider claude is denied"],
    [{ providers: { allow: ["openai"] } }, "provider claude is not among those allowed: openai"],
    [{ models: { deny: ["claude/*"] } }, "model claude/claude-x is denied"],
    [{ models: { deny: ["smart"] } }, "alias smart is denied"],
    [{ models: { allow: ["a", "b"] } }, "model claude/claude-x is not among those allowed: a, b"],
    [
      { models: { allow: [..."abcdefghij"] } },
      "model claude/claude-x is not among those allowed: a, b, c, d, e, f, g, h, …",
    ],
  ])("says why: %j", (given, reason) => {
    expect(deniesTarget(access(given), { ...CLAUDE, alias: "smart" })).toBe(reason);
  });
});

describe("patterns", () => {
  const fits = (pattern: string, model: string) =>
    isAllowed(access({ models: { allow: [pattern] } }), { provider: "p", model });

  it.each([
    ["p/gpt-x", "gpt-x", true],
    ["p/gpt", "gpt-x", false],
    ["gpt-x", "gpt-x", false],
    ["*", "gpt-x", true],
    ["p/*", "a/b/c", true],
    ["*/gpt-*", "gpt-x", true],
    ["p/*-x", "gpt-x", true],
    ["P/*", "gpt-x", false],
    ["p/GPT-*", "gpt-x", false],
    ["p/gpt-x*", "gpt-x", true],
    ["p/*a*b*", "xxaxxbxx", true],
    ["p/*a*b*", "xxbxxaxx", false],
    ["p/a*a", "a", false],
    ["p/ab*ba", "aba", false],
    ["p/gpt.x", "gpt-x", false],
    ["p/gpt-?", "gpt-x", false],
    ["p/[a-z]*", "gpt-x", false],
    ["**", "gpt-x", true],
    ["", "gpt-x", false],
  ])("%j over p/%s: %s", (pattern, model, expected) => {
    expect(fits(pattern, model)).toBe(expected);
  });

  it("match as a naive matcher does, letter by letter", () => {
    const naive = (pattern: string, name: string): boolean => {
      if (pattern === "") return name === "";
      if (pattern[0] === "*")
        return naive(pattern.slice(1), name) || (name !== "" && naive(pattern, name.slice(1)));
      return pattern[0] === name[0] && naive(pattern.slice(1), name.slice(1));
    };
    const words = (letters: string[], maxLength: number) =>
      fc.array(fc.constantFrom(...letters), { maxLength }).map((list) => list.join(""));
    fc.assert(
      fc.property(words(["a", "b", "*"], 8), words(["a", "b"], 10), (pattern, model) => {
        expect(fits(`p/${pattern}`, model)).toBe(naive(pattern, model));
      }),
      { numRuns: 3_000 },
    );
  });

  it("of many stars are read in no time", () => {
    const startedMs = performance.now();
    expect(fits(`p/${"*a".repeat(5_000)}*b`, "a".repeat(100_000))).toBe(false);
    expect(performance.now() - startedMs).toBeLessThan(1_000);
  });
});
