import type { Config } from "../config/config.ts";
import { TIMEOUT_PRESETS } from "../config/presets.ts";
import { formatTime } from "../core/clock.ts";
import { parseDuration } from "../core/duration.ts";
import { limitsOf } from "../engine/tenant-rules.ts";
import type { BudgetUse, InsightFacts, Refusals, Settings, Traffic } from "../ledger/insights/facts.ts";
import { targetOf } from "../ledger/insights/figures.ts";
import { findInsights } from "../ledger/insights.ts";
import type { Price } from "../ledger/price.ts";
import { type TimeRange, wholeQuarters } from "../ledger/range.ts";
import type { Zone } from "../ledger/zone.ts";
import { readBudgetPeak, readRefusals } from "../store/budget-peaks.ts";
import type { Database } from "../store/database.ts";
import { readLongPrompts, readMedians, readTraffic } from "../store/insight-reader.ts";
import { keptRange } from "../store/kept-range.ts";
import { readLosses } from "../store/losses.ts";
import { type AliasTotal, readOutliers } from "../store/outliers.ts";
import { readOutputLimits, readRepeatedPrompts } from "../store/prompts.ts";
import { type RowsAsk, rowsWanted } from "../store/sequence.ts";
import { readExtent, readUsage } from "../store/usage-reader.ts";
import { allowedTargets } from "./allowed-targets.ts";
import { allBudgets } from "./budget-states.ts";
import type { Insights } from "./insights.ts";

/** What is looked at, in whole quarters of an hour. */
export interface WantedInsights extends RowsAsk {
  readonly zone: Zone;
}

interface Source {
  readonly database: Database;
  readonly config: Config;
  /** Today's prices by `provider/model`; null where none is known. */
  readonly prices: ReadonlyMap<string, Price | null>;
  readonly nowMs: number;
}

const ALL = ["ok", "error", "cancelled"] as const;

/** Everything that is found. Inside {@link Database.read}, so that its figures fit together. */
export function readInsights(asked: WantedInsights, source: Source): Insights {
  const wanted = { ...asked, range: keptRange(source.database, asked.range) };
  const traffic = readTraffic(source.database, wanted, ALL);
  return {
    range: wanted.range,
    isCut: wanted.range.sinceMs > asked.range.sinceMs,
    zone: wanted.zone.name,
    requests: sum(traffic, ({ requests }) => requests),
    costNano: sum(traffic, ({ costNano }) => costNano),
    insights: findInsights(factsOf(wanted, traffic, source)),
    unavailable: unavailableIn(source.config),
  };
}

/** Where nothing was ever recorded there is nothing to find. */
export const noInsights = ({ range, zone }: WantedInsights, config: Config): Insights => ({
  ...{ range, isCut: false, zone: zone.name, requests: 0, costNano: 0, insights: [] },
  unavailable: unavailableIn(config),
});

/** Hashes of prompts are kept by those who want them kept. */
const unavailableIn = ({ ledger }: Config): Insights["unavailable"] =>
  ledger.promptHashes
    ? []
    : [{ rule: "repeated_prompts", reason: "hashes of prompts are kept with ledger.prompt_hashes: true" }];

function factsOf(wanted: WantedInsights, traffic: readonly Traffic[], source: Source): InsightFacts {
  const { database, config, prices, nowMs } = source;
  const { range, tenant } = wanted;
  const rows = rowsWanted(database, wanted);
  return {
    ...{ traffic, prices },
    since: formatTime(range.sinceMs),
    settings: settingsOf(config),
    halves: halvesOf(wanted, database),
    losses: rows ? readLosses(database, rows) : [],
    longPrompts: rows ? readLongPrompts(database, rows, tierBounds(prices)) : [],
    medianAtMostMs: readMedians(database, range),
    targetsOf: allowedTargets(config),
    outliers: rows ? readOutliers(database, rows, aliasTotals(wanted, database)) : [],
    budgets: allBudgets(config, database, nowMs)
      .filter(({ rule }) => tenant === undefined || rule.tenant === tenant)
      .map(({ rule }): BudgetUse => {
        const isHourlyLimit = rule.period === "hour" && rule.thresholds.length === 0 && rule.tenant !== null;
        return { rule, isHourlyLimit, ...readBudgetPeak(database, rule, nowMs) };
      }),
    refusals: refusalsOf(config, database, { tenant, nowMs }),
    repeated: rows && config.ledger.promptHashes ? readRepeatedPrompts(database, rows) : [],
    outputLimits: rows ? readOutputLimits(database, rows) : [],
  };
}

const settingsOf = ({ failover, timeouts, aliases }: Config): Settings => ({
  drainsCancelled: failover.onCancel === "drain",
  repairs: failover.repair !== "never",
  ...{ completionMs: timeouts.completionMs, maxMs: timeouts.maxMs },
  isPresetBelowRelaxed: [TIMEOUT_PRESETS.default, TIMEOUT_PRESETS.strict].some(
    ({ completion }) => parseDuration(completion) === timeouts.completionMs,
  ),
  aliases: Object.keys(aliases),
  aliasOf: (alias) => {
    const known = Object.hasOwn(aliases, alias) ? aliases[alias] : undefined;
    return (
      known && {
        strategy: known.strategy,
        targets: known.targets.map(targetOf),
        recoversStreams: known.streamRecovery === "continue",
        completionMs: known.timeouts.completionMs,
      }
    );
  },
});

/** The answered requests of both halves of the time in which there was anything. */
function halvesOf({ range, tenant }: WantedInsights, database: Database): InsightFacts["halves"] {
  const extent = readExtent(database);
  if (!extent) return [[], []];
  const sinceMs = Math.max(range.sinceMs, extent.firstMs);
  const untilMs = Math.min(range.untilMs, extent.lastMs + 1);
  if (untilMs - sinceMs < LEAST_HALVED_MS) return [[], []];
  const { sinceMs: middleMs } = wholeQuarters({ sinceMs: (sinceMs + untilMs) / 2, untilMs });
  const half = (part: TimeRange) => readTraffic(database, { range: wholeQuarters(part), tenant }, ["ok"]);
  return [half({ sinceMs, untilMs: middleMs }), half({ sinceMs: middleMs, untilMs })];
}

/** Within less time requests differ by the hour, and nothing has grown. */
const LEAST_HALVED_MS = 6 * 86_400_000;

const tierBounds = (prices: Source["prices"]): readonly number[] => [
  ...new Set(
    [...prices.values()].flatMap((price) => price?.tiers?.map(({ aboveTokens }) => aboveTokens) ?? []),
  ),
];

/** All requests of each alias, those nobody was asked for included. */
const aliasTotals = (wanted: WantedInsights, database: Database): readonly AliasTotal[] =>
  readUsage(database, { ...wanted, by: ["alias"], probes: false }).map(({ key, sums }) => ({
    alias: key.alias ?? "",
    requests: Number(sums.requests),
    costNano: Number(sums.costNano),
  }));

function refusalsOf(
  config: Config,
  database: Database,
  { tenant, nowMs }: { readonly tenant: string | undefined; readonly nowMs: number },
): readonly Refusals[] {
  return readRefusals(database, nowMs)
    .filter((row) => tenant === undefined || row.tenant === tenant)
    .filter(({ code }) => code === "tenant_rate_limited" || code === "tenant_busy")
    .map((row) => {
      const { requestsPerMinute, maxConcurrent } = limitsOf(config, row.tenant);
      return { ...row, limit: row.code === "tenant_busy" ? maxConcurrent : requestsPerMinute };
    });
}

const sum = <T>(items: readonly T[], value: (item: T) => number): number =>
  items.reduce((total, item) => total + value(item), 0);
