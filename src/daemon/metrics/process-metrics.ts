import type { Clock } from "../../core/clock.ts";
import { watchLoop } from "../loop-delay.ts";
import type { Registry } from "./registry.ts";

/** What this process takes of the machine. */
export interface ProcessMetrics {
  /** Brings the metrics up to now. */
  sample(): void;
}

const RESOLUTION_MS = 20;
/** Whoever scrapes comes again within this time. */
const SCRAPE_MS = 300_000;
const PERCENTILES = [50, 99] as const;
const US_PER_SECOND = 1e6;
const MS_PER_SECOND = 1_000;

/** @param startedMs Unix milliseconds */
export function createProcessMetrics(registry: Registry, clock: Clock, startedMs: number): ProcessMetrics {
  const resident = registry.gauge("process_resident_memory_bytes", "Resident memory.").of();
  const heap = registry.gauge("riptide_heap_used_bytes", "Memory of the JavaScript heap in use.").of();
  const cpu = registry.counter("process_cpu_seconds_total", "CPU time spent, user and system.").of();
  const late = registry.gauge(
    "riptide_event_loop_delay_seconds",
    "Lateness of the event loop since the last scrape.",
    ["percentile"],
  );
  registry
    .gauge("process_start_time_seconds", "Start of the process as a Unix time.")
    .of()
    .set(startedMs / MS_PER_SECOND);
  const delay = watchLoop(clock, { resolutionMs: RESOLUTION_MS, untilMs: SCRAPE_MS });
  let countedUs = 0;
  return {
    sample() {
      const { rss, heapUsed } = process.memoryUsage();
      resident.set(rss);
      heap.set(heapUsed);
      const { user, system } = process.cpuUsage();
      cpu.add((user + system - countedUs) / US_PER_SECOND);
      countedUs = user + system;
      const taken = delay.takeMs(...PERCENTILES);
      for (const [at, percentile] of PERCENTILES.entries())
        late.of(String(percentile)).set((taken[at] ?? 0) / MS_PER_SECOND);
    },
  };
}
