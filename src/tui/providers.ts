import type { Paint } from "../output/style.ts";
import type { CircuitData, DashboardData, ProviderPerformanceData } from "./data.ts";
import { basisOf, clockTime, counted, duration, percent } from "./figures.ts";
import { type Line, lineWidth, pad, type Span, widthOf } from "./line.ts";
import { type Look, nameRoom, signsOf } from "./look.ts";
import { HEALTH_PAINTS, STATE_PAINTS } from "./paints.ts";
import { nothing, type Panel } from "./panel.ts";
import { type ProviderRow, providerRows } from "./rows.ts";
import type { State } from "./state.ts";

/** One line for each provider: health, circuits, and how it did lately. */
export function providerPanel(data: DashboardData, state: State, look: Look): Panel {
  const title = "Providers";
  const rows = providerRows(data, state);
  if (rows.length === 0) {
    const none =
      data.circuits.length === 0 ? "none is configured: riptide config init" : "no provider matches";
    return { title, lines: nothing(none) };
  }
  const { selected } = state;
  const note = basisOf(data.performance);
  const ways = WAYS.map((way) => providerLines(rows, data, { look, selected, ...way }));
  const fitting = ways.find((all) => look.isWhole || all.every((line) => lineWidth(line) <= look.columns));
  const lines = fitting ?? ways.at(-1) ?? [];
  return { title, note, lines, selected, heads: 0, least: Math.min(3, lines.length) };
}

interface Way {
  readonly hasDurations: boolean;
  readonly hasUntil: boolean;
}

/** What goes first where there is no room. */
const WAYS: readonly Way[] = [
  { hasDurations: true, hasUntil: true },
  { hasDurations: false, hasUntil: true },
  { hasDurations: false, hasUntil: false },
];

interface Shown extends Way {
  readonly look: Look;
  readonly selected: number;
}

function providerLines(
  rows: readonly ProviderRow[],
  { health, performance }: DashboardData,
  { look, selected, hasDurations, hasUntil }: Shown,
): readonly Line[] {
  const cells = rows.map((row): readonly Span[] => [
    ...(health ? [[row.health ?? "unknown", HEALTH_PAINTS[row.health ?? ""] ?? "dim"] as const] : []),
    ...circuitCells(row, hasUntil),
    [
      performance.providers ? lately(row.did, hasDurations) : "",
      (row.did?.failed ?? 0) > 0 ? "yellow" : "dim",
    ],
  ]);
  const names = rows.map(({ name }) => name);
  const width = nameRoom(names, 24, look);
  const { cursor } = signsOf(look.ascii);
  return names.map((name, at): Line => {
    const isSelected = at === selected;
    return [
      [isSelected ? `${cursor} ` : "  ", "cyan"],
      [pad(name, width), isSelected ? "bold" : undefined],
      ...(cells[at] ?? []).map(([text, paint], column): Span => [cellText(text, column, cells), paint]),
    ];
  });
}

/** A text in its column, a gap before it; a column without any text takes no room. */
function cellText(text: string, column: number, cells: readonly (readonly Span[])[]): string {
  const width = Math.max(...cells.map((row) => widthOf(row[column]?.[0] ?? "")));
  return width === 0 ? "" : `  ${pad(text, width)}`;
}

/** How the circuit stands that lets least through, and of what and until when. */
function circuitCells({ circuits }: ProviderRow, hasUntil: boolean): readonly Span[] {
  const worst =
    circuits.find(({ state }) => state === "open") ??
    circuits.find(({ state }) => state !== "closed") ??
    circuits.find(({ hold }) => hold) ??
    circuits[0];
  if (!worst) return [[""], [""]];
  const { state, hold, operation } = worst;
  const paint: Paint | undefined = hold ? "yellow" : STATE_PAINTS[state];
  // Where the other operations of the provider fare better, it is said which one this is.
  const own = circuits.every((each) => isLike(each, worst)) ? [] : [operation];
  return [
    [hold && state === "closed" ? "held" : state, paint],
    [hasUntil ? [...own, ...untilOf(worst)].join(", ") : ""],
  ];
}

const isLike = (one: CircuitData, other: CircuitData): boolean =>
  one.state === other.state && Boolean(one.hold) === Boolean(other.hold);

function untilOf({ state, retry_at, hold }: CircuitData): readonly string[] {
  if (retry_at !== null && state !== "closed") return [`retry ${clockTime(retry_at)}`];
  return hold ? [`until ${clockTime(hold.until)}`] : [];
}

/** How it did; of attempts that were cancelled nothing is known but that they were made. */
function lately(did: ProviderPerformanceData | undefined, hasDurations: boolean): string {
  if (!did) return "not asked";
  const { attempts, success_rate, total_ms } = did;
  const rate = success_rate === null ? "none ended" : `${percent(success_rate)} ok`;
  const p95 = total_ms.p95 === null || !hasDurations ? "" : `, p95 ${duration(total_ms.p95)}`;
  return `${counted(attempts, "attempt")}, ${rate}${p95}`;
}
