import type { DashboardData, PerformanceData, SloData, TargetData } from "../data.ts";
import { basisOf, count, counted, duration, percent, sumOf } from "../figures.ts";
import { type Line, pad, type Span, widthOf } from "../line.ts";
import { barOf, type Look } from "../look.ts";
import { nothing, type Panel, stacked } from "../panel.ts";
import { targetName, targetRows } from "../rows.ts";
import { type State, sortOf } from "../state.ts";
import { tableLines, type ViewColumn } from "../table.ts";

/** How fast and how reliably each target answered lately. */
export function performanceView(data: DashboardData, state: State, look: Look): readonly Line[] {
  const rows = targetRows(data, state);
  const chosen = rows[state.selected] ?? rows[0];
  const panels = [targetsPanel(data, rows, state, look)];
  if (chosen) panels.push(latencyPanel(chosen, data.performance, look), errorsPanel(chosen));
  const { slos = [] } = data.performance;
  if (slos.length > 0) panels.push(sloPanel(slos));
  return stacked(panels, look);
}

const COLUMNS: readonly ViewColumn<TargetData>[] = [
  { head: "target", cell: targetName },
  { head: "attempts", align: "right", cell: ({ attempts }) => count(attempts) },
  {
    head: "ok",
    align: "right",
    cell: ({ success_rate }) => percent(success_rate),
    paint: ({ failed }) => (failed > 0 ? "yellow" : "green"),
  },
  { head: "ttft p50", align: "right", drop: 2, cell: ({ first_token_ms }) => duration(first_token_ms.p50) },
  { head: "ttft p95", align: "right", drop: 4, cell: ({ first_token_ms }) => duration(first_token_ms.p95) },
  { head: "p50", align: "right", cell: ({ total_ms }) => duration(total_ms.p50) },
  { head: "p95", align: "right", cell: ({ total_ms }) => duration(total_ms.p95) },
  { head: "p99", align: "right", drop: 3, cell: ({ total_ms }) => duration(total_ms.p99) },
  {
    head: "tok/s",
    align: "right",
    drop: 1,
    cell: ({ tokens_per_s: speed }) => (speed === null ? "-" : speed.toFixed(speed < 10 ? 1 : 0)),
  },
];

function targetsPanel(
  { performance }: DashboardData,
  rows: readonly TargetData[],
  state: State,
  look: Look,
): Panel {
  const title = `Targets by ${sortOf(state)}`;
  const note = basisOf(performance);
  if (rows.length === 0)
    return {
      title,
      note,
      lines: nothing(performance.targets.length === 0 ? "nothing was tried" : "no attempt matches"),
    };
  const { selected } = state;
  const lines = tableLines(COLUMNS, rows, { look, selected });
  return { title, note, lines, selected, least: 4 };
}

/** So few answers show no distribution. */
const LEAST_ANSWERS = 5;

/** Answers by duration; the outermost columns that hold nothing are left out. */
function latencyPanel(target: TargetData, { latency_bounds_ms }: PerformanceData, look: Look): Panel {
  const { latency } = target;
  const answers = sumOf(latency);
  const title = `Latency of ${targetName(target)}`;
  const note = counted(answers, "answer");
  if (answers < LEAST_ANSWERS) {
    return { title, note, lines: nothing(`${LEAST_ANSWERS} answers are the least for a histogram`) };
  }
  const first = latency.findIndex((value) => value > 0);
  const last = latency.findLastIndex((value) => value > 0);
  const largest = Math.max(...latency);
  const room = Math.max(10, Math.min(80, look.columns - 34));
  const lines = latency.slice(first, last + 1).map((value, at): Line => {
    const bound = latency_bounds_ms[first + at];
    const head =
      bound === undefined ? `over ${duration(latency_bounds_ms.at(-1) ?? 0)}` : `to ${duration(bound)}`;
    return [
      [`  ${pad(head, 10, "right")}  `, "dim"],
      [pad(barOf(value, largest, room, look.ascii), room), "cyan"],
      [` ${count(value)} (${percent(value / answers)})`, "dim"],
    ];
  });
  return { title, note, lines, least: 3 };
}

/** What the configuration promises of providers, and whether these attempts kept it. */
function sloPanel(slos: readonly SloData[]): Panel {
  const width = Math.max(...slos.map(({ name, metric }) => widthOf(name) + metric.length + 1));
  const lines = slos.map((slo) => sloLine(slo, width));
  return {
    title: "SLO of providers",
    note: "of the attempts above",
    lines,
    heads: 0,
    least: Math.min(3, lines.length),
  };
}

function sloLine({ name, metric, target, actual, met }: SloData, width: number): Line {
  const isShare = metric === "success";
  const figure = isShare ? percent : duration;
  const verdict: Span = met === null ? ["unknown", "dim"] : met ? ["met    ", "green"] : ["missed ", "red"];
  const seen = actual === null ? "nothing known" : figure(actual);
  return [
    [`  ${pad(`${name} ${metric}`, width)}  `],
    verdict,
    [`  ${seen}, wanted at ${isShare ? "least" : "most"} ${figure(target)}`],
  ];
}

function errorsPanel({ errors, failed, ...target }: TargetData): Panel {
  const title = `Errors of ${targetName(target)}`;
  const note = counted(failed, "failed attempt");
  if (errors.length === 0) return { title, note, lines: nothing("none") };
  const line: Line = [
    [`  ${errors.map(({ code, count: times }) => `${code} ${count(times)}`).join(", ")}`, "red"],
  ];
  return { title, note, lines: [line] };
}
