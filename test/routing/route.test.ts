import { describe, expect, it } from "vitest";
import { RiptideError } from "../../src/core/errors.ts";
import { type RouteAsk, routeOf } from "../../src/routing/route.ts";
import { type RoutingTable, targetText } from "../../src/routing/target.ts";

const target = (text: string) => {
  const [provider = "", ...model] = text.split("/");
  return { provider, model: model.join("/") };
};
const TABLE: RoutingTable = {
  strategy: "sequential",
  aliases: new Map([
    ["default", { strategy: "sequential", targets: ["openai/gpt", "anthropic/claude"].map(target) }],
    ["cheap", { strategy: "lowest-cost", targets: ["ollama/llama", "openai/mini"].map(target) }],
  ]),
  providers: [
    { id: "openai", priority: 1, defaultModel: "gpt", models: ["gpt", "mini", "shared"] },
    { id: "anthropic", priority: 1, models: ["claude", "shared"] },
    { id: "ollama", priority: 0, models: ["llama", "shared"] },
    { id: "spare", priority: 5, models: [] },
  ],
};
const WITHOUT_DEFAULT: RoutingTable = { ...TABLE, aliases: new Map() };

const texts = (ask: RouteAsk, table = TABLE) => routeOf(ask, table).targets.map(targetText);
const refusal = (ask: RouteAsk, table = TABLE): RiptideError => {
  try {
    return expect.unreachable(JSON.stringify(routeOf(ask, table)));
  } catch (error) {
    if (error instanceof RiptideError) return error;
    throw error;
  }
};

describe("where a request goes", () => {
  it.each<readonly [string, RouteAsk, readonly string[]]>([
    ["the alias default, unless a model is named", {}, ["openai/gpt", "anthropic/claude"]],
    ["an alias", { model: "cheap" }, ["ollama/llama", "openai/mini"]],
    ["one provider's model", { model: "openai/anything" }, ["openai/anything"]],
    ["a model with slashes in its name", { model: "ollama/library/llama:8b" }, ["ollama/library/llama:8b"]],
    ["the provider that declares a model", { model: "mini" }, ["openai/mini"]],
    [
      "all that declare it, by priority, ties in file order (FB-3)",
      { model: "shared" },
      ["ollama/shared", "openai/shared", "anthropic/shared"],
    ],
    [
      "the alias's targets among the providers asked for, in the order asked",
      { providers: ["anthropic", "openai"] },
      ["anthropic/claude", "openai/gpt"],
    ],
    [
      "a provider's default model where the alias has none of it",
      { model: "cheap", providers: ["openai"] },
      ["openai/mini"],
    ],
    ["another alias's model where there is no default", { providers: ["ollama"] }, ["ollama/llama"]],
    [
      "a vendor's model at exactly the providers asked for",
      { model: "gpt-9", providers: ["spare", "openai"] },
      ["spare/gpt-9", "openai/gpt-9"],
    ],
    ["a pinned model among the providers", { model: "openai/mini", providers: ["openai"] }, ["openai/mini"]],
    ["not to excluded providers", { exclude: ["openai"] }, ["anthropic/claude"]],
    [
      "then to the fallback, each target once",
      { model: "openai/mini", fallback: ["spare/x", "openai/mini"] },
      ["openai/mini", "spare/x"],
    ],
    ["to the first only without fallback", { noFallback: true, fallback: ["spare/x"] }, ["openai/gpt"]],
  ])("%s", (_name, ask, expected) => {
    expect(texts(ask)).toEqual(expected);
  });

  it("names the alias and its strategy, or none", () => {
    expect(routeOf({ model: "cheap" }, TABLE)).toMatchObject({ alias: "cheap", strategy: "lowest-cost" });
    expect(routeOf({ model: "openai/gpt" }, TABLE)).toMatchObject({ alias: null, strategy: "sequential" });
  });

  it("goes by the strategy that is asked for, in place of the alias's; named providers have the order given", () => {
    const table: RoutingTable = { ...TABLE, strategy: "fastest-first" };
    const strategyOf = (ask: RouteAsk) => routeOf(ask, table).strategy;
    expect(strategyOf({ model: "cheap", strategy: "round-robin" })).toBe("round-robin");
    expect(strategyOf({ model: "cheap", providers: ["openai", "ollama"] })).toBe("sequential");
    expect(strategyOf({ providers: ["openai"], strategy: "lowest-cost" })).toBe("lowest-cost");
    expect(strategyOf({ model: "shared" })).toBe("fastest-first");
  });

  it("keeps all targets for a strategy to choose the only one among (--no-fallback)", () => {
    const first = routeOf({ model: "cheap", noFallback: true }, TABLE);
    expect([first.targets.length, first.onlyFirst]).toEqual([2, true]);
    expect(texts({ noFallback: true })).toEqual(["openai/gpt"]);
  });

  it("gives the same route for the same words (FB-1)", () => {
    const ask = { model: "shared", fallback: ["spare/x"] };
    expect(JSON.stringify(routeOf(ask, TABLE))).toBe(JSON.stringify(routeOf(ask, TABLE)));
  });

  it("needs no alias default when providers are named", () => {
    expect(texts({ providers: ["openai"] }, WITHOUT_DEFAULT)).toEqual(["openai/gpt"]);
  });
});

describe("a request that can go nowhere is a usage error", () => {
  it.each<readonly [string, RouteAsk, RegExp, string]>([
    ["a mistyped model", { model: "claud" }, /unknown alias or model "claud"/, 'did you mean "claude"?'],
    ["a mistyped alias", { model: "chaep" }, /unknown alias or model "chaep"/, 'did you mean "cheap"?'],
    ["a mistyped provider", { providers: ["opena"] }, /unknown provider "opena"/, 'did you mean "openai"?'],
    [
      "an unknown provider to exclude",
      { exclude: ["zzz"] },
      /unknown provider "zzz"/,
      "known: openai, anthropic, ollama, spare",
    ],
    [
      "no model of a provider",
      { model: "openai/" },
      /unknown alias or model "openai\/"/,
      "known: default, cheap, openai/gpt, anthropic/claude, ollama/llama, openai/mini, gpt, mini",
    ],
  ])("%s", (_name, ask, message, reason) => {
    const error = refusal(ask);
    expect([error.code, error.exit, error.message]).toEqual(["usage", 2, expect.stringMatching(message)]);
    expect(error.facts.reasons).toEqual([reason]);
  });

  it.each<readonly [string, RouteAsk, RegExp]>([
    ["everything is excluded", { exclude: ["openai", "anthropic"] }, /no target is left/],
    ["the fallback is no target", { fallback: ["gpt"] }, /--fallback wants provider\/model, not "gpt"/],
    ["the fallback's provider is unknown", { fallback: ["nobody/x"] }, /unknown provider "nobody"/],
    ["the provider has no default model", { providers: ["spare"] }, /provider spare has no default model/],
    [
      "the model belongs to another provider",
      { model: "openai/gpt", providers: ["spare"] },
      /not among the providers/,
    ],
  ])("%s", (_name, ask, message) => {
    const error = refusal(ask);
    expect([error.code, error.message]).toEqual(["usage", expect.stringMatching(message)]);
  });

  it("and no model was named where there is no default", () => {
    expect(refusal({}, WITHOUT_DEFAULT).message).toMatch(/no model was named and there is no alias default/);
  });
});
