import { formatTime } from "../core/clock.ts";
import { formatDuration } from "../core/duration.ts";
import type { JsonObject } from "../core/json.ts";
import { humanUsd, usdText } from "../core/money.ts";
import type { SimulatedRange } from "./read-simulation.ts";
import { cutLine } from "./stats.ts";
import type { Column } from "./table.ts";

/** Everything `riptide route simulate` says. */
export interface SimulationReport extends SimulatedRange {
  readonly strategy: string | null;
}

/** What can be known from a ledger, and what cannot. */
const SIMULATION_METHOD =
  "each request is sent first to the target the strategy ranks first, with its recorded tokens at today's price; a request that would go where it went keeps its cost, time and failures; times of moved requests are the target's median, failures are first tries at its observed rate; other models count and answer in other numbers of tokens, and load, holds and open circuits are not played again";

/** `riptide.simulation/1` */
export const simulationDocument = (report: SimulationReport): JsonObject => ({
  schema: "riptide.simulation/1",
  range: { since: formatTime(report.range.sinceMs), until: formatTime(report.range.untilMs), tz: "UTC" },
  strategy: report.strategy,
  requests: report.requests,
  moved_requests: report.moved,
  actual_usd: usdText(report.actualNano),
  simulated_usd: usdText(report.simulatedNano),
  actual_p50_ms: report.actualP50Ms,
  simulated_p50_ms: report.simulatedP50Ms,
  failures_avoided: rounded(report.failuresAvoided),
  failures_added: rounded(report.failuresAdded),
  unpriced_requests: report.unpriced,
  unanswered_requests: report.unanswered,
  unobserved_requests: report.unobserved,
  requests_left_out: report.leftOut,
  targets: report.targets.map(({ target, actual, simulated }) => ({
    target,
    actual_requests: actual,
    simulated_requests: simulated,
  })),
  method: SIMULATION_METHOD,
});

const rounded = (value: number): number => Math.round(value * 100) / 100;

export const SIMULATION_COLUMNS: readonly Column[] = [
  { head: "asked first" },
  { head: "was", align: "right" },
  { head: "would be", align: "right" },
];

/** The table for people: who was asked first, and who would have been. */
export const simulationRows = ({ targets }: SimulationReport): readonly (readonly string[])[] =>
  targets.map(({ target, actual, simulated }) => [target, String(actual), String(simulated)]);

/** What stands below it. */
export function simulationLines(report: SimulationReport): readonly string[] {
  const { requests, moved, actualNano, simulatedNano, failuresAvoided, failuresAdded } = report;
  return [
    `${requests} requests, ${moved} of them would have been asked elsewhere first`,
    `cost ${humanUsd(actualNano)}, would be ${humanUsd(simulatedNano)}`,
    `median time ${duration(report.actualP50Ms)}, would be ${duration(report.simulatedP50Ms)}`,
    `first tries that fail: about ${rounded(failuresAvoided)} fewer and ${rounded(failuresAdded)} more`,
    ...doubts(report),
    ...(report.isCut ? [cutLine(report.range)] : []),
    `how: ${SIMULATION_METHOD}`,
  ];
}

const duration = (ms: number | null): string => (ms === null ? "unknown" : formatDuration(Math.round(ms)));

function doubts({ unpriced, unanswered, unobserved, leftOut }: SimulationReport): readonly string[] {
  const lines: readonly (readonly [number, string])[] = [
    [unpriced, "moved requests keep what they cost, as their new target has no price"],
    [unanswered, "moved requests keep what they cost, as nobody had answered them"],
    [unobserved, "moved requests go to targets hardly seen, of whose failures nothing is known"],
    [leftOut, "older requests of the range are left out"],
  ];
  return lines.filter(([count]) => count > 0).map(([count, text]) => `${count} ${text}`);
}
