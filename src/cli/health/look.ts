import { formatTime } from "../../core/clock.ts";
import { reportOf } from "../../health/policy.ts";
import type { HealthReport } from "../../health/report.ts";
import type { Call } from "../command.ts";
import type { Session } from "../session.ts";
import type { HealthAsks } from "./asks.ts";

/** What the engine has to know of a call. */
export const engineAsk = ({ io }: Call, { config, newId }: Session, asks: HealthAsks) => ({
  level: asks.level,
  probeTimeoutMs: asks.probeTimeoutMs ?? config.timeouts.healthMs,
  retries: asks.retries,
  maxLatencyMs: asks.maxLatencyMs,
  maxCostNano: asks.maxCostNano,
  newId,
  signal: io.signal,
});

/** The report of what was just seen. */
export const reportNow = ({ io }: Call, providers: HealthReport["providers"], { policy }: HealthAsks) =>
  reportOf(providers, { policy, via: "in-process", checkedAt: formatTime(io.clock.wall()) });
