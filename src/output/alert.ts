import type { Alert } from "../core/budget.ts";
import { formatTime } from "../core/clock.ts";
import { humanUsd } from "../core/money.ts";
import { budgetName } from "./budget-name.ts";

/** One line on a threshold that was crossed. */
export function alertText(alert: Alert): string {
  const { budget, threshold, spentNano, resetsAtMs } = alert;
  const share = `${Math.round(threshold * 100)} %`;
  return `budget ${budgetName(budget)} has reached ${share}: ${humanUsd(spentNano)} of ${humanUsd(budget.limitNano)} spent, resets ${formatTime(resetsAtMs)}`;
}
