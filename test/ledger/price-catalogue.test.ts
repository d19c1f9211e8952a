import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readCatalogue } from "../../src/ledger/catalogue.ts";
import { DOLLARS_PER_MILLION, DOLLARS_PER_TOKEN, nanoPerMillion } from "../../src/ledger/decimal.ts";

const read = (document: unknown) => readCatalogue(JSON.stringify(document), "f.json");
const openai = (fields: object) => ({ m: { litellm_provider: "openai", mode: "chat", ...fields } });
const COSTS = { input_cost_per_token: 2.5e-6, output_cost_per_token: 1e-5 };

describe("a price in decimals", () => {
  it.each([
    [2.5e-7, 250_000_000],
    ["2.5e-07", 250_000_000],
    [1.5e-8, 15_000_000],
    [0.0000025, 2_500_000_000],
    [3.75e-6, 3_750_000_000],
    [1e-15, 1],
    [0, 0],
    ["0.0", 0],
    ["1.0000000000000001e-6", 1_000_000_000],
    ["1.4e-15", 1],
    ["1.5e-15", 2],
    ["9.007199254740991", Number.MAX_SAFE_INTEGER],
  ])("%s dollars per token are %s nano-dollars per million", (text, nano) => {
    expect(nanoPerMillion(text, DOLLARS_PER_TOKEN)).toBe(nano);
  });

  it.each([
    ["not a number", "x"],
    ["negative", -1e-6],
    ["infinite", Number.POSITIVE_INFINITY],
    ["NaN", Number.NaN],
    ["too large to count", "9.007199254740992"],
    ["1e300", 1e300],
    ["finer than anything", 1e-17],
    ["huge text", "1e999999999"],
    ["null", null],
    ["true", true],
    ["an object", {}],
  ])("is none that is %s", (_what, value) => {
    expect(nanoPerMillion(value, DOLLARS_PER_TOKEN)).toBe(undefined);
  });

  it("is exact for every amount of nano-dollars, in either unit", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 999_999_999_999_999 }), (nano) => {
        const digits = String(nano).padStart(16, "0");
        expect(nanoPerMillion(Number(`${nano}e-15`), DOLLARS_PER_TOKEN)).toBe(nano);
        expect(nanoPerMillion(`${digits.slice(0, -9)}.${digits.slice(-9)}`, DOLLARS_PER_MILLION)).toBe(nano);
      }),
    );
  });
});

describe("a catalogue", () => {
  it("gives each of our provider types its models, by their own names", () => {
    const { entries, passedOver } = read({
      sample_spec: { input_cost_per_token: "a number" },
      "gpt-x": { litellm_provider: "openai", ...COSTS },
      "azure/gpt-x": { litellm_provider: "azure", ...COSTS },
      "us.anthropic.c-v1:0": { litellm_provider: "bedrock_converse", ...COSTS },
      "vertex_ai/claude-x@1": { litellm_provider: "vertex_ai-anthropic_models", ...COSTS },
      "gemini-x": { litellm_provider: "vertex_ai-language-models", ...COSTS },
      "hosted_vllm/org/model": { litellm_provider: "hosted_vllm", ...COSTS },
      "embed-x": { litellm_provider: "openai", mode: "embedding", input_cost_per_token: 2e-8 },
      "gemini/gemini-x": { litellm_provider: "gemini", ...COSTS },
      "image-x": { litellm_provider: "openai", mode: "image_generation", input_cost_per_image: 0.04 },
      odd: { litellm_provider: "constructor", ...COSTS },
    });
    expect(passedOver).toBe(3);
    expect(entries.map(({ providerType, model }) => `${providerType} ${model}`)).toEqual([
      "openai gpt-x",
      "azure-openai gpt-x",
      "bedrock us.anthropic.c-v1:0",
      "vertex claude-x@1",
      "vertex gemini-x",
      "openai-compatible org/model",
      "openai embed-x",
    ]);
    expect(entries.at(-1)?.price).toEqual({ inputNano: 20_000_000, outputNano: 0 });
  });

  it("brings every price of tokens, and longer prompts in the order of their length", () => {
    const { entries } = read(
      openai({
        ...COSTS,
        cache_read_input_token_cost: 2.5e-7,
        cache_creation_input_token_cost: 3.125e-6,
        cache_creation_input_token_cost_above_1hr: 5e-6,
        output_cost_per_reasoning_token: 1.2e-5,
        input_cost_per_token_batches: 1.25e-6,
        input_cost_per_token_above_272k_tokens: 1e-5,
        input_cost_per_token_above_128k_tokens: 5e-6,
        cache_read_input_token_cost_above_128k_tokens: 5e-7,
        supports_vision: true,
        max_tokens: null,
      }),
    );
    const base = {
      inputNano: 2_500_000_000,
      outputNano: 10_000_000_000,
      cacheReadNano: 250_000_000,
      cacheWriteNano: 3_125_000_000,
      reasoningNano: 12_000_000_000,
    };
    const middle = { ...base, inputNano: 5_000_000_000, cacheReadNano: 500_000_000 };
    expect(entries[0]?.price).toEqual({
      ...base,
      tiers: [
        { aboveTokens: 128_000, ...middle },
        { aboveTokens: 272_000, ...middle, inputNano: 10_000_000_000 },
      ],
    });
  });

  it.each([
    ["[1]", "f.json: a price catalogue is not a JSON object"],
    ["{,}", "f.json: not JSON"],
    ["", "f.json: not JSON"],
    ['{"m": 5}', 'f.json: "m" is not a JSON object'],
    ['{"m": {"litellm_provider": "elsewhere"}}', "no entry has a price for a provider type known here"],
    [
      JSON.stringify(openai({ ...COSTS, output_cost_per_token: -1e-6 })),
      '"m": output_cost_per_token is not the price of a token: -0.000001',
    ],
    [
      '{"m": {"litellm_provider": "openai", "input_cost_per_token": 1e309}}',
      '"m": input_cost_per_token is not the price of a token: Infinity',
    ],
    [
      JSON.stringify(openai({ input_cost_per_token: "free" })),
      '"m": input_cost_per_token is not the price of a token: "free"',
    ],
    [
      JSON.stringify(openai({ input_cost_per_token: [1] })),
      '"m": input_cost_per_token is not the price of a token: [1]',
    ],
    [
      JSON.stringify(openai({ input_cost_per_token: 2.5 })),
      '"m": input_cost_per_token is not the price of a token: 2.5',
    ],
    [
      JSON.stringify(openai({ ...COSTS, input_cost_per_token_above_200k_tokens: -1 })),
      '"m": input_cost_per_token_above_200k_tokens is not the price of a token: -1',
    ],
  ])("that is wrong is refused and the place named: %s", (text, message) => {
    expect(() => readCatalogue(text, "f.json")).toThrow(message);
  });

  it("may be empty, which takes away the one before", () => {
    expect(read({})).toEqual({ entries: [], passedOver: 0 });
  });
});
