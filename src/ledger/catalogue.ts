import { RiptideError } from "../core/errors.ts";
import { clampNano } from "../core/money.ts";
import { DOLLARS_PER_TOKEN, nanoPerMillion } from "./decimal.ts";
import type { Price, UnitPrice } from "./price.ts";

/** A price of a catalogue, under the provider type it is for. */
export interface CatalogueEntry {
  readonly providerType: string;
  readonly model: string;
  readonly price: Price;
}

export interface Catalogue {
  readonly entries: readonly CatalogueEntry[];
  /** Entries of other vendors, and of models that are not charged by the token. */
  readonly passedOver: number;
}

/** The fields of LiteLLM's catalogue, in dollars per token. */
const FIELDS = {
  inputNano: "input_cost_per_token",
  outputNano: "output_cost_per_token",
  cacheReadNano: "cache_read_input_token_cost",
  cacheWriteNano: "cache_creation_input_token_cost",
  reasoningNano: "output_cost_per_reasoning_token",
} as const satisfies Record<keyof UnitPrice, string>;

/** Its vendors, as provider types. Everything that begins with `vertex_ai` is Vertex AI. */
const TYPES: ReadonlyMap<string, string> = new Map([
  ["openai", "openai"],
  ["text-completion-openai", "openai"],
  ["anthropic", "anthropic"],
  ["azure", "azure-openai"],
  ["azure_ai", "azure-openai"],
  ["bedrock", "bedrock"],
  ["bedrock_converse", "bedrock"],
  ["ollama", "ollama"],
  ["ollama_chat", "ollama"],
  ["openai_like", "openai-compatible"],
  ["custom_openai", "openai-compatible"],
  ["hosted_vllm", "openai-compatible"],
]);

/** No model costs a cent per token, 10,000 dollars per million; who gives more means dollars per million. */
const MAX_NANO_PER_MILLION = 10_000 * 1_000_000_000;

type Fields = Readonly<Record<string, unknown>>;

/**
 * Reads a price catalogue in LiteLLM's format, an object of entries by model name.
 * @throws RiptideError `usage` naming `file`, the entry and the field that are wrong
 */
export function readCatalogue(text: string, file: string): Catalogue {
  const all = Object.entries(objectOf(parsed(text, file), file, "a price catalogue"));
  const models = all.filter(([name]) => name !== "sample_spec");
  const entries = models.flatMap(([name, value]) => entryOf(name, objectOf(value, file, `"${name}"`), file));
  if (models.length > 0 && entries.length === 0) {
    throw new RiptideError("usage", `${file}: no entry has a price for a provider type known here`, {
      reasons: [
        `each wants ${FIELDS.inputNano}, and one of ${[...TYPES.keys()].join(", ")}, vertex_ai as litellm_provider`,
      ],
    });
  }
  return { entries, passedOver: models.length - entries.length };
}

function parsed(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const problem = cause instanceof Error ? cause.message : String(cause);
    throw new RiptideError("usage", `${file}: not JSON: ${problem}`, { cause });
  }
}

function objectOf(value: unknown, file: string, what: string): Fields {
  // Arrays are objects to typeof alone.
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return { ...value };
  throw new RiptideError("usage", `${file}: ${what} is not a JSON object`);
}

function entryOf(name: string, fields: Fields, file: string): readonly CatalogueEntry[] {
  const providerType = typeOf(fields.litellm_provider);
  if (providerType === undefined) return [];
  const given = pricesOf(name, fields, file);
  const base = unitPrice(given, "", fields.mode === "embedding");
  if (!base) return [];
  const tiers = lengthsOf(given).map((thousands, index, all) => {
    // What a tier leaves out it takes from the shorter ones.
    const parts = all.slice(0, index + 1).map((length) => partsOf(given, `_above_${length}k_tokens`));
    return { aboveTokens: clampNano(thousands * 1_000n), ...base, ...Object.assign({}, ...parts) };
  });
  const price = tiers.length === 0 ? base : { ...base, tiers };
  return [{ providerType, model: modelOf(name), price }];
}

function typeOf(vendor: unknown): string | undefined {
  if (typeof vendor !== "string") return undefined;
  return vendor.startsWith("vertex_ai") ? "vertex" : TYPES.get(vendor);
}

/** `azure/gpt-4o` and `vertex_ai/claude-…` carry their vendor in front. */
function modelOf(name: string): string {
  const [, vendor, model] = /^([^/]+)\/(.+)$/.exec(name) ?? [];
  return vendor !== undefined && model !== undefined && typeOf(vendor) !== undefined ? model : name;
}

/** Every field that is a price of tokens, in nano-dollars per million. */
function pricesOf(name: string, fields: Fields, file: string): ReadonlyMap<string, number> {
  const names = Object.values(FIELDS).join("|");
  const isPrice = new RegExp(`^(?:${names})(?:_above_\\d{1,5}k_tokens)?$`);
  const given = Object.entries(fields).filter(([field, value]) => isPrice.test(field) && value !== null);
  return new Map(given.map(([field, value]) => [field, checked(value, `${file}: "${name}": ${field}`)]));
}

function checked(value: unknown, where: string): number {
  const nano = nanoPerMillion(value, DOLLARS_PER_TOKEN);
  if (nano !== undefined && nano <= MAX_NANO_PER_MILLION) return nano;
  throw new RiptideError("usage", `${where} is not the price of a token: ${shown(value)}`, {
    reasons: ["it is a number of dollars from 0 to 0.01, such as 2.5e-06; per token, not per million"],
  });
}

const shown = (value: unknown): string =>
  (typeof value === "number" ? String(value) : JSON.stringify(value)).slice(0, 40);

/** The prices of one length of prompt; only embeddings have no output. */
function unitPrice(
  given: ReadonlyMap<string, number>,
  suffix: string,
  isEmbedding: boolean,
): UnitPrice | undefined {
  const { inputNano, outputNano, ...rest } = partsOf(given, suffix);
  const paidOutput = isEmbedding ? 0 : outputNano;
  return inputNano === undefined || paidOutput === undefined
    ? undefined
    : { ...rest, inputNano, outputNano: paidOutput };
}

function partsOf(given: ReadonlyMap<string, number>, suffix: string): Partial<UnitPrice> {
  const parts = Object.entries(FIELDS).flatMap(([part, field]) => {
    const nano = given.get(`${field}${suffix}`);
    return nano === undefined ? [] : [[part, nano] as const];
  });
  return Object.fromEntries(parts);
}

/** The lengths of prompt, in thousands of tokens, from which on other prices hold. */
function lengthsOf(given: ReadonlyMap<string, number>): readonly bigint[] {
  const lengths = [...given.keys()].flatMap((field) => /_above_(\d+)k_tokens$/.exec(field)?.[1] ?? []);
  return [...new Set(lengths.map(BigInt))].toSorted((one, other) => (one < other ? -1 : 1));
}
