import { activityPanel } from "../activity.ts";
import { budgetPanel } from "../budgets.ts";
import type { CircuitData, DashboardData, ProviderPerformanceData } from "../data.ts";
import { basisOf, clockTime, count, counted, duration, part, percent, usd } from "../figures.ts";
import { alertPanels, happenedPanel } from "../happened.ts";
import { beside, type Line, pad, type Span } from "../line.ts";
import { barOf, type Look, nameRoom, signsOf } from "../look.ts";
import { HEALTH_PAINTS, STATE_PAINTS } from "../paints.ts";
import { nothing, type Panel, stacked } from "../panel.ts";
import { costName, type ProviderRow, providerRows } from "../rows.ts";
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
        happenedPanel(data, look),
      ],
      look,
    );
  }
  const columns = Math.floor((look.columns - 2) / 2);
  const half = { ...look, columns };
  const blocks = [
    [totalsPanel(data, state, half), providerPanel(data, state, half), modelPanel(data, half)],
    [activityPanel(data, half), budgetPanel(data, half), ...alertPanels(data), happenedPanel(data, half)],
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

/** One line for each provider: health, circuits, and how it did lately. */
function providerPanel(data: DashboardData, state: State, look: Look): Panel {
  const title = "Providers";
  const note = basisOf(data.performance);
  const rows = providerRows(data, state);
  if (rows.length === 0) {
    const none =
      data.circuits.length === 0 ? "none is configured: riptide config init" : "no provider matches";
    return { title, lines: nothing(none) };
  }
  const width = nameRoom(
    rows.map(({ name }) => name),
    24,
    look,
  );
  const { selected } = state;
  const { cursor } = signsOf(look.ascii);
  const lines = rows.map(
    (row, at): Line => [
      [at === selected ? `${cursor} ` : "  ", "cyan"],
      [`${pad(row.name, width)}  `, at === selected ? "bold" : undefined],
      ...providerSpans(row, data),
    ],
  );
  return { title, note, lines, selected, heads: 0, least: Math.min(3, lines.length) };
}

function providerSpans(row: ProviderRow, { health, performance }: DashboardData): readonly Span[] {
  const { circuits, did } = row;
  const worst =
    circuits.find(({ state }) => state === "open") ??
    circuits.find(({ state }) => state !== "closed") ??
    circuits.find(({ hold }) => hold) ??
    circuits[0];
  return [
    ...(health
      ? [[pad(row.health ?? "unknown", 13), HEALTH_PAINTS[row.health ?? ""] ?? "dim"] as const]
      : []),
    ...(worst ? circuitSpans(worst, circuits) : []),
    [performance.providers ? lately(did) : "", did && did.failed > 0 ? "yellow" : "dim"],
  ];
}

/** How it did; of attempts that were cancelled nothing is known but that they were made. */
function lately(did: ProviderPerformanceData | undefined): string {
  if (!did) return "not asked";
  const { attempts, success_rate, total_ms } = did;
  const rate = success_rate === null ? "none ended" : `${percent(success_rate)} ok`;
  const p95 = total_ms.p95 === null ? "" : `, p95 ${duration(total_ms.p95)}`;
  return `${counted(attempts, "attempt")}, ${rate}${p95}`;
}

const isLike = (one: CircuitData, other: CircuitData): boolean =>
  one.state === other.state && Boolean(one.hold) === Boolean(other.hold);

function circuitSpans(worst: CircuitData, all: readonly CircuitData[]): readonly Span[] {
  const { state, retry_at, hold, operation } = worst;
  const until =
    retry_at !== null && state !== "closed"
      ? [`retry ${clockTime(retry_at)}`]
      : hold
        ? [`until ${clockTime(hold.until)}`]
        : [];
  // Where the other operations of the provider fare better, it is said which one this is.
  const said = [...(all.every((each) => isLike(each, worst)) ? [] : [operation]), ...until].join(", ");
  return [
    [pad(hold && state === "closed" ? "held" : state, 10), hold ? "yellow" : STATE_PAINTS[state]],
    [said === "" ? "" : `${said}  `],
  ];
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
