import type { Config } from "../config/config.ts";
import { RiptideError } from "../core/errors.ts";
import type { TimeRange } from "../ledger/range.ts";
import { onlyTenant } from "../ledger/report-asks.ts";
import { quartersOf } from "../ledger/report-range.ts";
import { checkSlos, type SloTarget } from "../ledger/slo.ts";
import { buildStats, STATS_DIMENSIONS, type StatsDimension } from "../ledger/stats.ts";
import type { StatsFacts } from "../ledger/stats-facts.ts";
import type { Words } from "../ledger/words.ts";
import type { Zone } from "../ledger/zone.ts";
import { nameOf } from "../ledger/zone.ts";
import { countOpenings } from "../resilience/openings.ts";
import type { Database } from "../store/database.ts";
import { keptRange } from "../store/kept-range.ts";
import { readBadQuarters, readFurther, readLosses } from "../store/losses.ts";
import { type RowsWanted, rowsWanted } from "../store/sequence.ts";
import {
  readFailureCounts,
  readOutcomesOf,
  readProbedQuarters,
  readQuarters,
  readTimings,
  readWandering,
} from "../store/stats-reader.ts";
import { readUsage } from "../store/usage-reader.ts";
import type { Stats } from "./stats.ts";

/** What a report of performance was asked for. */
export interface WantedStats {
  readonly range: TimeRange;
  readonly zone: Zone;
  readonly by: readonly StatsDimension[];
  readonly tenant: string | undefined;
}

/** Reads the words of `riptide stats`. @throws RiptideError `usage` */
export const wantedStats = (words: Words, nowMs: number): WantedStats => ({
  ...quartersOf(words, nowMs),
  by: dimensionsOf(words.value("by")),
  tenant: onlyTenant(words),
});

function dimensionsOf(text = "provider,model"): readonly StatsDimension[] {
  const words = text.split(",").map((word) => word.trim());
  const by = STATS_DIMENSIONS.filter((dimension) => words.includes(dimension));
  if (by.length === words.length) return by.toSorted((a, b) => words.indexOf(a) - words.indexOf(b));
  throw new RiptideError(
    "usage",
    `--by wants different ones of ${STATS_DIMENSIONS.join(", ")}, not "${text}"`,
    { hint: "riptide stats --by provider" },
  );
}

interface Source {
  /** Undefined where nothing was ever recorded. */
  readonly database: Database | undefined;
  readonly config: Config;
}

/** The report. Inside {@link Database.read}, so that its figures fit together. */
export function readStats(wanted: WantedStats, { database, config }: Source): Stats {
  const range = database ? keptRange(database, wanted.range) : wanted.range;
  const facts = database ? readFacts({ ...wanted, range }, database, config) : NOTHING;
  return {
    ...{ range, isCut: range.sinceMs > wanted.range.sinceMs, zone: wanted.zone.name, by: wanted.by },
    rows: buildStats(facts, wanted.by),
    slos: checkSlos(facts, sloTargets(config)),
    hours: hoursOf(facts, wanted.zone),
    timed: facts.timings.length,
  };
}

const NOTHING: StatsFacts = {
  ...{ asked: [], losses: [], further: [], wandering: [], timings: [] },
  ...{ quarters: [], badQuarters: [], probed: [], openings: new Map() },
};

function readFacts({ range, zone, tenant }: WantedStats, database: Database, config: Config): StatsFacts {
  const probed = readProbedQuarters(database, range);
  const wanted = rowsWanted(database, { range, tenant });
  if (!wanted) return { ...NOTHING, probed };
  const by = [...STATS_DIMENSIONS, "outcome"] as const;
  return {
    asked: readUsage(database, { range, zone, by, tenant, probes: false }).map(({ key, sums }) => ({
      ...{ key, requests: Number(sums.requests), attempts: Number(sums.attempts) },
    })),
    losses: readLosses(database, wanted),
    further: readFurther(database, wanted),
    wandering: readWandering(database, wanted),
    timings: readTimings(database, wanted),
    quarters: readQuarters(database, wanted),
    badQuarters: readBadQuarters(database, wanted),
    probed,
    openings: openingsOf(database, wanted, config),
  };
}

/** Replays the breakers of the providers that failed often enough for one to open. */
function openingsOf(
  database: Database,
  wanted: RowsWanted,
  { providers }: Config,
): ReadonlyMap<string, number | null> {
  // A breaker is the provider's own, whoever's requests it saw.
  const all = { ...wanted, tenant: null };
  const failures = readFailureCounts(database, all);
  return new Map(
    providers.map(({ id, circuitBreaker }) => {
      if ((failures.get(id) ?? 0) < circuitBreaker.failureThreshold) return [id, 0];
      const outcomes = readOutcomesOf(database, id, all);
      if (!outcomes) return [id, null];
      const breakers = Map.groupBy(outcomes, (row) => `${row.class} ${row.endpoint}`);
      return [id, [...breakers.values()].reduce((sum, rows) => sum + countOpenings(rows, circuitBreaker), 0)];
    }),
  );
}

/** What the configuration promises. */
export const sloTargets = ({
  providers,
  aliases,
}: Pick<Config, "providers" | "aliases">): readonly SloTarget[] => [
  ...providers.flatMap(({ id, slo }) => (slo ? [{ scope: "provider" as const, name: id, ...slo }] : [])),
  ...Object.entries(aliases).flatMap(([name, { slo }]) =>
    slo ? [{ scope: "alias" as const, name, ...slo }] : [],
  ),
];

/** Requests by the hour of the day. */
function hoursOf({ quarters }: StatsFacts, zone: Zone): readonly number[] {
  const hours = Array.from({ length: 24 }, () => 0);
  for (const { startMs, requests } of quarters) {
    const hour = Number(nameOf("hour", startMs, zone).slice(11, 13));
    hours[hour] = (hours[hour] ?? 0) + requests;
  }
  return hours;
}
