import { monitorEventLoopDelay } from "node:perf_hooks";
import type { Registry } from "./registry.ts";

/** What this process takes of the machine. */
export interface ProcessMetrics {
  /** Brings the metrics up to now. */
  sample(): void;
}

const RESOLUTION_MS = 20;
const NS_PER_SECOND = 1e9;
const US_PER_SECOND = 1e6;
const MS_PER_SECOND = 1_000;

/** @param startedMs Unix milliseconds */
export function createProcessMetrics(registry: Registry, startedMs: number): ProcessMetrics {
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
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delay.enable();
  let countedUs = 0;
  return {
    sample() {
      const { rss, heapUsed } = process.memoryUsage();
      resident.set(rss);
      heap.set(heapUsed);
      const { user, system } = process.cpuUsage();
      cpu.add((user + system - countedUs) / US_PER_SECOND);
      countedUs = user + system;
      for (const percentile of [50, 99])
        late.of(String(percentile)).set(lateness(delay.percentile(percentile)));
      delay.reset();
    },
  };
}

/** The timer itself comes each 20 ms, which is no delay. */
const lateness = (ns: number): number => Math.max(0, ns / NS_PER_SECOND - RESOLUTION_MS / MS_PER_SECOND);
