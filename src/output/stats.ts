import { formatTime } from "../core/clock.ts";
import { formatDuration } from "../core/duration.ts";
import type { JsonObject } from "../core/json.ts";
import type { Percentiles } from "../ledger/percentiles.ts";
import type { TimeRange } from "../ledger/range.ts";
import type { SloCheck } from "../ledger/slo.ts";
import type { StatsDimension, StatsRow } from "../ledger/stats.ts";
import type { Column } from "./table.ts";

/** Everything `riptide stats` says. */
export interface Stats {
  /** What it is about. */
  readonly range: TimeRange;
  /** More was asked for, but the rows before are no longer kept. */
  readonly isCut: boolean;
  readonly zone: string;
  readonly by: readonly StatsDimension[];
  readonly rows: readonly StatsRow[];
  readonly slos: readonly SloCheck[];
  /** Requests by the hour of the day, 24 of them. */
  readonly hours: readonly number[];
  /** So many answers are behind the percentiles. */
  readonly timed: number;
}

/** `riptide.stats/1` */
export const statsDocument = ({ range, zone, by, rows, slos, hours, timed }: Stats): JsonObject => ({
  schema: "riptide.stats/1",
  range: { since: formatTime(range.sinceMs), until: formatTime(range.untilMs), tz: zone },
  by: [...by],
  rows: rows.map(rowDocument),
  slos: slos.map(sloDocument),
  peak_hours: hours.map((requests, hour) => ({ hour, requests })),
  timed_answers: timed,
});

const rowDocument = (row: StatsRow): JsonObject => ({
  key: { ...row.key },
  requests: row.requests,
  attempts: row.attempts,
  success_rate: rounded(row.successRate),
  first_token_ms: timesDocument(row.firstToken),
  total_ms: timesDocument(row.total),
  tokens_per_s: rounded(row.tokensPerS),
  failovers: row.failovers,
  repairs: row.repairs,
  avg_providers_tried: rounded(row.avgProvidersTried),
  circuit_opens: row.circuitOpens,
  uptime: rounded(row.uptime),
  errors: row.errors.map((error) => ({ ...error })),
});

const timesDocument = (times: Percentiles | null) => ({
  p50: times?.p50Ms ?? null,
  p95: times?.p95Ms ?? null,
  p99: times?.p99Ms ?? null,
});

export const sloDocument = ({ scope, name, metric, target, actual, isMet, samples }: SloCheck) => ({
  ...{ scope, name, metric, target },
  actual: rounded(actual),
  met: isMet,
  samples,
});

/** As documents have ratios and speeds: six digits behind the point. */
export const rounded = (value: number | null): number | null =>
  value === null ? null : Math.round(value * 1_000_000) / 1_000_000;

/** The table for people. */
export function statsTable({ by, rows }: Pick<Stats, "by" | "rows">) {
  // A model is shown with its provider.
  const keys = by.filter((dimension) => dimension !== "provider" || !by.includes("model"));
  const columns: readonly Column[] = [
    ...keys.map((head) => ({ head })),
    ...FIGURES.map((head) => ({ head, align: "right" }) as const),
    { head: "errors" },
  ];
  return { columns, rows: rows.map((row) => cellsOf(row, keys)) };
}

const FIGURES = [
  "requests",
  "success",
  "ttft p50",
  "ttft p95",
  "p50",
  "p95",
  "p99",
  "tok/s",
  "opens",
  "uptime",
];

const MOST_ERRORS = 3;

function cellsOf(row: StatsRow, keys: readonly string[]): readonly string[] {
  const { firstToken, total, tokensPerS, circuitOpens, errors } = row;
  const more = errors.length > MOST_ERRORS ? [`+${errors.length - MOST_ERRORS}`] : [];
  return [
    ...keys.map((key) => row.key[key] ?? "-"),
    String(row.requests),
    percent(row.successRate),
    ...[firstToken?.p50Ms, firstToken?.p95Ms, total?.p50Ms, total?.p95Ms, total?.p99Ms].map(duration),
    tokensPerS === null ? "-" : tokensPerS.toFixed(tokensPerS < 10 ? 1 : 0),
    circuitOpens === null ? "-" : String(circuitOpens),
    percent(row.uptime),
    [...errors.slice(0, MOST_ERRORS).map(({ code, count }) => `${code} ${count}`), ...more].join(", ") || "-",
  ];
}

/** Only what is whole reads 100 %. */
function percent(share: number | null): string {
  if (share === null) return "-";
  const text = (Math.floor(share * 10_000) / 100).toFixed(2);
  return `${text.replace(/\.?0+$/, "")}%`;
}

const duration = (ms: number | undefined): string =>
  ms === undefined ? "-" : formatDuration(Math.round(ms));

/** One line for each target of the configuration. */
export const sloLines = (slos: readonly SloCheck[]): readonly string[] =>
  slos.map(({ scope, name, metric, target, actual, isMet, samples }) => {
    const figure = (value: number | null) =>
      metric === "success" ? percent(value) : duration(value ?? undefined);
    const state = isMet === null ? "unknown" : isMet ? "met" : "missed";
    const wanted = `${metric === "success" ? "at least" : "at most"} ${figure(target)}`;
    const seen = actual === null ? "nothing known" : `${figure(actual)} of ${samples}`;
    return `slo ${scope} ${name} ${metric}: ${state}, ${seen}, wanted ${wanted}`;
  });

/** Said wherever figures come from rows, and some were pruned. */
export const cutLine = ({ sinceMs }: TimeRange): string =>
  `requests before ${formatTime(sinceMs)} are kept as sums only, and are left out`;

const MOST_HOURS = 3;

/** When most is asked for; nothing without requests. */
export function peakLine({ hours, zone }: Pick<Stats, "hours" | "zone">): string | undefined {
  const total = hours.reduce((sum, requests) => sum + requests, 0);
  if (total === 0) return undefined;
  const top = hours
    .map((requests, hour) => ({ requests, hour }))
    .filter(({ requests }) => requests > 0)
    .toSorted((one, other) => other.requests - one.requests || one.hour - other.hour)
    .slice(0, MOST_HOURS)
    .map(({ requests, hour }) => `${String(hour).padStart(2, "0")}:00 ${percent(requests / total)}`);
  return `peak hours (${zone}): ${top.join(", ")}`;
}
