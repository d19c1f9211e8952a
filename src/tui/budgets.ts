import type { Paint } from "../output/style.ts";
import type { BudgetData, DashboardData } from "./data.ts";
import { part, usd } from "./figures.ts";
import { type Line, lineWidth, pad, type Span } from "./line.ts";
import { gauge, isWide, type Look, nameRoom } from "./look.ts";
import { nothing, type Panel } from "./panel.ts";

const LEVEL_PAINTS: Readonly<Record<string, Paint>> = { ok: "green", warn: "yellow", exceeded: "red" };

/** A gauge for each budget, the fullest first: used, spent of limit, and what the period will have cost. */
export function budgetPanel({ budgets }: Pick<DashboardData, "budgets">, look: Look): Panel {
  const title = "Budgets";
  if (budgets.length === 0) return { title, lines: nothing("none is configured: riptide help costs") };
  const sorted = budgets.toSorted((one, other) => (other.used ?? 1) - (one.used ?? 1));
  const names = sorted.map(budgetName);
  const width = nameRoom(names, isWide(look) ? 28 : 20, look);
  const room = gaugeRoom(look, width);
  const lines = sorted.map((budget, at) => budgetLine(budget, pad(names[at] ?? "", width), { look, room }));
  return { title, note: reasonOf(budgets), lines, least: Math.min(2, lines.length) };
}

const budgetName = ({ tenant, period }: BudgetData): string => `${tenant ?? "everything"}, ${period}`;

/** Why there is no forecast, where one is missing. */
function reasonOf(budgets: readonly BudgetData[]): string | undefined {
  const [reason, ...others] = new Set(budgets.flatMap(({ forecast_reason }) => forecast_reason ?? []));
  return others.length > 0 ? "some have no forecast: riptide costs forecast" : reason;
}

/** The gauge takes what names, amounts and the outlook leave. */
const gaugeRoom = (look: Look, names: number): number =>
  Math.max(6, Math.min(30, look.columns - names - (isWide(look) ? 66 : 55)));

interface Room {
  readonly look: Look;
  /** Columns of the gauge. */
  readonly room: number;
}

function budgetLine(budget: BudgetData, name: string, { look, room }: Room): Line {
  const { used, state, spent_usd, limit_usd, reserved_usd } = budget;
  const paint = LEVEL_PAINTS[state];
  const amounts = `${usd(spent_usd)} of ${usd(limit_usd)}`;
  const held = isWide(look) && Number(reserved_usd) > 0 ? `, ${usd(reserved_usd)} held` : "";
  const line: Line = [
    [`  ${name}  `],
    [gauge(used ?? 1, room, look.ascii), paint],
    [` ${part(used).padStart(6)}  `, paint],
    [amounts],
    [held, "dim"],
  ];
  const left = look.isWhole ? Number.POSITIVE_INFINITY : look.columns - lineWidth(line);
  const fitting = outlooks(budget).find((spans) => lineWidth(spans) <= left);
  return [...line, ...(fitting ?? [])];
}

/** Where the spending goes, the most that can be said of it first; nothing is said of what cannot be known. */
function outlooks({ forecast, limit_usd, burn_usd_per_day }: BudgetData): readonly Line[] {
  const burn = burn_usd_per_day === null ? undefined : `${usd(burn_usd_per_day)}/day`;
  if (!forecast) return burn === undefined ? [] : [[[`  ${burn} so far`, "dim"]], [[`  ${burn}`, "dim"]]];
  const isOver = Number(forecast.mean_usd) > Number(limit_usd);
  const mayBeOver = Number(forecast.high_usd) > Number(limit_usd);
  const paint = isOver ? "red" : mayBeOver ? "yellow" : "dim";
  const verdict = isOver ? ", over it" : mayBeOver ? ", may go over" : "";
  const mean = `  forecast ${usd(forecast.mean_usd)}`;
  const said: Span = [`${mean}${verdict}`, paint];
  return [
    ...(burn === undefined ? [] : [[said, [`, ${burn} so far`, "dim"]] as const]),
    [said],
    [[mean, paint]],
  ];
}
