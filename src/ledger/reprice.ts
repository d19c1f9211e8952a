import { costOf } from "./cost.ts";
import type { Price } from "./price.ts";
import type { GroupKey, ReportRow } from "./report.ts";
import type { TokenCounts } from "./settlement.ts";

/** One attempt of the past. */
export interface PastLine {
  readonly key: GroupKey;
  /** `provider/model` */
  readonly target: string;
  readonly tokens: TokenCounts;
  /** What it is charged whatever a price is: nothing, or what was reserved and never settled; null by its tokens. */
  readonly fixedNano: bigint | null;
}

/** What lines come to at other prices than they were booked at. */
export interface Repriced {
  readonly nano: bigint;
  /** Lines whose model has no price now; they are not in the amount. */
  readonly unpriced: number;
}

const NOTHING: Repriced = { nano: 0n, unpriced: 0 };

/** Adds up lines at these prices, by the keys of a report's rows, and altogether. */
export function reprice(
  lines: Iterable<PastLine>,
  prices: ReadonlyMap<string, Price | null>,
): { readonly of: (row: Pick<ReportRow, "key">) => Repriced; readonly total: Repriced } {
  const groups = new Map<string, Repriced>();
  let total = NOTHING;
  for (const line of lines) {
    const more = lineAt(line, prices.get(line.target) ?? null);
    const id = idOf(line.key);
    groups.set(id, sum(groups.get(id) ?? NOTHING, more));
    total = sum(total, more);
  }
  return { of: ({ key }) => groups.get(idOf(key)) ?? NOTHING, total };
}

function lineAt({ fixedNano, tokens }: PastLine, price: Price | null): Repriced {
  if (fixedNano !== null) return { nano: fixedNano, unpriced: 0 };
  return price ? { nano: BigInt(costOf(tokens, price)), unpriced: 0 } : { nano: 0n, unpriced: 1 };
}

const sum = (one: Repriced, other: Repriced): Repriced => ({
  nano: one.nano + other.nano,
  unpriced: one.unpriced + other.unpriced,
});

const idOf = (key: GroupKey): string => JSON.stringify(Object.values(key));

/** The amount; null where nothing of it has a price, because that is not free. */
export const repricedNano = ({ nano, unpriced }: Repriced): bigint | null =>
  nano === 0n && unpriced > 0 ? null : nano;
