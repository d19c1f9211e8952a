import type { DashboardData } from "./data.ts";
import { clockTime } from "./figures.ts";
import { clipped, filled, type Line, lineWidth, type Span, widthOf } from "./line.ts";
import { isWide, type Look, signsOf } from "./look.ts";
import { panelLines } from "./panel.ts";
import { RANGE_WORDS, type State, VIEWS, type View } from "./state.ts";
import { circuitsView } from "./views/circuits.ts";
import { costsView } from "./views/costs.ts";
import { detailLines, helpLines } from "./views/overlays.ts";
import { overview } from "./views/overview.ts";
import { performanceView } from "./views/performance.ts";
import { requestsView } from "./views/requests.ts";
import { tenantsView } from "./views/tenants.ts";

/** Below this nothing can be read. */
const LEAST_COLUMNS = 60;
const LEAST_ROWS = 15;

/** What a view shows, in as many lines as it takes up to those of the screen. */
export const VIEW_LINES: Readonly<
  Record<View, (data: DashboardData, state: State, look: Look) => readonly Line[]>
> = {
  overview,
  costs: costsView,
  tenants: tenantsView,
  performance: performanceView,
  circuits: circuitsView,
  requests: requestsView,
};

/** How the figures came, beside the figures themselves. */
export interface Freshness {
  /** Why the newest look failed; the figures are then older. */
  readonly trouble: string | undefined;
}

/** The whole screen: exactly as many lines as it has. */
export function frame(
  data: DashboardData | undefined,
  state: State,
  look: Look,
  { trouble }: Freshness,
): readonly Line[] {
  if (look.columns < LEAST_COLUMNS || look.rows < LEAST_ROWS) return [tooSmall(look)];
  const room = bodyLook(look);
  const body = data ? bodyOf(data, state, room) : [[], [[`  ${trouble ?? "looking"}`, "dim"] as Span]];
  const { ellipsis } = signsOf(look.ascii);
  const shown = body.slice(0, room.rows).map((line) => clipped(line, look.columns, ellipsis));
  const lines = [header(data, state, look, trouble), ...shown];
  while (lines.length < look.rows - 1) lines.push([]);
  return [...lines, footer(state, look, trouble)];
}

/** The screen without its header and footer. */
export const bodyLook = (look: Look): Look => ({ ...look, rows: look.rows - 2 });

const tooSmall = ({ columns, rows }: Look): Line =>
  clipped([[`${columns}x${rows} is too small: ${LEAST_COLUMNS}x${LEAST_ROWS} at least`]], columns, "");

function bodyOf(data: DashboardData, state: State, look: Look): readonly Line[] {
  const { overlay } = state;
  if (overlay?.kind === "help")
    return panelLines({ title: "Keys", lines: helpLines(state) }, look.rows, look);
  if (overlay?.kind === "detail") return detailLines(overlay, look);
  return VIEW_LINES[state.view](data, state, look);
}

/** The views with their keys; where there is little room, the name of the shown one alone. */
function tabsOf({ view: shown }: State, look: Look, isShort = false): Line {
  const { cursor } = signsOf(look.ascii);
  return VIEWS.flatMap((view, at): Span[] => {
    const name = view === "performance" && !isWide(look) ? "perf" : view;
    const isShown = view === shown;
    // The sign stands for those who see no bold.
    return [
      [`${isShown ? cursor : " "}${at + 1} `, isShown ? "cyan" : "dim"],
      [isShort && !isShown ? "" : name, isShown ? "bold" : undefined],
    ];
  });
}

function header(
  data: DashboardData | undefined,
  state: State,
  look: Look,
  trouble: string | undefined,
): Line {
  const { ellipsis } = signsOf(look.ascii);
  const from = data?.source === "ledger" ? "no daemon" : "daemon";
  const live: Span = trouble
    ? ["out of date", "red"]
    : state.isPaused
      ? ["paused", "yellow"]
      : [data ? from : "", data?.source === "ledger" ? "yellow" : "green"];
  // All times are in UTC, and this one says so.
  const right: Line = [live, [data ? ` ${clockTime(data.at)}Z` : "", "dim"]];
  const room = Math.max(0, look.columns - lineWidth(right) - 1);
  const named = tabsOf(state, look);
  const left = filled(lineWidth(named) <= room ? named : tabsOf(state, look, true), room, ellipsis);
  return filled([...left, [" "], ...right], look.columns, ellipsis);
}

const KEYS = "? keys  t range  s sort  / filter  e errors  p pause  enter detail  w keep  q quit";
const FEW_KEYS = "? keys  t range  s sort  / filter  e errors  q quit";
/** The most that fits is shown; `?` tells the rest. */
const KEY_LINES = [KEYS, FEW_KEYS, "? keys  q quit", "? keys"];

function footer(state: State, look: Look, trouble: string | undefined): Line {
  const { overlay, filter, errorsOnly } = state;
  const notice = trouble ?? state.notice;
  const { ellipsis } = signsOf(look.ascii);
  const line = (...spans: readonly Span[]) => filled([[" "], ...spans], look.columns, ellipsis);
  if (overlay?.kind === "filter")
    return line(["filter: ", "bold"], [`${overlay.text}_`], ["   enter keeps it, esc drops it", "dim"]);
  if (overlay?.kind === "reset") {
    return line(
      [`reset the circuits of ${overlay.provider} for every process? `, "yellow"],
      ["y / n", "bold"],
    );
  }
  const said: Span[] = notice ? [[`${notice}   `, trouble ? "red" : "cyan"]] : [];
  const wishes = [...(filter ? [`"${filter}"`] : []), ...(errorsOnly ? ["errors only"] : [])].join(", ");
  if (wishes) said.push([`${wishes}   `, "yellow"]);
  const spans: Line = [[" "], ...said, [`${RANGE_WORDS[state.range]}   `]];
  const room = look.columns - lineWidth(spans);
  const wanted = overlay ? ["esc back  q quit"] : KEY_LINES;
  const keys = wanted.find((text) => widthOf(text) <= room) ?? "";
  return filled([...spans, [keys, "dim"]], look.columns, ellipsis);
}
