import type { Command } from "../command.ts";
import type { Flag } from "../flags.ts";
import { TENANT_COMMANDS } from "../tenants/commands.ts";
import { BUDGET_EDIT_COMMANDS } from "./edit-commands.ts";

const GLOBAL: Flag = { name: "global", text: "those of the whole installation, in place of a tenant's" };

export const BUDGET_COMMANDS: readonly Command[] = [
  {
    path: ["budgets", "list"],
    isGroupDefault: true,
    summary: "every budget: its state, what is spent and held, and when it resets",
    usage: "",
    flags: [],
    examples: ["riptide budgets list", "riptide budgets list --json"],
    formats: ["json"],
    load: async () => (await import("./list.ts")).list,
  },
  {
    path: ["budgets", "show"],
    summary: "the budgets of one tenant, or of the installation",
    usage: "TENANT | --global",
    flags: [GLOBAL],
    examples: ["riptide budgets show acme", "riptide budgets show --global"],
    formats: ["json"],
    load: async () => (await import("./list.ts")).show,
  },
  {
    path: ["budgets", "reset"],
    summary: "let the budgets of a tenant begin anew: what was spent so far no longer counts against them",
    usage: "TENANT | --global",
    flags: [
      GLOBAL,
      { name: "confirm", value: "TENANT", text: "its name once more, global for the installation" },
    ],
    examples: [
      "riptide budgets reset acme --confirm acme",
      "riptide budgets reset --global --confirm global",
    ],
    formats: ["json"],
    load: async () => (await import("./reset.ts")).run,
  },
  ...BUDGET_EDIT_COMMANDS,
  ...TENANT_COMMANDS,
];
