import type { ErrorCode } from "../core/errors.ts";
import { type Percentiles, percentilesOf } from "./percentiles.ts";
import type { GroupKey } from "./report.ts";
import type { Asked, Loss, Place, StatsFacts, Timing } from "./stats-facts.ts";
import { uptimes } from "./uptime.ts";

/** What performance can be grouped by. */
export const STATS_DIMENSIONS = ["provider", "model", "alias", "tenant"] as const;
export type StatsDimension = (typeof STATS_DIMENSIONS)[number];

/** How one group did. Shares are 0 to 1; what cannot be known is null. */
export interface StatsRow {
  readonly key: GroupKey;
  /** Counted where they were answered or last tried. */
  readonly requests: number;
  readonly attempts: number;
  /** Of attempts where the row is about a provider or model, else of requests; cancelled ones count for neither side. */
  readonly successRate: number | null;
  readonly firstToken: Percentiles | null;
  readonly total: Percentiles | null;
  /** Output tokens over the whole duration of the attempts that answered. */
  readonly tokensPerS: number | null;
  /** Switches away from here to another target. */
  readonly failovers: number;
  readonly repairs: number;
  readonly avgProvidersTried: number | null;
  readonly circuitOpens: number | null;
  readonly uptime: number | null;
  readonly errors: readonly { readonly code: ErrorCode; readonly count: number }[];
}

/** One row for each group that made a request or an attempt, those with most requests first. */
export function buildStats(facts: StatsFacts, by: readonly StatsDimension[]): readonly StatsRow[] {
  const keyed = grouper(by);
  const asked = keyed.group(facts.asked, ({ key }) => key);
  const parts = {
    losses: keyed.group(facts.losses, placeKey),
    further: keyed.group(facts.further, placeKey),
    wandering: keyed.group(facts.wandering, placeKey),
    timings: keyed.group(facts.timings, placeKey),
  };
  const ups = uptimes(facts);
  const ofProvider = (key: GroupKey) => {
    const provider = key.provider ?? key.model?.split("/", 1)[0] ?? "";
    return { circuitOpens: facts.openings.get(provider) ?? null, uptime: ups.get(provider) ?? null };
  };
  const rows = [...asked].map(([id, groups]): StatsRow => {
    const key = keyed.keys.get(id) ?? {};
    const group: Group = {
      asked: groups,
      losses: parts.losses.get(id) ?? [],
      further: parts.further.get(id) ?? [],
      wandering: parts.wandering.get(id) ?? [],
      timings: parts.timings.get(id) ?? [],
    };
    return { key, ...figuresOf(group, by), ...ofProvider(key) };
  });
  return rows.toSorted(
    (one, other) => other.requests - one.requests || (idOf(one.key) < idOf(other.key) ? -1 : 1),
  );
}

type Group = Pick<StatsFacts, "asked" | "losses" | "further" | "wandering" | "timings">;

function figuresOf({ asked, losses, further, wandering, timings }: Group, by: readonly StatsDimension[]) {
  const isOfAttempts = by.includes("provider") || by.includes("model");
  const counts = countsOf(asked);
  const movesOf = (wanted: string) =>
    sumOf(
      further.filter(({ kind }) => kind === wanted),
      ({ count }) => count,
    );
  return {
    requests: counts.requests,
    attempts: counts.attempts,
    successRate: isOfAttempts ? attemptRate(counts, losses) : requestRate(counts),
    ...timesOf(timings, isOfAttempts),
    failovers: movesOf("failover"),
    repairs: movesOf("repair"),
    avgProvidersTried: averageTried(counts, wandering),
    errors: errorsOf(losses),
  };
}

const idOf = (key: GroupKey): string => JSON.stringify(Object.values(key));

const placeKey = ({ tenant, alias, provider, model }: Place): GroupKey => ({
  tenant,
  alias: alias === "" ? null : alias,
  provider,
  model: `${provider}/${model}`,
});

/** Puts facts together whose keys agree in the dimensions asked for. */
function grouper(by: readonly StatsDimension[]) {
  const keys = new Map<string, GroupKey>();
  const idFor = (whole: GroupKey): string => {
    const id = JSON.stringify(by.map((dimension) => whole[dimension] ?? null));
    if (!keys.has(id)) keys.set(id, Object.fromEntries(by.map((name) => [name, whole[name] ?? null])));
    return id;
  };
  return {
    keys: keys as ReadonlyMap<string, GroupKey>,
    group: <T>(facts: readonly T[], keyOf: (fact: T) => GroupKey): ReadonlyMap<string, readonly T[]> =>
      Map.groupBy(facts, (fact) => idFor(keyOf(fact))),
  };
}

interface Counts {
  readonly requests: number;
  /** Those for which anybody was asked. */
  readonly tried: number;
  readonly attempts: number;
  readonly ok: number;
  /** Neither answered nor failed: cancelled, or of a process that died. */
  readonly undecided: number;
  readonly unreconciledAttempts: number;
}

function countsOf(groups: readonly Asked[]): Counts {
  const of = (...outcomes: readonly string[]) =>
    groups.filter(({ key: { outcome } }) => outcomes.includes(outcome ?? ""));
  const requestsOf = (some: readonly Asked[]) => sumOf(some, ({ requests }) => requests);
  const attemptsOf = (some: readonly Asked[]) => sumOf(some, ({ attempts }) => attempts);
  return {
    requests: requestsOf(groups),
    tried: requestsOf(groups.filter(({ key }) => key.provider)),
    attempts: attemptsOf(groups),
    ok: requestsOf(of("ok")),
    undecided: requestsOf(of("cancelled", "unreconciled")),
    unreconciledAttempts: attemptsOf(of("unreconciled")),
  };
}

const requestRate = ({ requests, ok, undecided }: Counts): number | null => ratio(ok, requests - undecided);

function attemptRate({ attempts, unreconciledAttempts }: Counts, losses: readonly Loss[]): number | null {
  const failed = sumOf(
    losses.filter(({ outcome }) => outcome === "error"),
    (loss) => loss.attempts,
  );
  const cancelled = sumOf(
    losses.filter(({ outcome }) => outcome === "cancelled"),
    (loss) => loss.attempts,
  );
  const judged = attempts - unreconciledAttempts - cancelled;
  return ratio(judged - failed, judged);
}

const ratio = (part: number, whole: number): number | null => (whole > 0 ? Math.max(0, part) / whole : null);

function timesOf(timings: readonly Timing[], isOfAttempts: boolean) {
  const times = isOfAttempts ? timings : timings.flatMap(({ request }) => request ?? []);
  const outputTokens = sumOf(timings, (timing) => timing.outputTokens);
  const seconds = sumOf(timings, ({ totalMs }) => totalMs) / 1_000;
  return {
    firstToken: percentilesOf(times.flatMap(({ firstTokenMs }) => firstTokenMs ?? [])),
    total: percentilesOf(times.map(({ totalMs }) => totalMs)),
    tokensPerS: outputTokens > 0 ? ratio(outputTokens, seconds) : null,
  };
}

/** Every request with an attempt asked one provider, and some asked more. */
function averageTried(
  { tried }: Counts,
  wandering: readonly { readonly requests: number; readonly providers: number }[],
): number | null {
  if (tried === 0) return null;
  const further = sumOf(wandering, (each) => each.providers - each.requests);
  return (tried + further) / tried;
}

function errorsOf(losses: readonly Loss[]): StatsRow["errors"] {
  const counts = new Map<ErrorCode, number>();
  for (const { code, attempts } of losses) if (code) counts.set(code, (counts.get(code) ?? 0) + attempts);
  return [...counts]
    .map(([code, count]) => ({ code, count }))
    .toSorted((one, other) => other.count - one.count || (one.code < other.code ? -1 : 1));
}

const sumOf = <T>(items: readonly T[], value: (item: T) => number): number =>
  items.reduce((sum, item) => sum + value(item), 0);
