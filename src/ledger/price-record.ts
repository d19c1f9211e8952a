import { DAY_MS } from "../core/period.ts";
import type { DatedPrice, Price, PriceRecord, UnitPrice } from "./price.ts";

/** A record as the text it is remembered by. */
export const recordText = (record: PriceRecord): string => JSON.stringify(record);

/** Reads a remembered record; undefined for a text that is none, or whose figures nobody could have remembered. */
export function readRecord(text: string | undefined): PriceRecord | undefined {
  const record = text === undefined ? undefined : parsed(text);
  return isRecord(record) ? record : undefined;
}

/** The price that holds at a moment. */
export function priceAt(prices: readonly DatedPrice[], atMs: number): Price | undefined {
  const holding = prices.findLast(({ sinceMs, hours }) => {
    if (sinceMs !== undefined) return atMs >= sinceMs;
    return hours === undefined || isWithin(hours, atMs % DAY_MS);
  });
  // Before the first date of all, the oldest known price is the best guess.
  return (holding ?? prices[0])?.price;
}

function isWithin({ fromMs, untilMs }: NonNullable<DatedPrice["hours"]>, timeMs: number): boolean {
  if (untilMs < fromMs) return timeMs >= fromMs || timeMs < untilMs;
  return timeMs >= fromMs && timeMs < untilMs;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is PriceRecord {
  if (!isObject(value) || typeof value.version !== "string") return false;
  const { prices } = value;
  return prices === null || (Array.isArray(prices) && prices.every(isDated));
}

function isDated(value: unknown): value is DatedPrice {
  if (!isObject(value) || !isUnit(value.price)) return false;
  const { price, sinceMs, hours } = value;
  const isTimed = hours === undefined || (isObject(hours) && isWhole(hours.fromMs) && isWhole(hours.untilMs));
  return isTimed && isOptional(sinceMs) && hasTiers(price);
}

function hasTiers(price: UnitPrice): price is Price {
  const tiers: unknown = "tiers" in price ? price.tiers : [];
  return (
    Array.isArray(tiers) &&
    tiers.every((tier) => isUnit(tier) && "aboveTokens" in tier && isWhole(tier.aboveTokens))
  );
}

function isUnit(value: unknown): value is UnitPrice {
  if (!isObject(value)) return false;
  const { inputNano, outputNano, cacheReadNano, cacheWriteNano, reasoningNano } = value;
  return (
    isWhole(inputNano) &&
    isWhole(outputNano) &&
    [cacheReadNano, cacheWriteNano, reasoningNano].every(isOptional)
  );
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null;
const isWhole = (value: unknown): boolean =>
  typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
const isOptional = (value: unknown): boolean => value === undefined || isWhole(value);
