import { activityPanel } from "../activity.ts";
import { budgetPanel } from "../budgets.ts";
import type { DashboardData } from "../data.ts";
import { count, counted, part, usd } from "../figures.ts";
import { alertPanels, happenedPanel } from "../happened.ts";
import { beside, type Line, pad } from "../line.ts";
import { barOf, type Look, nameRoom, signsOf } from "../look.ts";
import { nothing, type Panel, stacked } from "../panel.ts";
import { providerPanel } from "../providers.ts";
import { costName } from "../rows.ts";
import { RANGE_WORDS, type State } from "../state.ts";

/** From so many columns on two blocks stand side by side. */
const WIDE = 140;

/** Everything at a glance. */
export function overview(data: DashboardData, state: State, look: Look): readonly Line[] {
  if (look.columns < WIDE) {
    return stacked(
      [
        totalsPanel(data, state, look),
        activityPanel(data, look),
        providerPanel(data, state, look),
        budgetPanel(data, look),
        ...alertPanels(data),
        happenedPanel(data, look, { isBrief: true }),
      ],
      look,
    );
  }
  const columns = Math.floor((look.columns - 2) / 2);
  const half = { ...look, columns };
  const blocks = [
    [totalsPanel(data, state, half), providerPanel(data, state, half), modelPanel(data, half)],
    [
      activityPanel(data, half),
      budgetPanel(data, half),
      ...alertPanels(data),
      happenedPanel(data, half, { isBrief: true }),
    ],
  ];
  return beside(
    blocks.map((panels) => ({ lines: stacked(panels, half), columns })),
    signsOf(look.ascii).ellipsis,
  );
}

function totalsPanel({ costs, in_flight, waiting }: DashboardData, { range }: State, look: Look): Panel {
  const { totals } = costs;
  const { usage } = totals;
  const failed = totals.requests === 0 ? null : totals.failed / totals.requests;
  const unpriced =
    totals.unpriced_requests > 0 ? `, ${counted(totals.unpriced_requests, "unpriced request")}` : "";
  const running = in_flight === null ? [] : [`${count(in_flight)} running, ${count(waiting ?? 0)} waiting`];
  const line: Line = [
    ["  "],
    [usd(totals.cost_usd), "bold"],
    [unpriced, "yellow"],
    [`  ${counted(totals.requests, "request")}, `],
    [`${count(totals.failed)} failed (${part(failed)})`, totals.failed > 0 ? "red" : "dim"],
  ];
  const tokens: Line = [
    [
      `  ${count(usage.input_tokens)} tokens in (${count(usage.cache_read_tokens)} cached), ${count(usage.output_tokens)} out`,
    ],
    [running.map((text) => `  ${signsOf(look.ascii).dot}  ${text}`).join("")],
  ];
  return { title: "Totals", note: RANGE_WORDS[range], lines: [line, tokens] };
}

/** What cost most, where there is room for it. */
function modelPanel({ costs }: DashboardData, look: Look): Panel {
  const rows = costs.rows.slice(0, 20);
  const title = "Costs by model";
  if (rows.length === 0) return { title, lines: nothing("no requests in this range") };
  const width = nameRoom(rows.map(costName), 40, look);
  const largest = Math.max(...rows.map(({ cost_usd }) => Number(cost_usd ?? 0)));
  const lines = rows.map((row): Line => {
    const room = Math.max(4, look.columns - width - 34);
    return [
      [
        `  ${pad(costName(row), width)}  ${pad(usd(row.cost_usd), 11, "right")}  ${pad(count(row.requests), 6, "right")}  `,
      ],
      [barOf(Number(row.cost_usd ?? 0), largest, room, look.ascii), "cyan"],
    ];
  });
  return { title, lines, least: 3 };
}
