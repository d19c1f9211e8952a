import type { Repriced } from "./reprice.ts";
import { UNITS, type Unit } from "./zone.ts";

/** What a report can be grouped by, tags aside. */
export const DIMENSIONS = ["provider", "model", "alias", "tenant", "outcome", ...UNITS] as const;
export type Dimension = (typeof DIMENSIONS)[number] | `tag:${string}`;

/** What is added up for each group. Amounts are nano-dollars, in integers of any size. */
export interface UsageSums {
  /** Operations, answered or not. Where a report tells providers or models apart, they count where they were answered. */
  readonly requests: bigint;
  readonly failed: bigint;
  /** Requests with a line whose price is not known. */
  readonly unpriced: bigint;
  /** Requests whose process died. */
  readonly unreconciled: bigint;
  readonly attempts: bigint;
  /** Attempts whose usage is an estimate. */
  readonly estimated: bigint;
  readonly inputTokens: bigint;
  readonly cacheReadTokens: bigint;
  readonly cacheWriteTokens: bigint;
  readonly outputTokens: bigint;
  readonly reasoningTokens: bigint;
  readonly costNano: bigint;
  /** The part of the cost that is a reservation nobody settled. */
  readonly unreconciledNano: bigint;
}

/** The values of a group's dimensions; null where there is none, as for a request without an alias. */
export type GroupKey = Readonly<Record<string, string | null>>;

export interface UsageGroup {
  readonly key: GroupKey;
  readonly sums: UsageSums;
}

export interface ReportRow extends UsageGroup {
  /** Part of all cost, in millionths; null where nothing was spent, or its own cost is not known. */
  readonly share: bigint | null;
  /** The same group in the range before; absent unless asked for. */
  readonly previous?: UsageSums | undefined;
  /** What it would have cost at other prices; absent unless asked for. */
  readonly repriced?: Repriced | undefined;
}

export interface CostReport {
  readonly rows: readonly ReportRow[];
  /** Over all rows, those left out included. */
  readonly totals: ReportRow;
  /** Rows that `top` left out. */
  readonly leftOut: number;
}

export interface ReportOptions {
  readonly by: readonly Dimension[];
  /** Largest first for sums, ascending for dimensions; absent: by time, then by cost. */
  readonly sort?: SortField | undefined;
  readonly top?: number | undefined;
  /** The groups of the range before. */
  readonly previous?: readonly UsageGroup[] | undefined;
}

export type SortField = keyof UsageSums | Dimension;

const NOTHING: UsageSums = sumsBy(() => 0n);
const MILLION = 1_000_000n;

/** Sorted rows with their shares, and the totals. Groups of one key are added up. */
export function buildReport(groups: readonly UsageGroup[], options: ReportOptions): CostReport {
  const now = merged(groups);
  const before = options.previous && merged(options.previous);
  const total = addAll(now.values());
  const rowOf = (id: string, { key }: UsageGroup): ReportRow => {
    const sums = now.get(id)?.sums ?? NOTHING;
    const previous = before && { previous: before.get(id)?.sums ?? NOTHING };
    return {
      key,
      sums,
      share: costOf(sums) === null ? null : shareOf(sums.costNano, total.costNano),
      ...previous,
    };
  };
  const all = new Map([...(before ?? []), ...now]);
  const rows = [...all].map(([id, group]) => rowOf(id, group)).toSorted(orderOf(options));
  const kept = options.top === undefined ? rows : rows.slice(0, options.top);
  return {
    rows: kept,
    totals: {
      key: {},
      sums: total,
      share: shareOf(total.costNano, total.costNano),
      ...(before && { previous: addAll(before.values()) }),
    },
    leftOut: rows.length - kept.length,
  };
}

/** What a group cost; null when all that is known of it has no price, because that is not free. */
export const costOf = ({ costNano, unpriced, requests }: UsageSums): bigint | null =>
  costNano === 0n && unpriced > 0n && unpriced >= requests ? null : costNano;

/** A part of a whole in millionths, rounded; null of nothing. */
export const shareOf = (part: bigint, whole: bigint): bigint | null =>
  whole === 0n ? null : (2n * part * MILLION + whole) / (2n * whole);

/** True for the dimensions that are lengths of time. */
export const isUnit = (dimension: string): dimension is Unit => UNITS.some((unit) => unit === dimension);

function merged(groups: readonly UsageGroup[]): ReadonlyMap<string, UsageGroup> {
  const byKey = new Map<string, UsageGroup>();
  for (const { key, sums } of groups) {
    const id = JSON.stringify(Object.values(key));
    const known = byKey.get(id);
    byKey.set(id, { key, sums: known ? add(known.sums, sums) : sums });
  }
  return byKey;
}

const addAll = (groups: Iterable<UsageGroup>): UsageSums =>
  [...groups].reduce((total, { sums }) => add(total, sums), NOTHING);

const add = (one: UsageSums, other: UsageSums): UsageSums => sumsBy((name) => one[name] + other[name]);

function sumsBy(value: (name: keyof UsageSums) => bigint): UsageSums {
  return {
    requests: value("requests"),
    failed: value("failed"),
    unpriced: value("unpriced"),
    unreconciled: value("unreconciled"),
    attempts: value("attempts"),
    estimated: value("estimated"),
    inputTokens: value("inputTokens"),
    cacheReadTokens: value("cacheReadTokens"),
    cacheWriteTokens: value("cacheWriteTokens"),
    outputTokens: value("outputTokens"),
    reasoningTokens: value("reasoningTokens"),
    costNano: value("costNano"),
    unreconciledNano: value("unreconciledNano"),
  };
}

type Order = (one: ReportRow, other: ReportRow) => number;

function orderOf({ by, sort }: ReportOptions): Order {
  const byKey = by.map(ascending);
  const byTime = by.filter(isUnit).map(ascending);
  const first = sort === undefined ? byTime : isSum(sort) ? [descending(sort)] : [ascending(sort)];
  const orders = [...first, descending("costNano"), descending("requests"), ...byKey];
  return (one, other) => {
    for (const order of orders) {
      const result = order(one, other);
      if (result !== 0) return result;
    }
    return 0;
  };
}

const isSum = (field: SortField): field is keyof UsageSums => field in NOTHING;

const descending =
  (field: keyof UsageSums): Order =>
  ({ sums: one }, { sums: other }) =>
    compare(other[field], one[field]);

const ascending =
  (dimension: string): Order =>
  ({ key: one }, { key: other }) =>
    compare(one[dimension] ?? "", other[dimension] ?? "");

const compare = <T extends bigint | string>(one: T, other: T): number =>
  one < other ? -1 : one > other ? 1 : 0;
