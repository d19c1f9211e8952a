import { type ConditionalPrice, calcPrice, type ModelPrice } from "@pydantic/genai-prices";
import { parseTime } from "../core/clock.ts";
import { DAY_MS } from "../core/period.ts";
import { DOLLARS_PER_MILLION, nanoPerMillion } from "./decimal.ts";
import type { DatedPrice, Price, UnitPrice } from "./price.ts";

/** What the data calls the parts of a price, in dollars per million tokens. */
const PARTS = {
  inputNano: "input_mtok",
  outputNano: "output_mtok",
  cacheReadNano: "cache_read_mtok",
  cacheWriteNano: "cache_write_mtok",
  reasoningNano: "output_reasoning_mtok",
} as const satisfies Record<keyof UnitPrice, string>;

/**
 * What the bundled data says of a model in the first of these price lists that has it; undefined when none does, or
 * nothing that tokens can be charged by. This file is loaded late, because the data is half a megabyte.
 */
export function bundledPrices(lists: readonly string[], model: string): readonly DatedPrice[] | undefined {
  const prices = lists.map((list) => listedPrices(list, model)).find((found) => found !== undefined);
  if (prices === undefined) return undefined;
  const dated = Array.isArray(prices) ? prices.map(datedPrice) : [datedPrice({ prices })];
  // A model of which one price cannot be read has none: the others would be wrong at some moment.
  return dated.every((entry) => entry !== undefined) ? dated : undefined;
}

/** Of this list alone: by itself the package goes on to lists of vendors whose prices are not those charged here. */
function listedPrices(list: string, model: string): ConditionalPrice[] | ModelPrice | undefined {
  const found = calcPrice({}, model, { providerId: list });
  return found?.provider.models.includes(found.model) ? found.model.prices : undefined;
}

function datedPrice({ constraint, prices }: ConditionalPrice): DatedPrice | undefined {
  const price = priceOf(prices);
  if (!price || !constraint) return price && { price };
  if (constraint.type === "start_date") {
    const sinceMs = parseTime(`${constraint.start_date}T00:00:00Z`);
    return sinceMs === undefined ? undefined : { price, sinceMs };
  }
  const fromMs = timeOfDay(constraint.start_time);
  const untilMs = timeOfDay(constraint.end_time);
  return fromMs === undefined || untilMs === undefined ? undefined : { price, hours: { fromMs, untilMs } };
}

/** Milliseconds from midnight UTC of `16:30:00Z`. */
function timeOfDay(text: string): number | undefined {
  const atMs = parseTime(`1970-01-02T${text}`);
  return atMs === undefined ? undefined : atMs % DAY_MS;
}

function priceOf(prices: ModelPrice): Price | undefined {
  const base = unitPrice(prices, -1);
  const starts = Object.values(PARTS).flatMap((part) => tiersOf(prices[part]).map(({ start }) => start));
  const tiers = [...new Set(starts)]
    .toSorted((one, other) => one - other)
    .map((aboveTokens) => {
      const unit = unitPrice(prices, aboveTokens);
      return unit && { aboveTokens, ...unit };
    });
  if (!base || !tiers.every((tier) => tier !== undefined)) return undefined;
  return tiers.length === 0 ? base : { ...base, tiers };
}

/** The unit prices of a prompt that has just passed so many tokens; embeddings have no output to pay. */
function unitPrice(prices: ModelPrice, passed: number): UnitPrice | undefined {
  const parts = Object.entries(PARTS).flatMap(([name, part]) => {
    const dollars = dollarsOf(prices[part], passed);
    return dollars === undefined ? [] : [[name, nanoPerMillion(dollars, DOLLARS_PER_MILLION)] as const];
  });
  const { inputNano, outputNano = 0, ...rest } = Object.fromEntries(parts);
  if (inputNano === undefined || parts.some(([, nano]) => nano === undefined)) return undefined;
  return { inputNano, outputNano, ...rest };
}

type Rate = ModelPrice[string];

function dollarsOf(rate: Rate, passed: number): number | undefined {
  if (typeof rate !== "object") return rate;
  return tiersOf(rate).findLast(({ start }) => start <= passed)?.price ?? rate.base;
}

const tiersOf = (rate: Rate) =>
  typeof rate === "object" ? rate.tiers.toSorted((one, other) => one.start - other.start) : [];
