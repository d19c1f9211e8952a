import type { ProviderEntry } from "../config/config.ts";
import { formatDuration } from "../core/duration.ts";
import { asRiptideError, RiptideError } from "../core/errors.ts";
import { notRun } from "../health/checks.ts";
import type { HealthCheck } from "../health/report.ts";
import type { Engine } from "./engine.ts";
import type { LoadedProvider } from "./generation.ts";
import type { HealthAsk } from "./health-check.ts";
import { gaveUp } from "./health-error.ts";
import { startLimit, untilAborted } from "./limit.ts";

/** Whether the provider's entry holds all that is needed, its secrets included; nothing is sent. */
export async function checkConfig(
  { id }: ProviderEntry,
  { generation, clock }: Engine,
  { signal, probeTimeoutMs }: HealthAsk,
): Promise<{ readonly check: HealthCheck; readonly loaded?: LoadedProvider }> {
  const startedAt = clock.now();
  const limit = startLimit(clock, signal);
  const late = new RiptideError(
    "deadline_exceeded",
    `its secrets could not be read within ${formatDuration(probeTimeoutMs)}`,
  );
  limit.set(probeTimeoutMs, () => late);
  const ms = () => Math.round(clock.now() - startedAt);
  try {
    const loaded = await untilAborted(generation.provider(id), limit.signal);
    return { check: notRun("config", { status: "pass", ms: ms(), attempts: 1 }), loaded };
  } catch (thrown) {
    const error = asRiptideError(thrown);
    const { code, message } = error;
    if (gaveUp(signal)) return { check: notRun("config", { code, message }) };
    const remediation = error.facts.hint ?? "riptide config validate --level secrets";
    const status = error === late ? "unknown" : "fail";
    return { check: { id: "config", status, ms: ms(), attempts: 1, code, message, remediation } };
  } finally {
    limit.dispose();
  }
}
