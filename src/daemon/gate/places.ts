import type { Config, DaemonSettings } from "../../config/config.ts";
import { blockOf, limitsOf } from "../../engine/tenant-rules.ts";

/** How many requests may work at once, and how many may wait, as one generation says it for one tenant. */
export interface Places {
  /** Of this tenant; undefined is no limit. */
  readonly ofTenant: number | undefined;
  /** Of all tenants. */
  readonly ofDaemon: number;
  /** Lower goes first. */
  readonly priority: number;
  readonly queue: DaemonSettings["queue"];
}

/** TA-8 */
const STANDARD_PRIORITY = 100;

export const placesFor = (config: Pick<Config, "tenants" | "daemon">, tenant: string): Places => ({
  ofTenant: limitsOf(config, tenant).maxConcurrent,
  ofDaemon: config.daemon.maxConcurrent,
  priority: blockOf(config, tenant)?.priority ?? STANDARD_PRIORITY,
  queue: config.daemon.queue,
});
