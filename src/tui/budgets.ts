import type { Paint } from "../output/style.ts";
import type { BudgetData, DashboardData } from "./data.ts";
import { part, usd } from "./figures.ts";
import { type Line, pad, type Span } from "./line.ts";
import { gauge, isWide, type Look, nameRoom } from "./look.ts";
import { nothing, type Panel } from "./panel.ts";

const LEVEL_PAINTS: Readonly<Record<string, Paint>> = { ok: "green", warn: "yellow", exceeded: "red" };

/** A gauge for each budget, the fullest first: used, spent of limit, and what the period will have cost. */
export function budgetPanel({ budgets }: Pick<DashboardData, "budgets">, look: Look): Panel {
  const title = "Budgets";
  if (budgets.length === 0) return { title, lines: nothing("none is configured: riptide help costs") };
  const sorted = budgets.toSorted((one, other) => (other.used ?? 1) - (one.used ?? 1));
  const names = sorted.map(budgetName);
  const width = nameRoom(names, 28, look);
  const lines = sorted.map((budget, at) => budgetLine(budget, pad(names[at] ?? "", width), look));
  return { title, lines, least: Math.min(2, lines.length) };
}

const budgetName = ({ tenant, period }: BudgetData): string => `${tenant ?? "everything"}, ${period}`;

function budgetLine(budget: BudgetData, name: string, look: Look): Line {
  const { used, state, spent_usd, limit_usd, reserved_usd } = budget;
  const paint = LEVEL_PAINTS[state];
  const amounts = `${usd(spent_usd)} of ${usd(limit_usd)}`;
  const wide = isWide(look);
  const held = wide && Number(reserved_usd) > 0 ? `, ${usd(reserved_usd)} held` : "";
  const room = wide ? 30 : 12;
  return [
    [`  ${name}  `],
    [gauge(used ?? 1, room, look.ascii), paint],
    [` ${part(used).padStart(6)}  `, paint],
    [amounts],
    [held, "dim"],
    ...outlook(budget, wide),
  ];
}

/** Where the spending goes; nothing is said of what cannot be known. */
function outlook({ forecast, limit_usd, burn_usd_per_day }: BudgetData, wide: boolean): readonly Span[] {
  if (!forecast) {
    return wide && burn_usd_per_day !== null ? [[`  ${usd(burn_usd_per_day)}/day so far`, "dim"]] : [];
  }
  const isOver = Number(forecast.mean_usd) > Number(limit_usd);
  const mayBeOver = Number(forecast.high_usd) > Number(limit_usd);
  const paint = isOver ? "red" : mayBeOver ? "yellow" : "dim";
  return [
    [`  forecast ${usd(forecast.mean_usd)}${isOver ? ", over it" : mayBeOver ? ", may go over" : ""}`, paint],
  ];
}
