import { usdText } from "../core/money.ts";
import type { Priced, UnitPrice } from "../ledger/price.ts";
import type { Target } from "../routing/target.ts";
import { type CsvCell, csvText } from "./csv.ts";
import type { Column } from "./table.ts";

/** A model with what it costs now. */
export interface PriceRow extends Target {
  readonly priced: Priced;
}

/** The document `riptide.prices/1`; `version` names the price data behind it. */
export const pricesDocument = (version: string, rows: readonly PriceRow[]) => ({
  schema: "riptide.prices/1",
  version,
  prices: rows.map(priceEntry),
});

function priceEntry({ provider, model, priced }: PriceRow) {
  const { price, version } = priced;
  return {
    provider,
    model,
    ...figures(price),
    source: sourceWord(priced),
    priced: price !== null,
    price_version: version,
    tiers: (price?.tiers ?? []).map((tier) => ({ above_tokens: tier.aboveTokens, ...figures(tier) })),
  };
}

/** What each kind of token is charged by; a kind without a price of its own by that of its whole. */
function figures(price: UnitPrice | null) {
  const usd = (nano: number | undefined) => (price && nano !== undefined ? usdText(nano) : null);
  return {
    input_usd_per_mtok: usd(price?.inputNano),
    output_usd_per_mtok: usd(price?.outputNano),
    cache_read_usd_per_mtok: usd(price?.cacheReadNano ?? price?.inputNano),
    cache_write_usd_per_mtok: usd(price?.cacheWriteNano ?? price?.inputNano),
    reasoning_usd_per_mtok: usd(price?.reasoningNano ?? price?.outputNano),
  };
}

/** What the user gave is an override, by file or by catalogue; what the program knows is built in. */
function sourceWord({ source }: Priced): "builtin" | "override" | null {
  if (source === null) return null;
  return source === "override" || source === "import" ? "override" : "builtin";
}

const CSV_FIELDS = [
  ...["provider", "model", "above_tokens", "input_usd_per_mtok", "output_usd_per_mtok"],
  ...["cache_read_usd_per_mtok", "cache_write_usd_per_mtok", "reasoning_usd_per_mtok", "price_version"],
];

/** One row for each model and, where longer prompts cost more, one for each length. */
export function pricesCsv(rows: readonly PriceRow[]): string {
  const cells = rows.flatMap(({ provider, model, priced: { price, version } }) =>
    [{ aboveTokens: 0, unit: price }, ...tiersOf(price)].map(({ aboveTokens, unit }): readonly CsvCell[] => [
      provider,
      model,
      aboveTokens,
      ...Object.values(figures(unit)),
      version,
    ]),
  );
  return csvText(CSV_FIELDS, cells);
}

const HEADS = ["input", "output", "cached", "to cache"] as const;

/** A table in dollars per million tokens. Where longer prompts cost more, they stand in rows of their own. */
export function priceTable(rows: readonly PriceRow[]): {
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly string[])[];
} {
  return {
    columns: [
      { head: "model" },
      ...HEADS.map((head): Column => ({ head, align: "right" })),
      { head: "price", paint: (cell) => (cell === UNPRICED ? "yellow" : "dim") },
    ],
    rows: rows.flatMap(({ provider, model, priced: { price, version } }) => [
      [`${provider}/${model}`, ...cellsOf(price), version ?? UNPRICED],
      ...tiersOf(price).map(({ aboveTokens, unit }) => [
        `  above ${grouped(aboveTokens)}`,
        ...cellsOf(unit),
        "",
      ]),
    ]),
  };
}

const UNPRICED = "unpriced";

const tiersOf = (price: Priced["price"]) =>
  (price?.tiers ?? []).map((tier) => ({ aboveTokens: tier.aboveTokens, unit: tier }));

function cellsOf(price: UnitPrice | null): readonly string[] {
  const { reasoning_usd_per_mtok: _, ...shown } = figures(price);
  return Object.values(shown).map((usd) => (usd === null ? "-" : exactUsd(usd)));
}

/** No digit is rounded away, unlike in amounts: a price is looked up to be compared with a price list. */
function exactUsd(usd: string): string {
  const [whole, decimals = ""] = usd.split(".");
  return `$${whole}.${decimals.padEnd(2, "0")}`;
}

const grouped = (count: number): string => String(count).replace(/\B(?=(\d{3})+$)/g, ",");
