import { buildStats, type StatsRow } from "./stats.ts";
import type { StatsFacts } from "./stats-facts.ts";

/** What the configuration promises of a provider or alias. */
export interface SloTarget {
  readonly scope: "provider" | "alias";
  readonly name: string;
  readonly success?: number | undefined;
  readonly firstTokenP95Ms?: number | undefined;
  readonly totalP95Ms?: number | undefined;
}

/** One promise and what became of it; `actual` and `isMet` are null where nothing is known. */
export interface SloCheck {
  readonly scope: SloTarget["scope"];
  readonly name: string;
  readonly metric: "success" | "first_token_p95" | "total_p95";
  /** A share for `success`, else milliseconds. */
  readonly target: number;
  readonly actual: number | null;
  readonly isMet: boolean | null;
  /** How many attempts (of a provider) or requests (of an alias) it is judged by. */
  readonly samples: number;
}

/** Every target of the configuration against what the range saw. */
export function checkSlos(facts: StatsFacts, targets: readonly SloTarget[]): readonly SloCheck[] {
  const rows = {
    provider: buildStats(facts, ["provider"]),
    alias: buildStats(facts, ["alias"]),
  };
  return targets.flatMap((target) => {
    const row = rows[target.scope].find(({ key }) => key[target.scope] === target.name);
    const samples = target.scope === "provider" ? row?.attempts : row?.requests;
    return checkSlo(target, row && { ...row, samples: samples ?? 0 });
  });
}

/** What is judged: figures of a provider's attempts, or of an alias's requests. */
export interface Judged extends Pick<StatsRow, "successRate" | "firstToken" | "total"> {
  readonly samples: number;
}

/** One promise against what was seen; nothing is known where nothing was. */
export const checkSlo = (target: SloTarget, seen: Judged | undefined): readonly SloCheck[] =>
  METRICS.flatMap((metric) => checked(target, metric, seen) ?? []);

function checked(
  target: SloTarget,
  { metric, wanted, seen, isMet }: Metric,
  row?: Judged,
): SloCheck | undefined {
  const limit = wanted(target);
  if (limit === undefined) return undefined;
  const actual = row ? seen(row) : null;
  return {
    ...{ scope: target.scope, name: target.name, metric, target: limit, actual },
    isMet: actual === null ? null : isMet(actual, limit),
    samples: row?.samples ?? 0,
  };
}

interface Metric {
  readonly metric: SloCheck["metric"];
  readonly wanted: (target: SloTarget) => number | undefined;
  readonly seen: (row: Judged) => number | null;
  readonly isMet: (actual: number, target: number) => boolean;
}

const atMost = (actual: number, target: number): boolean => actual <= target;

const METRICS: readonly Metric[] = [
  {
    metric: "success",
    wanted: ({ success }) => success,
    seen: ({ successRate }) => successRate,
    isMet: (actual, target) => actual >= target,
  },
  {
    metric: "first_token_p95",
    wanted: ({ firstTokenP95Ms }) => firstTokenP95Ms,
    seen: ({ firstToken }) => firstToken?.p95Ms ?? null,
    isMet: atMost,
  },
  {
    metric: "total_p95",
    wanted: ({ totalP95Ms }) => totalP95Ms,
    seen: ({ total }) => total?.p95Ms ?? null,
    isMet: atMost,
  },
];
