import { parseMoney } from "../../config/money.ts";
import type { BudgetRule } from "../../core/budget.ts";
import { RiptideError } from "../../core/errors.ts";
import { humanUsd, usdText } from "../../core/money.ts";
import { shareOf } from "../../ledger/report.ts";
import { onlyTenant } from "../../ledger/report-asks.ts";
import { budgetName } from "../../output/budget-name.ts";
import { budgetRules, budgetStates } from "../../output/budget-states.ts";
import { type BudgetState, budgetDocument, type Level, levelOf } from "../../output/budgets.ts";
import { ratioOf } from "../../output/costs-figures.ts";
import { forecastBudgets } from "../../output/forecasts.ts";
import type { Database } from "../../store/database.ts";
import type { Call, Run } from "../command.ts";
import type { Given } from "../flags.ts";
import { printDocument, printText } from "../print.ts";
import { withLedger } from "./ledger.ts";

interface Checked {
  readonly state: BudgetState;
  /** What is compared with the limit: what was spent, or will have been by the end of the period. */
  readonly amountNano: number;
  /** `spent` also where a forecast was asked for and cannot be made. */
  readonly basis: "spent" | "forecast";
  readonly level: Level;
}

const EXIT = { ok: 0, warn: 12, exceeded: 8 } as const satisfies Record<Level, number>;

/** `riptide costs check`: the worst of the budgets decides. With `--forecast` by what its period will have cost. */
export const run: Run = async (call) => {
  const { given, io } = call;
  const warn = warnOf(given);
  const max = maxOf(given);
  const states = await withLedger(call, (database, config) => {
    const rules = max === undefined ? configured(call, budgetRules(config, onlyTenant(given))) : [max];
    const read = () => amountsOf(call, rules, database);
    return database ? database.read(read) : read();
  });
  const checked = states.map((each) => ({
    ...each,
    level: levelOf(each.amountNano, each.state.rule.limitNano, warn),
  }));
  const worst = checked.toSorted(worstFirst)[0];
  if (!worst) throw new RiptideError("internal", "no budget was checked");
  await print(call, worst, checked);
  if (given.has("forecast") && worst.basis === "spent" && !given.has("quiet"))
    await io.stderr.write(NO_FORECAST);
  return EXIT[worst.level];
};

const NO_FORECAST =
  "warning: fewer than 3 whole days are known, so what was spent is checked and no forecast\n";

/** What each budget's limit is compared with. */
function amountsOf(
  { given, io }: Call,
  rules: readonly BudgetRule[],
  database: Database | undefined,
): readonly Omit<Checked, "level">[] {
  const nowMs = io.clock.wall();
  const states = budgetStates(rules, database, nowMs);
  if (!given.has("forecast")) return states.map(bySpent);
  return forecastBudgets(states, database, { nowMs, interval: ANY_INTERVAL }).map(({ state, forecast }) =>
    forecast.kind === "known" ? { state, amountNano: forecast.meanNano, basis: "forecast" } : bySpent(state),
  );
}

const bySpent = (state: BudgetState) => ({ state, amountNano: state.spentNano, basis: "spent" }) as const;

/** The mean is what counts, and it is the same for every interval. */
const ANY_INTERVAL = 0.8;

/** `--max` and `--period` as a budget of their own. */
function maxOf(given: Given): BudgetRule | undefined {
  const text = given.value("max");
  if (text === undefined) return undefined;
  const limitNano = parseMoney(text);
  if (limitNano === undefined) {
    throw new RiptideError("usage", `--max wants an amount in dollars, not "${text}"`, {
      hint: "riptide costs check --max 50",
    });
  }
  const period = PERIODS.find((word) => word === given.value("period")) ?? "month";
  return { tenant: onlyTenant(given) ?? null, period, limitNano, thresholds: [], degradeTo: null };
}

const PERIODS = ["hour", "day", "week", "month"] as const;

/** The budgets of the configuration, of one period where one is named. @throws RiptideError `usage` for none. */
function configured({ given }: Call, rules: readonly BudgetRule[]): readonly BudgetRule[] {
  const period = given.value("period");
  const chosen = rules.filter((rule) => period === undefined || rule.period === period);
  if (chosen.length > 0) return chosen;
  const tenant = onlyTenant(given);
  const whose = tenant === undefined ? "" : ` for tenant ${tenant}`;
  throw new RiptideError(
    "usage",
    `no ${period === undefined ? "" : `${period} `}budget is configured${whose}`,
    {
      hint: "riptide costs check --max 50   or budgets in providers.yaml",
    },
  );
}

/** `--warn` in millionths. @throws RiptideError `usage` */
function warnOf(given: Given): bigint {
  const text = given.value("warn") ?? "0.8";
  const [, whole, fraction = ""] = /^([01])(?:\.(\d{1,6}))?$/.exec(text) ?? [];
  const millionths = whole === undefined ? undefined : BigInt(whole + fraction.padEnd(6, "0"));
  if (millionths !== undefined && millionths <= 1_000_000n) return millionths;
  throw new RiptideError("usage", `--warn wants a share from 0 to 1, not "${text}"`, {
    hint: "riptide costs check --warn 0.8",
  });
}

/** By level, then by the part of the limit that is used, compared without dividing. */
function worstFirst(one: Checked, other: Checked): number {
  if (one.level !== other.level) return LEVELS.indexOf(other.level) - LEVELS.indexOf(one.level);
  const difference =
    BigInt(other.amountNano) * BigInt(one.state.rule.limitNano) -
    BigInt(one.amountNano) * BigInt(other.state.rule.limitNano);
  return difference > 0n ? 1 : difference < 0n ? -1 : 0;
}

const LEVELS: readonly Level[] = ["ok", "warn", "exceeded"];

async function print(call: Call, worst: Checked, checked: readonly Checked[]): Promise<void> {
  if (call.format !== "json") return printText(call, checked.map(line).join(""));
  await printDocument(call, {
    schema: "riptide.costs_check/1",
    ...checkDocument(worst),
    budgets: checked.map((one) => ({ ...budgetDocument(one.state), state: one.level })),
  });
}

const usedOf = ({ state, amountNano }: Checked): number | null =>
  ratioOf(shareOf(BigInt(amountNano), BigInt(state.rule.limitNano)));

const checkDocument = (checked: Checked) => ({
  state: checked.level,
  basis: checked.basis,
  spent_usd: usdText(checked.state.spentNano),
  ...(checked.basis === "forecast" && { forecast_usd: usdText(checked.amountNano) }),
  limit_usd: usdText(checked.state.rule.limitNano),
  used: usedOf(checked),
});

function line(checked: Checked): string {
  const { state, level, basis, amountNano } = checked;
  const used = usedOf(checked);
  const share = used === null ? "" : ` (${(used * 100).toFixed(1)}%)`;
  const verb = basis === "forecast" ? "forecast" : "spent";
  return `${level}: ${budgetName(state.rule)}: ${humanUsd(amountNano)} of ${humanUsd(state.rule.limitNano)} ${verb}${share}\n`;
}
