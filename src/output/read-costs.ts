import type { Config } from "../config/config.ts";
import { RiptideError } from "../core/errors.ts";
import { previousRange, type TimeRange } from "../ledger/range.ts";
import { buildReport, type ReportOptions } from "../ledger/report.ts";
import { comparesPrevious, dimensionsOf, includesProbes, onlyTenant, sortOf } from "../ledger/report-asks.ts";
import { quartersOf } from "../ledger/report-range.ts";
import type { Words } from "../ledger/words.ts";
import type { Database } from "../store/database.ts";
import { keptRange } from "../store/kept-range.ts";
import { readPriceVersions, readUnreconciled } from "../store/line-reader.ts";
import { readUsage, type UsageAsk } from "../store/usage-reader.ts";
import { budgetRules, budgetStates } from "./budget-states.ts";
import type { Costs } from "./costs.ts";

/** What a report of costs was asked for. */
export interface WantedCosts {
  readonly ask: UsageAsk;
  readonly compare: boolean;
  readonly unreconciled: boolean;
  readonly options: Omit<ReportOptions, "previous">;
}

/** Reads the words of `riptide costs`. @throws RiptideError `usage` */
export function wantedCosts(words: Words, nowMs: number): WantedCosts {
  const by = dimensionsOf(words);
  return {
    ask: { ...quartersOf(words, nowMs), by, tenant: onlyTenant(words), probes: includesProbes(words) },
    compare: comparesPrevious(words, by),
    unreconciled: words.has("unreconciled"),
    options: { by, sort: sortOf(words, by), top: topOf(words) },
  };
}

const MOST_ROWS = 1_000_000;

function topOf(words: Words): number | undefined {
  const text = words.value("top");
  if (text === undefined) return undefined;
  const top = /^\d{1,7}$/.test(text) ? Number(text) : 0;
  if (top >= 1 && top <= MOST_ROWS) return top;
  throw new RiptideError("usage", `--top wants a whole number from 1 to ${MOST_ROWS}, not "${text}"`);
}

interface Source {
  /** Undefined where nothing was ever recorded. */
  readonly database: Database | undefined;
  readonly config: Config;
  readonly nowMs: number;
}

/** When the rows of a range begin, where older ones of it were pruned. Inside {@link Database.read}. */
export function rowsSince(database: Database | undefined, range: TimeRange): number | undefined {
  const { sinceMs } = database ? keptRange(database, range) : range;
  return sinceMs > range.sinceMs ? sinceMs : undefined;
}

/** The report. Inside {@link Database.read}, so that its sums fit together. */
export function readCosts(
  { ask, compare, unreconciled, options }: WantedCosts,
  { database, config, nowMs }: Source,
): Costs {
  const { range, zone, by, tenant } = ask;
  const before = compare ? previousRange(range, zone) : undefined;
  const usageOf = (asked: UsageAsk) => (database ? readUsage(database, asked) : []);
  const previous = before && usageOf({ ...ask, range: before });
  return {
    ...buildReport(usageOf(ask), { ...options, previous }),
    ...{ range, zone: zone.name, by },
    rowsSinceMs: by.some((each) => each.startsWith("tag:")) ? rowsSince(database, range) : undefined,
    previousRange: before,
    budgets: budgetStates(budgetRules(config, tenant), database, nowMs),
    prices: database ? readPriceVersions(database, ask) : { versions: [], complete: true },
    unreconciled: unreconciled ? (database ? readUnreconciled(database, ask) : []) : undefined,
  };
}
