import type { DashboardData, RequestData } from "../data.ts";
import { count, dayClock, duration, usd } from "../figures.ts";
import type { Line } from "../line.ts";
import type { Look } from "../look.ts";
import { nothing, stacked } from "../panel.ts";
import { requestRows, tookMs } from "../rows.ts";
import { RANGE_WORDS, type State, sortOf } from "../state.ts";
import { tableLines, type ViewColumn } from "../table.ts";

/** The requests that ended last. */
export function requestsView(data: DashboardData, state: State, look: Look): readonly Line[] {
  const rows = requestRows(data, state);
  const title = `${state.errorsOnly ? "Requests that were not answered" : "Requests"} by ${sortOf(state)}`;
  const note = `the newest ${count(data.requests.length)}, ${RANGE_WORDS[state.range]}`;
  const { selected } = state;
  const lines =
    rows.length === 0
      ? nothing(data.requests.length === 0 ? "no requests in this range" : "no request matches")
      : tableLines(columnsAt(data.at), rows, { look, selected });
  return stacked([{ title, note, lines, selected, least: 1 }], look);
}

const columnsAt = (now: string): readonly ViewColumn<RequestData>[] => [
  { head: "time", isWhole: true, cell: ({ started_at }) => dayClock(started_at, now) },
  { head: "tenant", drop: 1, cell: ({ tenant }) => tenant },
  { head: "asked", drop: 4, cell: ({ requested_model }) => requested_model },
  {
    head: "answered by",
    cell: ({ provider, model }) => (provider === null ? "-" : `${provider}/${model}`),
  },
  {
    head: "outcome",
    cell: ({ outcome, error_code }) => error_code ?? outcome,
    paint: ({ outcome }) => (outcome === "ok" ? "green" : outcome === "cancelled" ? "yellow" : "red"),
  },
  {
    head: "tries",
    align: "right",
    drop: 2,
    cell: ({ attempts }) => String(attempts),
    paint: ({ attempts }) => (attempts > 1 ? "yellow" : undefined),
  },
  { head: "ttft", align: "right", drop: 3, cell: ({ first_token_ms }) => duration(first_token_ms) },
  { head: "took", align: "right", cell: (row) => duration(tookMs(row)) },
  { head: "in", align: "right", drop: 6, cell: ({ input_tokens }) => count(input_tokens) },
  { head: "out", align: "right", drop: 5, cell: ({ output_tokens }) => count(output_tokens) },
  { head: "cost", align: "right", cell: ({ cost_usd }) => usd(cost_usd) },
  { head: "request", drop: 7, isWhole: true, cell: ({ id }) => id },
];
