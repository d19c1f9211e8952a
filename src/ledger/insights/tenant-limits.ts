import { humanUsd, usdText } from "../../core/money.ts";
import { isRolling } from "../../core/period.ts";
import type { BudgetUse, InsightFacts, Refusals } from "./facts.ts";
import { percent, share, shellWord } from "./figures.ts";
import type { Insight } from "./insight.ts";

/** A period that used this much of its budget was near it, and one that used that little never was. */
const NEAR = 0.9;
const FAR = 0.1;
/** What is proposed leaves so much above what was needed. */
const ROOM_WHEN_NEAR = 1.25;
const ROOM_WHEN_FAR = 2;
const LEAST_REFUSALS = 10;
/** Whole periods that say a budget is never needed. */
const LEAST_PERIODS: Readonly<Record<string, number>> = { hour: 24, day: 7, week: 2, month: 1 };

/** Tenants whose limits are nearly reached, or far from ever being. */
export const tenantLimits = ({ budgets, refusals }: InsightFacts): readonly Insight[] => [
  ...budgets.flatMap(budgetInsight),
  ...refusals.filter(({ count }) => count >= LEAST_REFUSALS).map(refusalInsight),
];

function budgetInsight(use: BudgetUse): readonly Insight[] {
  const { rule, peakNano, periods } = use;
  if (peakNano >= rule.limitNano * NEAR) return [insightOf(use, "near", ROOM_WHEN_NEAR)];
  const enough = isRolling(rule.period) ? 1 : (LEAST_PERIODS[rule.period] ?? 1);
  const isFar = peakNano > 0 && periods >= enough && peakNano <= rule.limitNano * FAR;
  return isFar ? [insightOf(use, "far", ROOM_WHEN_FAR)] : [];
}

function insightOf(use: BudgetUse, state: "near" | "far", room: number): Insight {
  const { rule, peakNano, periods, isHourlyLimit } = use;
  const whose = rule.tenant === null ? "the installation" : `tenant ${rule.tenant}`;
  const part = `${humanUsd(peakNano)} of ${humanUsd(rule.limitNano)} (${percent(peakNano, rule.limitNano)})`;
  const limit = rounded((peakNano / 1e9) * room);
  return {
    rule: "tenant_limits",
    tenant: rule.tenant,
    summary:
      state === "near"
        ? `the fullest ${rule.period} of ${whose} used ${part} of its budget`
        : `no ${rule.period} of ${whose} used more than ${part} of its budget, which protects from little`,
    evidence: {
      ...{ state, period: rule.period },
      limit_usd: usdText(rule.limitNano),
      peak_usd: usdText(peakNano),
      peak_share: share(peakNano, rule.limitNano),
      whole_periods: periods,
    },
    method: "the period with the highest spending beside the limit of today",
    savingNano: 0,
    confidence: "high",
    apply: isHourlyLimit
      ? `riptide tenants set ${shellWord(rule.tenant ?? "")} --cost-per-hour ${limit}`
      : `riptide budgets set ${rule.tenant === null ? "--global" : shellWord(rule.tenant)} --limit ${limit} --period ${rule.period}`,
  };
}

/** Up to two digits that say something, as people set limits. */
function rounded(usd: number): string {
  const unit = 10 ** (Math.floor(Math.log10(usd)) - 1);
  const decimals = Math.max(0, -Math.floor(Math.log10(unit)));
  const text = (Math.ceil(usd / unit - 1e-9) * unit).toFixed(Math.min(decimals, 9));
  return text.includes(".") ? text.replace(/\.?0+$/, "") : text;
}

/** The flag that raises the limit behind a refusal. */
const LIMIT_FLAGS: Readonly<Record<string, string>> = {
  tenant_rate_limited: "--requests-per-minute",
  tenant_busy: "--max-concurrent",
};

function refusalInsight({ tenant, code, count, limit }: Refusals): Insight {
  const flag = LIMIT_FLAGS[code];
  return {
    rule: "tenant_limits",
    tenant,
    summary: `${count} requests of tenant ${tenant} were refused in the last two days (${code})`,
    evidence: { state: "refused", code, refusals: count, limit: limit ?? null },
    method: "refusals of the last 48 hours as they were counted",
    savingNano: 0,
    confidence: "high",
    apply:
      flag && limit !== undefined
        ? `riptide tenants set ${shellWord(tenant)} ${flag} ${Math.ceil(limit * 1.5)}`
        : `riptide tenants show ${shellWord(tenant)}`,
  };
}
