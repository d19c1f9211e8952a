import { humanUsd } from "../../core/money.ts";
import { type BudgetState, budgetLine, stateOf } from "../../output/budgets.ts";
import type { Costs } from "../../output/costs.ts";
import { closingLines, costTable } from "../../output/costs-text.ts";
import { sanitise } from "../../output/sanitise.ts";
import { sparkline } from "../../output/spark.ts";
import type { SpendSeries } from "../../output/spend-series.ts";
import { createPainter, type Painter } from "../../output/style.ts";
import type { Call } from "../command.ts";
import { printTable, tableOptions } from "../print.ts";

/** The report for people: the table, the course of spending, then budgets and what is not all there. */
export async function printCosts(call: Call, costs: Costs, series: SpendSeries | undefined): Promise<void> {
  const { ascii, color, width } = tableOptions(call);
  const { io, given } = call;
  if (given.has("plain")) {
    const { columns, rows } = costTable(costs);
    return printTable(call, columns, rows.slice(0, -1));
  }
  const { columns, rows } = costTable(costs, width === undefined ? undefined : { ascii, width });
  await printTable(call, columns, rows);
  const painter = createPainter(color);
  const lines = [
    ...(series ? seriesLines(series, { ascii, painter }) : []),
    ...costs.budgets.flatMap((state) => paintedBudget(state, { painter, width })),
    ...closingLines(costs).flatMap((line) => folded(sanitise(line), width)),
  ];
  await io.stdout.write(io.redactor.redact(lines.map((line) => `${line}\n`).join("")));
}

function seriesLines(
  { unit, points }: SpendSeries,
  { ascii, painter }: { readonly ascii: boolean; readonly painter: Painter },
): readonly string[] {
  const [first] = points;
  const peak = points.reduce((most, point) => (point.costNano > most.costNano ? point : most), {
    name: "",
    costNano: 0n,
  });
  if (!first || peak.costNano === 0n) return [];
  const line = sparkline(
    points.map(({ costNano }) => costNano),
    ascii,
  );
  const words = `per ${unit} from ${first.name}, most ${humanUsd(peak.costNano)} on ${peak.name}`;
  return ["", `${painter("cyan", line)}  ${painter("dim", words)}`, ""];
}

function paintedBudget(
  state: BudgetState,
  { painter, width }: { readonly painter: Painter; readonly width: number | undefined },
): readonly string[] {
  const lines = folded(sanitise(budgetLine(state)), width);
  const level = stateOf(state);
  return level === "ok" ? lines : lines.map((line) => painter(level === "warn" ? "yellow" : "red", line));
}

/** A line that is too long for the terminal goes on below, after a comma. */
function folded(line: string, width = Number.POSITIVE_INFINITY): readonly string[] {
  const at = line.length <= width ? -1 : line.lastIndexOf(", ", width - 1);
  if (at < 0) return [line];
  return [line.slice(0, at + 1), ...folded(`  ${line.slice(at + 2)}`, width)];
}
