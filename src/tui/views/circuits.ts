import { strip } from "../activity.ts";
import type { CircuitData, DashboardData } from "../data.ts";
import { clockTime, percent, until } from "../figures.ts";
import { happenedPanel } from "../happened.ts";
import { type Line, pad } from "../line.ts";
import { type Look, nameRoom } from "../look.ts";
import { STATE_PAINTS } from "../paints.ts";
import { nothing, type Panel, stacked } from "../panel.ts";
import { circuitRows } from "../rows.ts";
import type { State } from "../state.ts";
import { tableLines, type ViewColumn } from "../table.ts";

/** What lets requests through and what does not, and how it came to that. */
export const circuitsView = (data: DashboardData, state: State, look: Look): readonly Line[] =>
  stacked([circuitsPanel(data, state, look), coursePanel(data, look), happenedPanel(data, look)], look);

const columnsAt = (now: string): readonly ViewColumn<CircuitData>[] => [
  { head: "provider", cell: ({ provider }) => provider },
  { head: "operation", drop: 2, cell: ({ operation }) => operation },
  { head: "state", cell: stateText, paint: ({ state, hold }) => (hold ? "yellow" : STATE_PAINTS[state]) },
  {
    head: "failures",
    align: "right",
    cell: (row) => `${row.failures_in_window}/${row.requests_in_window}`,
    paint: (row) => (row.failures_in_window > 0 ? "red" : undefined),
  },
  { head: "success", align: "right", drop: 1, cell: ({ success_rate }) => percent(success_rate) },
  { head: "retry", align: "right", cell: (row) => until(retryOf(row), now) },
  { head: "last error", drop: 3, cell: ({ last_error }) => last_error ?? "-" },
];

const stateText = ({ state, forced, hold }: CircuitData): string =>
  [state, ...(forced ? ["forced"] : []), ...(hold ? [`held: ${hold.code}`] : [])].join(", ");

/** A request is let through no earlier than the circuit and the hold allow. */
function retryOf({ retry_at, hold }: CircuitData): string | null {
  const ends = [retry_at, hold?.until ?? null].filter((at) => at !== null).toSorted();
  return ends.at(-1) ?? null;
}

function circuitsPanel(data: DashboardData, state: State, look: Look): Panel {
  const rows = circuitRows(data, state);
  const title = "Circuit breakers";
  const note = "failures of requests within the window";
  if (rows.length === 0) return { title, note, lines: nothing("no provider matches") };
  const columns = columnsAt(data.at);
  const { selected } = state;
  const lines = tableLines(columns, rows, { look, selected });
  return { title, note, lines, selected, least: 4 };
}

/** The last hour of each provider that was asked. */
function coursePanel({ activity, at }: DashboardData, look: Look): Panel {
  const title = "Last 60 minutes";
  const note = look.ascii ? "+ well, ! some failed, X all failed" : "▪ well, ▲ some failed, ✖ all failed";
  const asked = Object.entries(activity.providers);
  if (asked.length === 0) return { title, note, lines: nothing("no provider was asked") };
  const width = nameRoom(Object.keys(activity.providers), 24, look);
  const room = Math.min(60, Math.max(10, look.columns - width - 8));
  const lines = asked.map(
    ([name, minutes]): Line => [[`  ${pad(name, width)}  `], ...strip(minutes, room, look)],
  );
  const ends: Line = [
    [
      `  ${" ".repeat(width)}  ${pad("60 min ago", Math.max(0, room - 8))}${pad(clockTime(at), 8, "right")}`,
      "dim",
    ],
  ];
  return { title, note, lines: [...lines, ends], least: 2 };
}
