import { TENANT_EDIT_COMMANDS } from "../budgets/edit-commands.ts";
import type { Command } from "../command.ts";

export const TENANT_COMMANDS: readonly Command[] = [
  {
    path: ["tenants", "list"],
    isGroupDefault: true,
    summary:
      "tenants that are configured or were seen in the last 30 days, with what they use of their limits",
    usage: "",
    flags: [],
    examples: ["riptide tenants list", "riptide tenants list --json"],
    formats: ["json"],
    load: async () => (await import("./list.ts")).list,
  },
  {
    path: ["tenants", "show"],
    summary: "one tenant: its state, limits and usage",
    usage: "TENANT",
    flags: [],
    examples: ["riptide tenants show acme"],
    formats: ["json"],
    load: async () => (await import("./list.ts")).show,
  },
  {
    path: ["tenants", "suspend"],
    summary: "refuse a tenant's requests from now on, in every process",
    usage: "TENANT",
    flags: [],
    examples: ["riptide tenants suspend acme"],
    formats: ["json"],
    load: async () => (await import("./suspend.ts")).suspend,
  },
  {
    path: ["tenants", "resume"],
    summary: "take back a tenant's suspension",
    usage: "TENANT",
    flags: [],
    examples: ["riptide tenants resume acme"],
    formats: ["json"],
    load: async () => (await import("./suspend.ts")).resume,
  },
  ...TENANT_EDIT_COMMANDS,
];
