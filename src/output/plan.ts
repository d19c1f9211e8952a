import type { CompletionCandidate } from "../engine/candidates.ts";
import type { Skip } from "../engine/events.ts";
import { estimateInputTokens } from "../providers/estimate.ts";
import type { WireRequest } from "../wire/http.ts";

/** What each candidate would take, as `riptide.estimate/1`; without prices nothing is said of money. */
export function estimateDocument(candidates: readonly CompletionCandidate[]) {
  return {
    schema: "riptide.estimate/1",
    candidates: candidates.map(({ provider, model, request }) => ({
      provider,
      model,
      input_tokens: estimateInputTokens(request),
      max_output_tokens: request.maxTokens ?? request.facts.maxOutputTokens ?? null,
      worst_usd: null,
      priced: false,
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
  }));
  const skipped = route.skipped.map(({ provider, model, reason }) => ({
    rank: null,
    provider,
    model,
    eligible: false,
    reason,
    slice_ms: null,
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
      estimate_usd: null,
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
