import { formatDuration } from "../core/duration.ts";
import { unreachable } from "../core/errors.ts";
import { humanUsd, usdText } from "../core/money.ts";
import type { CompletionCandidate } from "../engine/candidates.ts";
import type { Skip } from "../engine/events.ts";
import type { Standing } from "../engine/explain.ts";
import type { StrategyName } from "../routing/strategy-name.ts";
import type { Target } from "../routing/target.ts";
import type { WireRequest } from "../wire/http.ts";

/** What one candidate would take, and cost at most; null where no price is known. */
export interface Estimate {
  readonly provider: string;
  readonly model: string;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly worstNano: number | null;
}

/** What each candidate would take, as `riptide.estimate/1`. */
export function estimateDocument(estimates: readonly Estimate[]) {
  return {
    schema: "riptide.estimate/1",
    candidates: estimates.map(({ provider, model, inputTokens, outputTokens, worstNano }) => ({
      provider,
      model,
      input_tokens: inputTokens,
      max_output_tokens: outputTokens,
      worst_usd: usdOrNull(worstNano),
      priced: worstNano !== null,
    })),
  };
}

export interface RouteFacts {
  readonly requested: string;
  readonly alias: string | null;
  readonly strategy: StrategyName;
  readonly tenant: string;
  readonly deadlineMs: number;
  readonly candidates: readonly CompletionCandidate[];
  readonly skipped: readonly Skip[];
  readonly estimates: readonly Estimate[];
  readonly standings: ReadonlyMap<string, Standing>;
  /** The slice each candidate would get if those before it used theirs up. */
  readonly slicesMs: readonly number[];
}

/** Where a request would go, as `riptide.route/1`. */
export function routeDocument(route: RouteFacts) {
  const { requested, alias, strategy, tenant, deadlineMs } = route;
  const eligible = route.candidates.map((target, index) => ({
    ...rowOf(target, route, { rank: index + 1, reason: null }),
    slice_ms: route.slicesMs[index] ?? null,
  }));
  const skipped = route.skipped.map((skip) => ({
    ...rowOf(skip, route, { rank: null, reason: skip.reason }),
    slice_ms: null,
  }));
  const candidates = [...eligible, ...skipped];
  return {
    ...{ schema: "riptide.route/1", requested, alias, strategy, tenant },
    ...{ deadline_ms: deadlineMs, candidates },
  };
}

/** The same as rows of a table. */
export function routeRows(route: RouteFacts): readonly (readonly string[])[] {
  const reasons = new Map(
    route.skipped.map((skip) => [`${skip.provider}/${skip.model}`, skip.error.message]),
  );
  return routeDocument(route).candidates.map((row) => {
    const target = `${row.provider}/${row.model}`;
    const why = row.reason === null ? rankText(row, route) : skipText(row.reason, reasons.get(target) ?? "");
    const estimate = route.estimates.find((each) => `${each.provider}/${each.model}` === target);
    return [
      ...[row.rank === null ? "-" : String(row.rank), target, why],
      ...[row.rank === null ? "-" : humanUsd(estimate?.worstNano ?? null), row.health, row.circuit],
      row.slice_ms ? formatDuration(row.slice_ms) : "-",
    ];
  });
}

/** Why a target is not asked; a message that begins with the reason says it all. */
const skipText = (reason: string, message: string): string =>
  message.startsWith(reason) ? message : `${reason}: ${message}`;

/** What gave a target its place. */
function rankText({ rank, score, health }: ReturnType<typeof rowOf>, { strategy }: RouteFacts): string {
  switch (strategy) {
    case "sequential":
      return "in the order given";
    case "round-robin":
      return rank === 1 ? "its turn" : "next in the round";
    case "lowest-cost":
      return score === null ? "no price is known" : "by its cost";
    case "fastest-first":
      return score === null
        ? "too few answers to know its speed"
        : `first token after ${formatDuration(score)}`;
    case "health-based":
      return health;
    default:
      return unreachable(strategy);
  }
}

function rowOf(
  { provider, model }: Target,
  { strategy, standings, estimates }: RouteFacts,
  { rank, reason }: { readonly rank: number | null; readonly reason: string | null },
) {
  const {
    score = null,
    health = "unknown",
    circuit = "closed",
  } = standings.get(`${provider}/${model}`) ?? {};
  const estimate = estimates.find((each) => each.provider === provider && each.model === model);
  return {
    ...{ rank, provider, model, eligible: rank !== null, reason },
    score: strategy === "lowest-cost" && score !== null ? Number(usdText(score)) : score,
    estimate_usd: usdOrNull(estimate?.worstNano ?? null),
    ...{ health, circuit },
  };
}

/** A wire request as a document: secrets read `[redacted]`, JSON bodies as JSON. */
export function requestDocument({ method, url, headers, body }: WireRequest) {
  const shown = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
  return { method, url, headers: shown, body: body === undefined ? null : parsed(body) };
}

function parsed(body: string | Uint8Array): unknown {
  const text = typeof body === "string" ? body : Buffer.from(body).toString("utf8");
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** A wire request as a curl command for a POSIX shell; a secret becomes a variable to fill in. */
export function curlCommand({ method, url, headers, body }: WireRequest): string {
  const lines = [`curl ${quoted(url)}`, ...(method === "GET" ? [] : [`-X ${method}`])];
  for (const [name, value] of Object.entries(headers))
    lines.push(`-H ${quoted(`${name}: ${String(value)}`)}`);
  if (body !== undefined)
    lines.push(
      `--data-binary ${quoted(typeof body === "string" ? body : Buffer.from(body).toString("utf8"))}`,
    );
  return `${lines.join(" \\\n  ")}\n`;
}

const quoted = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;

const usdOrNull = (nano: number | null) => (nano === null ? null : usdText(nano));
