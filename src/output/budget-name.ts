import type { BudgetRule } from "../core/budget.ts";

/** `acme/month`, or `global/month` for the installation. */
export const budgetName = ({ tenant, period }: BudgetRule): string => `${tenant ?? "global"}/${period}`;
