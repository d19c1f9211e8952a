import type { Price } from "../../src/ledger/price.ts";

/** Dollars per million tokens, as price lists give them. */
interface Listed {
  readonly input: number;
  readonly output: number;
  readonly read?: number;
  readonly write?: number;
  readonly reasoning?: number;
}

/** Tokens: whole prompt, of it read from cache, of it written to cache, whole output, of it reasoning. */
export type Tokens = readonly [input: number, read: number, write: number, output: number, reasoning: number];

export interface CostCase {
  readonly what: string;
  readonly price: Price;
  readonly tokens: Tokens;
  /** Computed by hand. */
  readonly nano: number;
}

const unit = ({ input, output, read, write, reasoning }: Listed) => ({
  inputNano: Math.round(input * 1e9),
  outputNano: Math.round(output * 1e9),
  ...(read !== undefined && { cacheReadNano: Math.round(read * 1e9) }),
  ...(write !== undefined && { cacheWriteNano: Math.round(write * 1e9) }),
  ...(reasoning !== undefined && { reasoningNano: Math.round(reasoning * 1e9) }),
});

/** A price, dearer for whole prompts above so many tokens. */
export const priced = (
  listed: Listed,
  ...tiers: readonly (Listed & { readonly above: number })[]
): Price => ({
  ...unit(listed),
  ...(tiers.length > 0 && { tiers: tiers.map((tier) => ({ aboveTokens: tier.above, ...unit(tier) })) }),
});

const GPT_4O = priced({ input: 2.5, read: 1.25, output: 10 });
const GPT_4O_MINI = priced({ input: 0.15, read: 0.075, output: 0.6 });
const O3 = priced({ input: 2, read: 0.5, output: 8 });
const GPT_5_4 = priced(
  { input: 2.5, read: 0.25, output: 15 },
  { above: 271_999, input: 5, read: 0.5, output: 22.5 },
);
const GPT_5_6_TERRA = priced(
  { input: 2, read: 0.2, write: 2.5, output: 12 },
  { above: 271_999, input: 4, read: 0.4, write: 5, output: 18 },
);
const EMBED_SMALL = priced({ input: 0.02, output: 0 });
const OPUS_4 = priced({ input: 15, read: 1.5, write: 18.75, output: 75 });
const OPUS_5 = priced({ input: 5, read: 0.5, write: 6.25, output: 25 });
const FABLE_5_1 = priced({ input: 10, read: 0.25, write: 12.5, output: 50 });
const HAIKU_4_5 = priced({ input: 1, read: 0.1, write: 1.25, output: 5 });
const HAIKU_5_5 = priced(
  { input: 0.1, read: 0.01, write: 0.125, output: 0.5 },
  { above: 100_000, input: 0.5, read: 0.05, write: 0.625, output: 2.5 },
);
const SONNET_4_5 = priced(
  { input: 3, read: 0.3, write: 3.75, output: 15 },
  { above: 200_000, input: 6, read: 0.6, write: 7.5, output: 22.5 },
);
const AZURE_O4_MINI = priced({ input: 1.1, read: 0.28, output: 4.4 });
const BEDROCK_SONNET_4_5 = priced({ input: 3.3, read: 0.33, write: 4.125, output: 16.5 });
const NOVA_MICRO = priced({ input: 0.035, read: 0.00875, output: 0.14 });
const NOVA_PRO = priced({ input: 0.8, read: 0.2, output: 3.2 });
const LLAMA_70B = priced({ input: 0.72, output: 0.72 });
const TITAN_V2 = priced({ input: 0.02, output: 0 });
const GEMINI_PRO = priced(
  { input: 1.25, read: 0.125, output: 10 },
  { above: 200_000, input: 2.5, read: 0.25, output: 15 },
);
const GEMINI_FLASH = priced({ input: 0.3, read: 0.03, output: 2.5 });
const FREE = priced({ input: 0, output: 0 });
const THINKER = priced({ input: 1, output: 4, reasoning: 6 });
const STAIRS = priced(
  { input: 1, output: 2 },
  { above: 100, input: 2, output: 4 },
  { above: 200, input: 3, output: 6 },
);
const DUST: Price = { inputNano: 1, outputNano: 1, cacheReadNano: 1, cacheWriteNano: 1, reasoningNano: 1 };

const row = (what: string, price: Price, tokens: Tokens, nano: number): CostCase => ({
  what,
  price,
  tokens,
  nano,
});

/**
 * Figures that the vendors publish, each with the page it is from: a price list's own unit, or an example it computes.
 */
export const PUBLISHED: readonly CostCase[] = [
  // openai.com/api/pricing: dollars per 1M tokens, so a million of them costs what the list says.
  row("OpenAI, gpt-4o: 1M input is $2.50", GPT_4O, [1_000_000, 0, 0, 0, 0], 2_500_000_000),
  row("OpenAI, gpt-4o: 1M cached input is $1.25", GPT_4O, [1_000_000, 1_000_000, 0, 0, 0], 1_250_000_000),
  row("OpenAI, gpt-4o: 1M output is $10", GPT_4O, [0, 0, 0, 1_000_000, 0], 10_000_000_000),
  row("OpenAI, o3: 1M output is $8, reasoning or not", O3, [0, 0, 0, 1_000_000, 400_000], 8_000_000_000),
  // developers.openai.com/api/docs/models/text-embedding-3-small: $0.02 per 1M tokens.
  row("OpenAI, text-embedding-3-small: 1M is $0.02", EMBED_SMALL, [1_000_000, 0, 0, 0, 0], 20_000_000),
  // platform.claude.com/docs/en/about-claude/pricing, "Model pricing", the columns of the table.
  row(
    "Anthropic, Opus 5: 1M 5m cache writes are $6.25",
    OPUS_5,
    [1_000_000, 0, 1_000_000, 0, 0],
    6_250_000_000,
  ),
  row("Anthropic, Opus 5: 1M cache hits are $0.50", OPUS_5, [1_000_000, 1_000_000, 0, 0, 0], 500_000_000),
  row(
    "Anthropic, Fable 5.1: 1M cache hits are $0.25",
    FABLE_5_1,
    [1_000_000, 1_000_000, 0, 0, 0],
    250_000_000,
  ),
  row("Anthropic, Opus 4: 1M in and 1M out is $90", OPUS_4, [1_000_000, 0, 0, 1_000_000, 0], 90_000_000_000),
  // The same page, "Long context pricing", for Sonnet 4.5: above 200,000 tokens of prompt $6 in and $22.50 out.
  row("Anthropic, Sonnet 4.5 at 200,000", SONNET_4_5, [200_000, 0, 0, 1_000_000, 0], 15_600_000_000),
  row("Anthropic, Sonnet 4.5 above 200,000", SONNET_4_5, [200_001, 0, 0, 1_000_000, 0], 23_700_006_000),
  // ai.google.dev/gemini-api/docs/pricing, Gemini 2.5 Pro: $1.25 and $10 up to 200k, $2.50 and $15 above.
  row("Google, Gemini 2.5 Pro at 200k", GEMINI_PRO, [200_000, 0, 0, 100_000, 0], 1_250_000_000),
  row("Google, Gemini 2.5 Pro above 200k", GEMINI_PRO, [300_000, 0, 0, 100_000, 0], 2_250_000_000),
  // aws.amazon.com/bedrock/pricing: per 1,000 tokens Nova Micro $0.000035 and $0.00014, Titan Embeddings V2 $0.00002.
  row("Amazon, Nova Micro: 1,000 in and 1,000 out", NOVA_MICRO, [1_000, 0, 0, 1_000, 0], 175_000),
  row("Amazon, Titan Text Embeddings V2: 1,000", TITAN_V2, [1_000, 0, 0, 0, 0], 20_000),
];

/** Everything else, by hand. */
export const COMPUTED: readonly CostCase[] = [
  row("OpenAI, nothing at all", GPT_4O, [0, 0, 0, 0, 0], 0),
  row("OpenAI, one token in", GPT_4O, [1, 0, 0, 0, 0], 2_500),
  row("OpenAI, a short question", GPT_4O, [412, 0, 0, 96, 0], 1_990_000),
  row("OpenAI, half of it cached", GPT_4O, [2_048, 1_024, 0, 256, 0], 6_400_000),
  row("OpenAI, all of it cached", GPT_4O, [2_048, 2_048, 0, 0, 0], 2_560_000),
  row("OpenAI, reasoning is part of the output", O3, [1_000, 0, 0, 5_000, 4_500], 42_000_000),
  row("OpenAI, output that is all reasoning", O3, [10, 0, 0, 64, 64], 532_000),
  row("OpenAI mini, one token in", GPT_4O_MINI, [1, 0, 0, 0, 0], 150),
  row("OpenAI mini, one cached token", GPT_4O_MINI, [1, 1, 0, 0, 0], 75),
  row("OpenAI mini, a page in and out", GPT_4O_MINI, [800, 0, 0, 500, 0], 420_000),
  row("OpenAI, one token under the border", GPT_5_4, [271_999, 0, 0, 1_000, 0], 694_997_500),
  row("OpenAI, at the border", GPT_5_4, [272_000, 0, 0, 1_000, 0], 1_382_500_000),
  row("OpenAI, cached tokens count for the border", GPT_5_4, [272_000, 271_000, 0, 0, 0], 140_500_000),
  row("OpenAI, cached under the border", GPT_5_4, [271_999, 271_000, 0, 0, 0], 70_247_500),
  row("OpenAI, cache writes", GPT_5_6_TERRA, [10_000, 0, 8_000, 500, 0], 30_000_000),
  row("OpenAI, reads and writes", GPT_5_6_TERRA, [10_000, 4_000, 5_000, 500, 200], 21_300_000),
  row(
    "OpenAI, writes beyond the border",
    GPT_5_6_TERRA,
    [300_000, 100_000, 150_000, 2_000, 0],
    1_026_000_000,
  ),
  row("OpenAI, embedding of one token", EMBED_SMALL, [1, 0, 0, 0, 0], 20),
  row("OpenAI, embedding of 8,191", EMBED_SMALL, [8_191, 0, 0, 0, 0], 163_820),
  row("Anthropic, an agent", OPUS_5, [50_000, 0, 0, 15_000, 0], 625_000_000),
  row("Anthropic, an agent with cache", OPUS_5, [50_000, 40_000, 0, 15_000, 0], 445_000_000),
  row("Anthropic, a first turn that writes", HAIKU_4_5, [5_100, 0, 5_000, 300, 0], 7_850_000),
  row("Anthropic, a second turn that reads", HAIKU_4_5, [5_200, 5_000, 0, 300, 0], 2_200_000),
  row("Anthropic, reads and writes in one", HAIKU_4_5, [10_000, 6_000, 3_000, 400, 100], 7_350_000),
  row("Anthropic, one token written", HAIKU_4_5, [1, 0, 1, 0, 0], 1_250),
  row("Anthropic, one token of everything", OPUS_5, [3, 1, 1, 2, 1], 61_750),
  row("Anthropic, Haiku 5.5 at its border", HAIKU_5_5, [100_000, 0, 0, 1_000, 0], 10_500_000),
  row("Anthropic, Haiku 5.5 over its border", HAIKU_5_5, [100_001, 0, 0, 1_000, 0], 52_500_500),
  row("Anthropic, Haiku 5.5, all cached, over", HAIKU_5_5, [200_000, 200_000, 0, 0, 0], 10_000_000),
  row("Anthropic, long and written", SONNET_4_5, [250_000, 0, 240_000, 1_000, 0], 1_882_500_000),
  row(
    "Anthropic, the border counts written tokens",
    SONNET_4_5,
    [200_001, 100_000, 100_000, 0, 0],
    810_006_000,
  ),
  row(
    "Anthropic, read and written at the border",
    SONNET_4_5,
    [200_000, 100_000, 100_000, 0, 0],
    405_000_000,
  ),
  row("Azure, o4-mini with reasoning", AZURE_O4_MINI, [1_500, 0, 0, 2_500, 2_000], 12_650_000),
  row("Azure, o4-mini cached", AZURE_O4_MINI, [1_500, 1_024, 0, 100, 0], 1_250_320),
  row("Azure, one token out", AZURE_O4_MINI, [0, 0, 0, 1, 0], 4_400),
  row("Azure, one cached token", AZURE_O4_MINI, [1, 1, 0, 0, 0], 280),
  row("Azure, gpt-4o at OpenAI's price", GPT_4O, [100, 0, 0, 100, 0], 1_250_000),
  row("Bedrock, Claude through a region", BEDROCK_SONNET_4_5, [1_000, 0, 0, 1_000, 0], 19_800_000),
  row("Bedrock, Claude with cache", BEDROCK_SONNET_4_5, [3_000, 1_000, 1_000, 10, 0], 7_920_000),
  row("Bedrock, one written token", BEDROCK_SONNET_4_5, [1, 0, 1, 0, 0], 4_125),
  row("Bedrock, Nova Micro, one cached token rounds up", NOVA_MICRO, [1, 1, 0, 0, 0], 9),
  row("Bedrock, Nova Micro, four cached tokens are whole", NOVA_MICRO, [4, 4, 0, 0, 0], 35),
  row("Bedrock, Nova Micro, one in and one cached", NOVA_MICRO, [2, 1, 0, 0, 0], 44),
  row("Bedrock, Nova Pro", NOVA_PRO, [2_000, 500, 0, 750, 0], 3_700_000),
  row("Bedrock, Llama costs in what it costs out", LLAMA_70B, [333, 0, 0, 667, 0], 720_000),
  row("Bedrock, cached tokens without a price are input", LLAMA_70B, [1_000, 400, 100, 0, 0], 720_000),
  row("Bedrock, Titan embedding of 8,192", TITAN_V2, [8_192, 0, 0, 0, 0], 163_840),
  row("Vertex, Gemini Flash", GEMINI_FLASH, [1_000, 0, 0, 1_000, 900], 2_800_000),
  row("Vertex, Gemini Flash cached", GEMINI_FLASH, [10_000, 9_000, 0, 100, 0], 820_000),
  row("Vertex, Gemini Pro one over its border", GEMINI_PRO, [200_001, 0, 0, 0, 0], 500_002_500),
  row(
    "Vertex, Gemini Pro cached over its border",
    GEMINI_PRO,
    [400_000, 300_000, 0, 2_000, 1_500],
    355_000_000,
  ),
  row("Vertex, Gemini Pro one token each", GEMINI_PRO, [1, 0, 0, 1, 0], 11_250),
  row("Ollama, a thousand tokens", FREE, [1_000, 0, 0, 1_000, 0], 0),
  row("Ollama, a billion tokens", FREE, [1_000_000_000, 0, 0, 1_000_000_000, 0], 0),
  row("reasoning with a price of its own", THINKER, [1_000, 0, 0, 1_000, 600], 6_200_000),
  row("reasoning alone with a price of its own", THINKER, [0, 0, 0, 10, 10], 60_000),
  row("below the first of two borders", STAIRS, [100, 0, 0, 10, 0], 120_000),
  row("between two borders", STAIRS, [101, 0, 0, 10, 0], 242_000),
  row("at the second border", STAIRS, [200, 0, 0, 10, 0], 440_000),
  row("above the second border", STAIRS, [201, 0, 0, 10, 0], 663_000),
  row("a billionth of a nano-dollar's worth rounds up", DUST, [1, 0, 0, 0, 0], 1),
  row("five fractions on one line round up once", DUST, [3, 1, 1, 2, 1], 1),
  row("exactly one nano-dollar is one", DUST, [600_000, 100_000, 100_000, 400_000, 0], 1),
  row("one token more is two", DUST, [600_001, 100_000, 100_000, 400_000, 0], 2),
  row("a billion tokens of input", GPT_4O_MINI, [1_000_000_000, 0, 0, 0, 0], 150_000_000_000),
  row("a billion and one", NOVA_MICRO, [1_000_000_001, 0, 0, 0, 0], 35_000_000_035),
  row("a billion of each", SONNET_4_5, [1_000_000_000, 0, 0, 1_000_000_000, 0], 28_500_000_000_000),
  row("a billion odd cached tokens", NOVA_MICRO, [999_999_999, 999_999_999, 0, 0, 0], 8_749_999_992),
  row(
    "more than can be counted is the most that can",
    OPUS_4,
    [9e15, 0, 0, 9e15, 0],
    Number.MAX_SAFE_INTEGER,
  ),
  row("cached parts above the whole are charged as claimed", GPT_4O, [10, 20, 0, 0, 0], 25_000),
  row("reasoning above the output is charged as claimed", O3, [0, 0, 0, 5, 10], 80_000),
];
