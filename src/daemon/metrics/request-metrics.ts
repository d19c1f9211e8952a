import type { Attempt } from "../../engine/events.ts";
import { type Change, changesOf } from "../events/changes.ts";
import type { Ending, Observer, Work } from "../observer.ts";
import type { Labels } from "./labels.ts";
import { ownerOf } from "./owners.ts";
import type { Registry } from "./registry.ts";

/** Bucket bounds that the OpenTelemetry conventions for generative AI advise, in seconds and in tokens. */
const SECONDS = [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92];
const TOKENS = [1, 4, 16, 64, 256, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304, 16777216, 67108864];

const GEN_AI = ["gen_ai_operation_name", "gen_ai_provider_name", "gen_ai_request_model"] as const;
const MS_PER_SECOND = 1_000;
const NANO_PER_USD = 1e9;

/** Counts the work of the daemon: each request once, each attempt once. */
export function createRequestMetrics(registry: Registry, labels: Labels): Observer {
  const requests = requestFamilies(registry);
  const attempts = attemptFamilies(registry);
  return {
    began: () => {},
    ended(work, ending) {
      countRequest(requests, { work, ending, tenant: labels.tenant(work.tenant) });
      for (const attempt of ending.attempts) countAttempt(attempts, { attempt, work, labels });
      for (const change of changesOf(ending.attempts)) countChange(requests, change);
      for (const { provider, reason } of ending.skipped) requests.skips.of(provider, reason).add();
    },
  };
}

function requestFamilies(registry: Registry) {
  return {
    total: registry.counter("riptide_requests_total", "Requests that have ended.", [
      ...["tenant", "dialect", "operation", "outcome", "error_type", "code"],
    ]),
    seconds: registry.histogram(
      "riptide_request_duration_seconds",
      "Time from admission to the end of the answer.",
      ["operation", "outcome"],
      SECONDS,
    ),
    firstToken: registry.histogram(
      "riptide_first_token_seconds",
      "Time from admission to the first content.",
      ["operation"],
      SECONDS,
    ),
    failovers: registry.counter(
      "riptide_failovers_total",
      "Changes to another target after a failed attempt.",
      ["from", "to", "error_type", "code"],
    ),
    repairs: registry.counter("riptide_repairs_total", "Second tries at the same target.", [
      ...["provider", "outcome"],
    ]),
    skips: registry.counter("riptide_skips_total", "Targets that were passed over.", ["provider", "reason"]),
  };
}

function attemptFamilies(registry: Registry) {
  return {
    total: registry.counter("riptide_attempts_total", "Calls to providers.", [
      ...["provider", "model", "kind", "outcome", "error_type", "code"],
    ]),
    holds: registry.counter("riptide_holds_total", "Times a provider was left alone for a while.", [
      ...["provider", "code"],
    ]),
    cost: registry.counter("riptide_cost_usd_total", "What attempts have cost, in US dollars.", [
      ...["provider", "model", "tenant"],
    ]),
    unpriced: registry.counter("riptide_unpriced_attempts_total", "Billed attempts without a known price.", [
      ...["provider", "model"],
    ]),
    duration: registry.histogram(
      "gen_ai_client_operation_duration_seconds",
      "Time of one call to a provider.",
      [...GEN_AI, "error_type"],
      SECONDS,
    ),
    tokens: registry.histogram(
      "gen_ai_client_token_usage",
      "Tokens of one call to a provider.",
      [...GEN_AI, "gen_ai_token_type"],
      TOKENS,
    ),
  };
}

type RequestFamilies = ReturnType<typeof requestFamilies>;
type AttemptFamilies = ReturnType<typeof attemptFamilies>;

function countRequest(
  families: RequestFamilies,
  { work, ending, tenant }: { readonly work: Work; readonly ending: Ending; readonly tenant: string },
): void {
  const { dialect, class: operation, stream } = work;
  const { error, totalMs, firstTokenMs } = ending;
  const outcome = outcomeOf(ending);
  families.total.of(tenant, dialect, operation, outcome, ownerOf(error?.code), error?.code ?? "").add();
  families.seconds.of(operation, outcome).observe(totalMs / MS_PER_SECOND);
  if (stream && firstTokenMs !== null)
    families.firstToken.of(operation).observe(firstTokenMs / MS_PER_SECOND);
}

const outcomeOf = ({ error }: Ending): "ok" | "error" | "cancelled" => {
  if (!error) return "ok";
  return error.code === "cancelled" ? "cancelled" : "error";
};

function countAttempt(
  families: AttemptFamilies,
  { attempt, work, labels }: { readonly attempt: Attempt; readonly work: Work; readonly labels: Labels },
): void {
  const { provider, kind, outcome, code, ms, charge, holdUntilMs } = attempt;
  const model = labels.model(provider, attempt.model);
  const errorType = ownerOf(code);
  families.total.of(provider, model, kind, outcome, errorType, code ?? "").add();
  if (holdUntilMs !== null) families.holds.of(provider, code ?? "").add();
  const operation = work.class === "completion" ? "chat" : "embeddings";
  families.duration.of(operation, provider, model, errorType).observe(ms / MS_PER_SECOND);
  if (charge.source === "none") return;
  families.tokens.of(operation, provider, model, "input").observe(charge.inputTokens);
  families.tokens.of(operation, provider, model, "output").observe(charge.outputTokens);
  if (charge.priceVersion === null) families.unpriced.of(provider, model).add();
  else families.cost.of(provider, model, labels.tenant(work.tenant)).add(charge.costNano / NANO_PER_USD);
}

function countChange({ failovers, repairs }: RequestFamilies, change: Change): void {
  const { from, to } = change;
  if (change.kind === "repair") repairs.of(to.provider, to.outcome).add();
  else failovers.of(from.provider, to.provider, ownerOf(from.code), from.code ?? "").add();
}
