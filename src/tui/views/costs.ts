import { budgetPanel } from "../budgets.ts";
import type { CostRow, DashboardData } from "../data.ts";
import { count, counted, numberOf, part, sumOf, usd } from "../figures.ts";
import { alertPanels } from "../happened.ts";
import type { Line } from "../line.ts";
import { barOf, course, type Look } from "../look.ts";
import { nothing, type Panel, stacked } from "../panel.ts";
import { costName, costRows } from "../rows.ts";
import { RANGE_WORDS, type State, sortOf } from "../state.ts";
import { tableLines, type ViewColumn } from "../table.ts";

/** What was spent: by model, over time, and of which budgets. */
export const costsView = (data: DashboardData, state: State, look: Look): readonly Line[] =>
  stacked(
    [
      modelsPanel(data, state, look),
      spendingPanel(data, state, look),
      budgetPanel(data, look),
      ...alertPanels(data),
    ],
    look,
  );

const COLUMNS: readonly ViewColumn<CostRow>[] = [
  { head: "model", cell: costName },
  { head: "requests", align: "right", cell: ({ requests }) => count(requests) },
  {
    head: "failed",
    align: "right",
    drop: 1,
    cell: ({ failed }) => count(failed),
    paint: ({ failed }) => (failed > 0 ? "red" : undefined),
  },
  { head: "in", align: "right", drop: 3, cell: ({ usage }) => count(usage.input_tokens) },
  { head: "cached", align: "right", drop: 4, cell: ({ usage }) => count(usage.cache_read_tokens) },
  { head: "out", align: "right", drop: 3, cell: ({ usage }) => count(usage.output_tokens) },
  { head: "cost", align: "right", cell: ({ cost_usd }) => usd(cost_usd) },
  { head: "share", align: "right", drop: 2, cell: ({ share }) => part(share) },
];

function modelsPanel(data: DashboardData, state: State, look: Look): Panel {
  const { totals } = data.costs;
  const title = `${usd(totals.cost_usd)} ${RANGE_WORDS[state.range]}, by ${sortOf(state)}`;
  const note = `${counted(totals.requests, "request")}, ${counted(totals.attempts, "attempt")}, ${count(totals.failed)} failed`;
  const rows = costRows(data, state);
  if (rows.length === 0)
    return {
      title,
      note,
      lines: nothing(data.costs.rows.length === 0 ? "no requests in this range" : "no model matches"),
    };
  const barWidth = look.columns >= 110 ? Math.min(40, look.columns - 90) : 0;
  const largest = Math.max(...rows.map(({ cost_usd }) => numberOf(cost_usd)));
  const bars: ViewColumn<CostRow> = {
    head: " ".repeat(barWidth),
    cell: ({ cost_usd }) => barOf(numberOf(cost_usd), largest, barWidth, look.ascii),
    paint: () => "cyan",
  };
  const columns = barWidth > 0 ? [...COLUMNS, bars] : COLUMNS;
  const { selected } = state;
  const lines = tableLines(columns, rows, { look, selected });
  return { title, note, lines, selected, least: 5 };
}

/** The course of spending; the newest hour, day, week or month stands at the right. */
function spendingPanel({ spending }: DashboardData, { range }: State, look: Look): Panel {
  const points = spending?.points ?? [];
  const costs = points.map(({ cost_usd }) => numberOf(cost_usd));
  const [first, last] = [points[0], points.at(-1)];
  if (!spending || !first || !last || sumOf(costs) === 0) {
    const why = last ? "nothing was spent" : "too little is known for a course";
    return { title: "Spending", note: RANGE_WORDS[range], lines: nothing(why) };
  }
  const line: Line = [
    ["  "],
    [course(costs, look.columns - 40, look.ascii), "cyan"],
    [`  most ${usd(String(Math.max(...costs)))}, last ${usd(last.cost_usd)}`, "dim"],
  ];
  return { title: `Spending per ${spending.unit}`, note: `${first.name} to ${last.name}`, lines: [line] };
}
