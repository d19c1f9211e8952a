import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { describe, expect, it } from "vitest";
import type { Priced, PriceMemory } from "../../src/ledger/price.ts";
import { createPriceBook, DATA_VERSION, importKey, type PricedModel } from "../../src/ledger/price-book.ts";
import { recordText } from "../../src/ledger/price-record.ts";

const NOVEMBER_2026 = Date.UTC(2026, 10, 22, 12);

const asked = (providerType: string, model: string, more: Partial<PricedModel> = {}): PricedModel => ({
  providerType,
  model,
  isFree: false,
  overrides: {},
  ...more,
});

const priceOf = (providerType: string, model: string, more: Partial<PricedModel> = {}): Promise<Priced> =>
  createPriceBook(undefined).priceOf(asked(providerType, model, more), NOVEMBER_2026);

const memoryOf = (known: Readonly<Record<string, string>> = {}) => {
  const kept = new Map(Object.entries(known));
  const memory: PriceMemory = {
    recall: (key) => kept.get(key),
    remember: (key, text) => void kept.set(key, text),
  };
  return { memory, kept };
};

const UNPRICED = { price: null, version: null, source: null };

/** Dollars per million: input, output, cache read, cache write. */
function dollars({ price }: Priced): readonly (number | undefined)[] {
  const usd = (nano: number | undefined) => (nano === undefined ? undefined : nano / 1e9);
  return [price?.inputNano, price?.outputNano, price?.cacheReadNano, price?.cacheWriteNano].map(usd);
}

describe("the bundled prices", () => {
  it("are called by the version of the package they are from", () => {
    const main = createRequire(import.meta.url).resolve("@pydantic/genai-prices");
    const { version } = JSON.parse(readFileSync(main.replace(/dist\/.*/, "package.json"), "utf8"));
    expect(DATA_VERSION).toBe(`genai-prices@${version}`);
  });

  it.each([
    ["openai", "gpt-4o", [2.5, 10, 1.25, undefined]],
    ["openai", "GPT-4o", [2.5, 10, 1.25, undefined]],
    ["openai", "gpt-4o-2024-08-06", [2.5, 10, 1.25, undefined]],
    ["openai", "gpt-4o-mini-2024-07-18", [0.15, 0.6, 0.075, undefined]],
    ["openai", "o4-mini", [1.1, 4.4, 0.275, undefined]],
    ["openai", "text-embedding-3-small", [0.02, 0, undefined, undefined]],
    ["anthropic", "claude-sonnet-4-5-20250929", [3, 15, 0.3, 3.75]],
    ["anthropic", "claude-haiku-4-5", [1, 5, 0.1, 1.25]],
    ["azure-openai", "o4-mini", [1.1, 4.4, 0.28, undefined]],
    ["azure-openai", "gpt-4o", [2.5, 10, 1.25, undefined]],
    ["bedrock", "anthropic.claude-3-haiku-20240307-v1:0", [0.25, 1.25, undefined, undefined]],
    ["bedrock", "global.anthropic.claude-sonnet-4-5-20250929-v1:0", [3, 15, 0.3, 3.75]],
    ["bedrock", "us.anthropic.claude-sonnet-4-5-20250929-v1:0", [3.3, 16.5, 0.33, 4.125]],
    ["bedrock", "eu.anthropic.claude-haiku-4-5-20251001-v1:0", [1.1, 5.5, 0.11, 1.375]],
    ["bedrock", "apac.amazon.nova-pro-v1:0", [0.8, 3.2, 0.2, undefined]],
    ["bedrock", "amazon.nova-micro-v1:0", [0.035, 0.14, 0.00875, undefined]],
    ["bedrock", "us.meta.llama3-3-70b-instruct-v1:0", [0.72, 0.72, undefined, undefined]],
    ["vertex", "gemini-2.5-flash", [0.3, 2.5, 0.03, undefined]],
    ["vertex", "claude-haiku-4-5@20251001", [1, 5, 0.1, 1.25]],
    ["vertex", "gemini-embedding-001", [0.15, 0, undefined, undefined]],
  ] as const)("know %s/%s", async (type, model, expected) => {
    const priced = await priceOf(type, model);
    expect(dollars(priced)).toEqual(expected);
    expect(priced).toMatchObject({ version: DATA_VERSION, source: "builtin" });
  });

  it.each([
    ["openai", "gpt-4o-minni", "a name that only resembles one"],
    ["openai", "whisper-1", "a model charged by the hour"],
    ["openai", "omni-moderation-latest", "a model the data has no figures for"],
    [
      "azure-openai",
      "deepseek-chat",
      "another vendor's model, which Azure does not charge as that vendor does",
    ],
    ["openai-compatible", "gpt-4o", "a server of one's own, whatever it calls its models"],
    ["mistral", "mistral-large", "a type of a plugin"],
    ["openai", "", "no name"],
    ["constructor", "gpt-4o", "a type named like a property of all objects"],
    ["openai", "\u0000'; DROP TABLE prices --", "nonsense"],
  ])("do not know %s/%s: %s", async (type, model) => {
    expect(await priceOf(type, model)).toEqual(UNPRICED);
  });

  it("carry the prices of longer prompts", async () => {
    const { price } = await priceOf("vertex", "gemini-2.5-pro");
    expect(price?.tiers).toEqual([
      {
        aboveTokens: 200_000,
        inputNano: 2_500_000_000,
        outputNano: 15_000_000_000,
        cacheReadNano: 250_000_000,
      },
    ]);
    const sonnet = await priceOf("anthropic", "claude-sonnet-4-5");
    expect(sonnet.price?.tiers?.[0]).toMatchObject({ aboveTokens: 200_000, cacheWriteNano: 7_500_000_000 });
  });

  it.each([
    ["bedrock", "amazon.titan-embed-text-v2:0", 20_000_000],
    ["bedrock", "cohere.embed-multilingual-v3", 100_000_000],
    ["anthropic", "claude-haiku-5-5", 100_000_000],
  ])("are corrected where they are known to be wrong: %s/%s", async (type, model, inputNano) => {
    const priced = await priceOf(type, model);
    expect(priced.price?.inputNano).toBe(inputNano);
    expect(priced.version).toMatch(/^corrections@\d+$/);
  });

  it("hold at the time they hold at, also when remembered", async () => {
    const { memory, kept } = memoryOf();
    const days = [Date.UTC(2025, 5, 9, 23, 59), Date.UTC(2025, 5, 10), NOVEMBER_2026];
    const costs = async () => {
      const book = createPriceBook(memory);
      const all = await Promise.all(days.map((day) => book.priceOf(asked("openai", "o3"), day)));
      return all.map(({ price }) => price?.inputNano);
    };
    const first = await costs();
    expect(first).toEqual([10_000_000_000, 2_000_000_000, 2_000_000_000]);
    expect(kept.size).toBe(1);
    expect(await costs()).toEqual(first);
  });
});

describe("the order of prices", () => {
  const overrides = { "gpt-4o": { inputNano: 1, outputNano: 2, cachedInputNano: 3, cacheWriteNano: 4 } };
  const imported = recordText({
    version: "import:0badcafe",
    prices: [{ price: { inputNano: 7, outputNano: 8 } }],
  });

  it("is: configuration, the user's catalogue, bundled data, free types, none", async () => {
    const { memory } = memoryOf({
      [importKey("openai", "gpt-4o")]: imported,
      [importKey("ollama", "llama3")]: imported,
      [importKey("bedrock", "amazon.titan-embed-text-v2:0")]: imported,
    });
    const book = createPriceBook(memory);
    const versions = [
      asked("openai", "gpt-4o", { overrides }),
      asked("openai", "gpt-4o"),
      asked("openai", "gpt-4o-mini"),
      asked("bedrock", "amazon.titan-embed-text-v2:0"),
      asked("ollama", "llama3", { isFree: true }),
      asked("ollama", "other", { isFree: true }),
      asked("openai", "other"),
    ].map(async (model) => (await book.priceOf(model, NOVEMBER_2026)).version);
    expect(await Promise.all(versions)).toEqual([
      expect.stringMatching(/^override:[0-9a-f]{8}$/),
      "import:0badcafe",
      DATA_VERSION,
      "import:0badcafe",
      "import:0badcafe",
      "free",
      null,
    ]);
  });

  it("takes every part of an override, and gives equal ones one version", async () => {
    const [one, same, other] = await Promise.all([
      priceOf("openai", "gpt-4o", { overrides }),
      priceOf("mock", "m", { overrides: { m: { ...overrides["gpt-4o"] } }, isFree: true }),
      priceOf("openai", "gpt-4o", { overrides: { "gpt-4o": { inputNano: 1, outputNano: 3 } } }),
    ]);
    expect(one?.price).toEqual({ inputNano: 1, outputNano: 2, cacheReadNano: 3, cacheWriteNano: 4 });
    expect(same?.version).toBe(one?.version);
    expect(other?.version).not.toBe(one?.version);
  });

  it.each([
    ["gpt-4o", "gpt-4o", 1],
    ["gpt-4o-mini", "gpt-4o*", 2],
    ["gpt-4", "gpt-*", 3],
    ["my-gpt-4o-copy", "*gpt*copy", 4],
    ["other", undefined, undefined],
  ])(
    "finds for %s the exact name, else the longest pattern that fits: %s",
    async (model, _name, inputNano) => {
      const of = (nano: number) => ({ inputNano: nano, outputNano: 0 });
      const overrides = {
        "gpt-*": of(3),
        "gpt-4o*": of(2),
        "gpt-4o": of(1),
        "*gpt*copy": of(4),
        "x**y*": of(9),
      };
      expect((await priceOf("openai-compatible", model, { overrides })).price?.inputNano).toBe(inputNano);
    },
  );

  it("does not take text twice when a pattern's ends overlap", async () => {
    const overrides = { "aba*aba": { inputNano: 1, outputNano: 1 } };
    expect((await priceOf("mock", "aba", { overrides })).price).toBe(null);
    expect((await priceOf("mock", "abaaba", { overrides })).price).not.toBe(null);
  });
});

describe("the memory of prices", () => {
  it("answers for the data, and for what the data does not know, until the data changes", async () => {
    const { memory, kept } = memoryOf();
    await createPriceBook(memory).priceOf(asked("openai", "gpt-4o"), NOVEMBER_2026);
    await createPriceBook(memory).priceOf(asked("openai", "nothing"), NOVEMBER_2026);
    expect([...kept.keys()]).toEqual(["data openai/gpt-4o", "data openai/nothing"]);
    kept.set(
      "data openai/gpt-4o",
      recordText({ version: DATA_VERSION, prices: [{ price: { inputNano: 5, outputNano: 6 } }] }),
    );
    kept.set("data openai/nothing", recordText({ version: "genai-prices@0.0.1", prices: null }));
    const again = await createPriceBook(memory).priceOf(asked("openai", "gpt-4o"), NOVEMBER_2026);
    expect(again.price).toEqual({ inputNano: 5, outputNano: 6 });
    await createPriceBook(memory).priceOf(asked("openai", "nothing"), NOVEMBER_2026);
    expect(kept.get("data openai/nothing")).toBe(recordText({ version: DATA_VERSION, prices: null }));
  });

  it.each([
    "",
    "null",
    "[]",
    "{",
    '{"version":1,"prices":null}',
    `{"version":"${DATA_VERSION}","prices":[{"price":{"inputNano":-1,"outputNano":1}}]}`,
    `{"version":"${DATA_VERSION}","prices":[{"price":{"inputNano":0.5,"outputNano":1}}]}`,
    `{"version":"${DATA_VERSION}","prices":[{"price":{"inputNano":1e309,"outputNano":1}}]}`,
    `{"version":"${DATA_VERSION}","prices":[{"price":{"inputNano":1}}]}`,
    `{"version":"${DATA_VERSION}","prices":[{"price":{"inputNano":1,"outputNano":1,"tiers":[{"aboveTokens":"x"}]}}]}`,
    `{"version":"${DATA_VERSION}","prices":[{"price":{"inputNano":1,"outputNano":1},"sinceMs":"now"}]}`,
  ])("that holds nonsense is no memory: %s", async (text) => {
    const { memory } = memoryOf({ "data openai/gpt-4o": text, [importKey("openai", "gpt-4o")]: text });
    const priced = await createPriceBook(memory).priceOf(asked("openai", "gpt-4o"), NOVEMBER_2026);
    expect(priced).toMatchObject({ version: DATA_VERSION, price: { inputNano: 2_500_000_000 } });
  });

  it("keeps hours of the day apart, over midnight too", async () => {
    const hour = 3_600_000;
    const at = (inputNano: number) => ({ inputNano, outputNano: 0 });
    const { memory } = memoryOf({
      [importKey("openai", "m")]: recordText({
        version: "import:00000000",
        prices: [
          { price: at(1) },
          { price: at(2), hours: { fromMs: 22 * hour, untilMs: 2 * hour } },
          { price: at(3), hours: { fromMs: 10 * hour, untilMs: 11 * hour } },
        ],
      }),
    });
    const book = createPriceBook(memory);
    const costs = [0, 2, 9.99, 10, 10.99, 11, 21.99, 22, 23.99].map(async (hours) => {
      const { price } = await book.priceOf(asked("openai", "m"), Date.UTC(2026, 0, 5) + hours * hour);
      return price?.inputNano;
    });
    expect(await Promise.all(costs)).toEqual([2, 1, 1, 3, 3, 1, 1, 2, 2]);
  });
});
