import { RiptideError } from "../../core/errors.ts";
import type { JsonObject } from "../../core/json.ts";
import { reportOf } from "../../health/policy.ts";
import type { HealthCheck, HealthReport, ProviderHealth } from "../../health/report.ts";
import { contact, controlDocument } from "../client/control.ts";
import type { Call } from "../command.ts";
import type { HealthAsks } from "./asks.ts";

/**
 * What the daemon saw when it looked last, judged by the policy of this call.
 * @throws RiptideError `daemon_not_running`, and `usage` for a provider it does not have
 */
export async function cachedReport(call: Call, { policy }: HealthAsks): Promise<HealthReport> {
  const reached = await contact(call);
  const path = "/riptide/v1/health";
  const document = await controlDocument(call, reached, { method: "GET", path });
  const rows = rowsOf(document);
  const named = new Set(call.given.words);
  const unknown = [...named].find((word) => !rows.some(({ name }) => name === word));
  if (unknown !== undefined) {
    throw new RiptideError("usage", `the daemon knows no provider "${unknown}"`, {
      reasons: [`known: ${rows.map(({ name }) => name).join(", ")}`],
    });
  }
  const providers = rows.filter(({ name }) => named.size === 0 || named.has(name));
  return reportOf(providers, { policy, via: "daemon", checkedAt: String(document.checked_at) });
}

/** `riptide.health/1` comes from a daemon of our protocol, so its members have their types. */
interface Row extends Pick<ProviderHealth, "name" | "type" | "status" | "level" | "circuit"> {
  readonly latency_ms: number | null;
  readonly models_found: number | null;
  readonly checks: readonly (Omit<HealthCheck, "retryAfterMs"> & { readonly retry_after_ms?: number })[];
}

const rowsOf = ({ providers }: JsonObject): readonly ProviderHealth[] =>
  (providers as unknown as readonly Row[]).map(({ latency_ms, models_found, checks, ...row }) => ({
    ...row,
    latencyMs: latency_ms,
    modelsFound: models_found,
    checks: checks.map(({ retry_after_ms, ...check }) => ({
      ...check,
      ...(retry_after_ms !== undefined && { retryAfterMs: retry_after_ms }),
    })),
  }));
