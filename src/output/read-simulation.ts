import type { Config, StrategyName } from "../config/config.ts";
import type { HealthState } from "../core/health.ts";
import { costOf } from "../ledger/cost.ts";
import { isProviderFault } from "../ledger/fault.ts";
import { sumOf, targetOf } from "../ledger/insights/figures.ts";
import { type Percentiles, percentilesOf } from "../ledger/percentiles.ts";
import type { Price } from "../ledger/price.ts";
import type { TimeRange } from "../ledger/range.ts";
import { type PastRequest, type Simulation, simulate, type TargetRecord } from "../ledger/simulate.ts";
import type { Timing } from "../ledger/stats-facts.ts";
import { type Snapshot, strategies } from "../routing/strategies.ts";
import type { Database } from "../store/database.ts";
import { readTraffic } from "../store/insight-reader.ts";
import { keptRange } from "../store/kept-range.ts";
import { readLosses } from "../store/losses.ts";
import { countPast, readPast } from "../store/replay-reader.ts";
import { type RowsAsk, type RowsWanted, rowsWanted } from "../store/sequence.ts";
import { readTimings } from "../store/stats-reader.ts";
import { allowedTargets } from "./allowed-targets.ts";

export interface WantedSimulation extends RowsAsk {
  /** In place of each alias's own; undefined for that. */
  readonly strategy: StrategyName | undefined;
}

interface Source {
  readonly database: Database;
  readonly config: Config;
  /** Today's prices by `provider/model`; null where none is known. */
  readonly prices: ReadonlyMap<string, Price | null>;
}

/** A simulation, and how many older requests of the range it leaves out. */
export interface SimulatedRange extends Simulation {
  readonly range: TimeRange;
  /** More was asked for, but the rows before are no longer kept. */
  readonly isCut: boolean;
  readonly leftOut: number;
}

/** Fewer attempts, or answers, say nothing of a target. */
const ENOUGH = 20;

/** Plays the range again. Inside {@link Database.read}. */
export function readSimulation(asked: WantedSimulation, source: Source): SimulatedRange {
  const { database } = source;
  const range = keptRange(database, asked.range);
  const wanted = { ...asked, range };
  const isCut = range.sinceMs > asked.range.sinceMs;
  const rows = rowsWanted(database, wanted);
  if (!rows)
    return {
      ...simulate(
        [],
        () => undefined,
        () => UNSEEN,
      ),
      ...{ range, isCut, leftOut: 0 },
    };
  const records = recordsOf(wanted, rows, source);
  const choose = chooser(wanted, source.config, records);
  const found = simulate(readPast(database, rows), choose, (target) => records.of(target));
  return { ...found, range, isCut, leftOut: countPast(database, rows) - found.requests };
}

const UNSEEN: TargetRecord = { price: null, totalP50Ms: undefined, failureRate: undefined };

interface Records extends Snapshot {
  of(target: string): TargetRecord;
}

/** What the range shows of every target, as strategies and the simulation want it. */
function recordsOf(wanted: WantedSimulation, rows: RowsWanted, { database, prices }: Source): Records {
  const everybody = { range: wanted.range };
  const timings = Map.groupBy(readTimings(database, { ...rows, tenant: null }), targetOf);
  const traffic = readTraffic(database, everybody, ["ok", "error", "cancelled"]);
  const faults = readLosses(database, { ...rows, tenant: null }).filter(({ code }) => isProviderFault(code));
  const rates = (key: (place: { readonly provider: string; readonly model: string }) => string) => {
    const failed = Map.groupBy(faults, key);
    return new Map(
      [...Map.groupBy(traffic, key)].map(([name, places]) => {
        const attempts = sumOf(places, (place) => place.attempts);
        const lost = sumOf(failed.get(name) ?? [], (loss) => loss.attempts);
        return [name, attempts < ENOUGH ? undefined : Math.min(1, lost / attempts)] as const;
      }),
    );
  };
  const byTarget = rates(targetOf);
  const byProvider = rates(({ provider }) => provider);
  const times = new Map([...timings].map(([target, answers]) => [target, timesOf(answers)]));
  return {
    of: (target) => ({
      price: prices.get(target) ?? null,
      totalP50Ms: times.get(target)?.total?.p50Ms,
      failureRate: byTarget.get(target),
    }),
    ttftP50Ms: (target) => times.get(targetOf(target))?.first?.p50Ms,
    health: (provider) => healthOf(byProvider.get(provider)),
  };
}

function timesOf(answers: readonly Timing[]): {
  readonly first: Percentiles | null;
  readonly total: Percentiles | null;
} {
  const enough = (values: readonly number[]) => (values.length < ENOUGH ? null : percentilesOf(values));
  return {
    first: enough(answers.flatMap(({ firstTokenMs }) => firstTokenMs ?? [])),
    total: enough(answers.map(({ totalMs }) => totalMs)),
  };
}

/** A provider as its failures in the whole range make it look. */
function healthOf(failureRate: number | undefined): HealthState {
  if (failureRate === undefined) return "unknown";
  return failureRate < 0.05 ? "healthy" : failureRate < 0.5 ? "degraded" : "down";
}

function chooser({ strategy }: WantedSimulation, config: Config, records: Records) {
  const targetsOf = allowedTargets(config);
  return (request: PastRequest, turn: number): string | undefined => {
    const { tenant, alias } = request;
    const targets = targetsOf(tenant, alias);
    if (targets.length === 0) return undefined;
    const name = strategy ?? config.aliases[alias]?.strategy ?? config.strategy;
    const candidates = targets.map((target) => {
      const price = records.of(target).price;
      const slash = target.indexOf("/");
      return {
        provider: target.slice(0, slash),
        model: target.slice(slash + 1),
        costNano: price && costOf(request, price),
      };
    });
    const [first] = strategies[name](candidates, records, turn);
    return first && targetOf(first);
  };
}
