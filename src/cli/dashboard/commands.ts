import type { Command } from "../command.ts";

/** The screen that shows what happens while it happens. */
export const DASHBOARD_COMMANDS: readonly Command[] = [
  {
    path: ["dashboard"],
    summary: "a screen that follows what happens: overview, costs, tenants, performance, circuits, requests",
    usage: "[VIEW]",
    flags: [
      { name: "refresh", value: "DURATION", text: "look again after so long, 100ms to 1h (1s)" },
      { name: "once", text: "print the view once and end, as a pipe gets it" },
      { name: "read-only", text: "no key changes anything" },
    ],
    examples: ["riptide dashboard", "riptide dashboard costs --once", "riptide dashboard circuits --json"],
    formats: ["json"],
    load: async () => (await import("./dashboard.ts")).run,
  },
];
