import type { Command } from "../command.ts";
import type { Flag } from "../flags.ts";

const GLOBAL: Flag = { name: "global", text: "the whole installation, in place of a tenant" };
const DRY_RUN: Flag = { name: "dry-run", text: "print the change as a diff and write nothing" };

/** The verbs of `budgets` that edit providers.yaml. */
export const BUDGET_EDIT_COMMANDS: readonly Command[] = [
  {
    path: ["budgets", "set"],
    summary: "set the budget of a tenant for one period, in providers.yaml",
    usage: "TENANT | --global",
    flags: [
      GLOBAL,
      { name: "limit", value: "USD", needs: "period", text: "how much may be spent in the period" },
      {
        name: "period",
        value: "PERIOD",
        needs: "limit",
        text: "hour, day, week, month, or rolling days such as 30d",
      },
      {
        name: "thresholds",
        value: "LIST",
        needs: "limit",
        text: "shares of the limit that raise an alert: 0.5,0.8,0.9,1.0",
      },
      {
        name: "on-exceeded",
        value: "WHAT",
        needs: "limit",
        text: "reject, or degrade:ALIAS to go on with a cheaper alias",
      },
      { name: "max-cost", value: "USD", text: "the most one request may cost" },
      DRY_RUN,
    ],
    examples: [
      "riptide budgets set acme --limit 50 --period month --dry-run",
      "riptide budgets set --global --max-cost 0.50",
    ],
    formats: ["json"],
    load: async () => (await import("./set.ts")).run,
  },
  {
    path: ["budgets", "rm"],
    summary: "remove the budgets of a tenant from providers.yaml",
    usage: "TENANT | --global",
    flags: [GLOBAL, { name: "period", value: "PERIOD", text: "only the budget of this period" }, DRY_RUN],
    examples: ["riptide budgets rm acme --period month --dry-run"],
    formats: ["json"],
    load: async () => (await import("./rm.ts")).run,
  },
];

/** The verbs of `tenants` that edit providers.yaml. */
export const TENANT_EDIT_COMMANDS: readonly Command[] = [
  {
    path: ["tenants", "set"],
    summary: "set the limits of a tenant in providers.yaml; an empty value removes one",
    usage: "TENANT",
    flags: [
      { name: "requests-per-minute", value: "N", text: "requests in a minute" },
      { name: "tokens-per-minute", value: "N", text: "tokens in a minute" },
      { name: "cost-per-hour", value: "USD", text: "spending in an hour" },
      { name: "max-concurrent", value: "N", text: "requests at the same time" },
      { name: "models", value: "GLOBS", text: "only these models, such as default,openai/*" },
      { name: "allow-providers", value: "A,B", text: "only these providers" },
      { name: "deny-providers", value: "A,B", text: "never these providers" },
      { name: "priority", value: "N", text: "who goes first where there is a queue (100)" },
      DRY_RUN,
    ],
    examples: ["riptide tenants set acme --requests-per-minute 60 --models default --dry-run"],
    formats: ["json"],
    load: async () => (await import("../tenants/set.ts")).run,
  },
  {
    path: ["tenants", "rm"],
    summary: "remove the block of a tenant from providers.yaml; its history stays in the ledger",
    usage: "TENANT --confirm TENANT",
    flags: [{ name: "confirm", value: "TENANT", text: "its name once more" }, DRY_RUN],
    formats: ["json"],
    load: async () => (await import("../tenants/rm.ts")).run,
  },
];
