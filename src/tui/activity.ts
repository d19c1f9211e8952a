import type { Paint } from "../output/style.ts";
import type { DashboardData, MinuteData } from "./data.ts";
import { count, sumOf } from "./figures.ts";
import { type Line, pad, type Span } from "./line.ts";
import { course, gathered, type Look } from "./look.ts";
import { nothing, type Panel } from "./panel.ts";

/** Requests of the last hour: one column a minute, or more minutes in one where there is less room. */
export function activityPanel({ activity }: Pick<DashboardData, "activity">, look: Look): Panel {
  const counts = activity.requests.map((minute) => minute.count);
  const failures = activity.requests.map(({ failed }) => failed);
  const total = sumOf(counts);
  const columns = Math.min(60, look.columns - 30);
  const note = activity.is_complete ? "last 60 minutes" : `the newest ${count(total)} requests of 60 minutes`;
  if (total === 0) return { title: "Activity", note, lines: nothing("no requests in the last hour") };
  const line = (head: string, values: readonly number[], paint: Paint): Line => [
    [`  ${pad(head, 9)} `],
    [course(values, columns, look.ascii), sumOf(values) > 0 ? paint : "dim"],
    [`  ${count(sumOf(values))}, most ${count(Math.max(0, ...values))}/min`, "dim"],
  ];
  const lines = [line("requests", counts, "cyan"), line("failed", failures, "red")];
  return { title: "Activity", note, lines, least: 2 };
}

/** One sign for each minute, or for more where there is less room: nothing, all well, some failed, all failed. */
export function strip(minutes: readonly MinuteData[], columns: number, look: Look): Line {
  const counts = gathered(
    minutes.map((minute) => minute.count),
    columns,
  );
  const failures = gathered(
    minutes.map(({ failed }) => failed),
    columns,
  );
  const signs = look.ascii
    ? { none: ".", well: "+", some: "!", all: "X" }
    : { none: "·", well: "▪", some: "▲", all: "✖" };
  return counts.map((total, at): Span => {
    const failed = failures[at] ?? 0;
    if (total === 0) return [signs.none, "dim"];
    if (failed === 0) return [signs.well, "green"];
    return failed < total ? [signs.some, "yellow"] : [signs.all, "red"];
  });
}
