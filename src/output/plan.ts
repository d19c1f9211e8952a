import { usdText } from "../core/money.ts";
import type { CompletionCandidate } from "../engine/candidates.ts";
import type { Skip } from "../engine/events.ts";
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
  readonly strategy: string;
  readonly tenant: string;
  readonly deadlineMs: number;
  readonly candidates: readonly CompletionCandidate[];
  readonly skipped: readonly Skip[];
  readonly estimates: readonly Estimate[];
  /** The slice each candidate would get if those before it used theirs up. */
  readonly slicesMs: readonly number[];
}

/** Where a request would go, as `riptide.route/1`. */
export function routeDocument(route: RouteFacts) {
  const eligible = route.candidates.map(({ provider, model }, index) => ({
    rank: index + 1,
    provider,
    model,
    eligible: true,
    reason: null,
    slice_ms: route.slicesMs[index] ?? null,
    estimate_usd: usdOrNull(route.estimates[index]?.worstNano ?? null),
  }));
  const skipped = route.skipped.map(({ provider, model, reason }) => ({
    rank: null,
    provider,
    model,
    eligible: false,
    reason,
    slice_ms: null,
    estimate_usd: null,
  }));
  return {
    schema: "riptide.route/1",
    requested: route.requested,
    alias: route.alias,
    strategy: route.strategy,
    tenant: route.tenant,
    deadline_ms: route.deadlineMs,
    candidates: [...eligible, ...skipped].map((candidate) => ({
      ...candidate,
      score: null,
      health: null,
      circuit: null,
    })),
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
