import { checkProviders } from "../../engine/health-run.ts";
import type { HealthLevel, ProviderHealth } from "../../health/report.ts";
import type { Call } from "../command.ts";
import { loadFor } from "../configured.ts";
import { sessionOf } from "../session.ts";
import type { Examine, Finding } from "./check.ts";

/** The configuration in use: that it can be loaded, and what is odd in it. */
export const examineConfig: Examine = async (call) => {
  const { config, located, warnings, notice } = await loadFor(call, { useCache: false });
  const place = located.kind === "file" ? located.path : "found in the environment, without a file";
  const enabled = config.providers.filter(({ implicit, enabled }) => !implicit && enabled);
  const found: Finding =
    enabled.length > 0
      ? {
          name: "file",
          status: "ok",
          summary: `${place}, revision ${config.revision}, ${enabled.length} provider${enabled.length === 1 ? "" : "s"}`,
        }
      : {
          name: "file",
          status: "fail",
          summary: "no provider is configured",
          remediation: "riptide config init, or export the key of a provider",
        };
  const odd = [...warnings, ...(notice === undefined ? [] : [notice])];
  return [found, ...odd.map((summary): Finding => ({ name: "warning", status: "warn", summary }))];
};

/** Whether each provider's entry holds all that it needs; nothing is sent. */
export const examineSecrets: Examine = async (call) => {
  const seen = await looked(call, "config");
  const hasUsable = seen.some(({ status }) => status !== "misconfigured" && status !== "disabled");
  return seen.map(({ name, checks }): Finding => {
    const failed = checks.find(({ status }) => status === "fail" || status === "unknown");
    if (!failed) return { name, status: "ok", summary: "all there" };
    return {
      name,
      status: hasUsable ? "warn" : "fail",
      summary: failed.message ?? "could not be read",
      remediation: failed.remediation ?? undefined,
    };
  });
};

const CALL_MS = 5_000;

/** A look at every provider that is in use, by calls that cost nothing. */
export async function looked(call: Call, level: HealthLevel): Promise<readonly ProviderHealth[]> {
  const loaded = await loadFor(call);
  const { config, engine, newId } = sessionOf(call, loaded);
  const entries = config.providers.filter(({ implicit, enabled }) => !implicit && enabled);
  const ask = { level, probeTimeoutMs: CALL_MS, retries: 0, maxLatencyMs: undefined, maxCostNano: 0 };
  const around = { newId, signal: call.io.signal, timeoutMs: undefined };
  const { checked } = await checkProviders(entries, engine, { ...ask, ...around });
  return checked.map(({ health }) => health);
}
