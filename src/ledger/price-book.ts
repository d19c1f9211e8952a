import type { Priced, PriceMemory, PriceRecord } from "./price.ts";
import { correctionOf } from "./price-corrections.ts";
import { type OverridePrice, overrideFor } from "./price-override.ts";
import { priceAt, readRecord, recordText } from "./price-record.ts";

/** A model whose price is asked for. */
export interface PricedModel {
  readonly providerType: string;
  readonly model: string;
  /** Models of this type cost nothing unless a price is given. */
  readonly isFree: boolean;
  /** What the configuration says, by model name; a `*` in a name stands for any text. */
  readonly overrides: Readonly<Record<string, OverridePrice>>;
}

export interface PriceBook {
  /** What a model costs at a moment (Unix milliseconds). */
  priceOf(model: PricedModel, atMs: number): Promise<Priced>;
}

/** The bundled price data, under the name that is stored with each line it priced. */
export const DATA_VERSION = "genai-prices@0.1.8";

/**
 * Whose price lists a provider type is charged by, in the order in which they are asked. Azure charges OpenAI's models,
 * and Google Anthropic's, worldwide as their makers do, so what their own list lacks is taken from the maker's. A server
 * that only speaks a vendor's dialect sets its own prices whatever its models are called: for it only the user's figures
 * count, and a wrong price would be worse than none.
 */
const PRICE_LISTS: ReadonlyMap<string, readonly string[]> = new Map([
  ["openai", ["openai"]],
  ["anthropic", ["anthropic"]],
  ["azure-openai", ["azure", "openai"]],
  ["bedrock", ["aws"]],
  ["vertex", ["google", "anthropic"]],
]);

/** Enough for any one machine's models, little enough for any memory. */
const MAX_KNOWN = 1_000;

const UNPRICED: Priced = { price: null, version: null, source: null };
const FREE: Priced = { price: { inputNano: 0, outputNano: 0 }, version: "free", source: "free" };

/** Knows what models cost: by the configuration, else the user's catalogue, else the bundled data, else by being free. */
export function createPriceBook(memory: PriceMemory | undefined): PriceBook {
  const known = new Map<string, PriceRecord>();
  const overridden = new WeakMap<PricedModel["overrides"], Map<string, Priced | undefined>>();
  const overriddenPrice = ({ model, overrides }: PricedModel): Priced | undefined => {
    const prices = overridden.get(overrides) ?? new Map<string, Priced | undefined>();
    overridden.set(overrides, prices);
    if (prices.has(model)) return prices.get(model);
    const price = overrideFor(model, overrides);
    const priced: Priced | undefined = price && {
      price,
      version: versionOf("override", JSON.stringify(price)),
      source: "override",
    };
    if (prices.size >= MAX_KNOWN) prices.clear();
    prices.set(model, priced);
    return priced;
  };
  const bundled = async ({ providerType, model }: PricedModel): Promise<PriceRecord | undefined> => {
    const lists = PRICE_LISTS.get(providerType);
    if (lists === undefined) return undefined;
    const key = `data ${modelKey(providerType, model)}`;
    const record = known.get(key) ?? current(memory, key) ?? (await lookUp(lists, model, key, memory));
    if (known.size >= MAX_KNOWN) known.clear();
    known.set(key, record);
    return record;
  };
  return {
    async priceOf(asked, atMs) {
      const { providerType, model } = asked;
      const override = overriddenPrice(asked);
      if (override) return override;
      const imported = readRecord(memory?.recall(importKey(providerType, model)));
      const correction = correctionOf(providerType, model);
      return (
        pricedBy(imported, "import", atMs) ??
        pricedBy(correction, "builtin", atMs) ??
        pricedBy(await bundled(asked), "builtin", atMs) ??
        (asked.isFree ? FREE : UNPRICED)
      );
    },
  };
}

/** Where a price of the user's catalogue is kept. */
export const importKey = (providerType: string, model: string): string =>
  `${IMPORT_PREFIX}${modelKey(providerType, model)}`;
export const IMPORT_PREFIX = "import ";

/** A version that is the same for the same text and hardly for any other: the start of its SHA-256. */
export const versionOf = (kind: "override" | "import", text: string): string => {
  const { createHash } = process.getBuiltinModule("node:crypto");
  return `${kind}:${createHash("sha256").update(text).digest("hex").slice(0, 8)}`;
};

/** Vendors do not tell models apart by case. */
const modelKey = (providerType: string, model: string): string => `${providerType}/${model.toLowerCase()}`;

function pricedBy(
  record: PriceRecord | undefined,
  source: "builtin" | "import",
  atMs: number,
): Priced | undefined {
  const price = record?.prices && priceAt(record.prices, atMs);
  return record && price ? { price, version: record.version, source } : undefined;
}

/** A remembered record of other data is as good as none. */
function current(memory: PriceMemory | undefined, key: string): PriceRecord | undefined {
  const record = readRecord(memory?.recall(key));
  return record?.version === DATA_VERSION ? record : undefined;
}

async function lookUp(
  lists: readonly string[],
  model: string,
  key: string,
  memory: PriceMemory | undefined,
): Promise<PriceRecord> {
  const { bundledPrices } = await import("./price-data.ts");
  const record = { version: DATA_VERSION, prices: bundledPrices(lists, model) ?? null };
  memory?.remember(key, recordText(record));
  return record;
}
