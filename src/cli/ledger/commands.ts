import type { Command } from "../command.ts";

export const LEDGER_COMMANDS: readonly Command[] = [
  {
    path: ["ledger", "path"],
    isGroupDefault: true,
    summary: "where the ledger is, the file with every request, its cost and what budgets have left",
    usage: "",
    flags: [],
    examples: ["riptide ledger path", 'sqlite3 -readonly "$(riptide ledger path)" "SELECT * FROM lines"'],
    formats: ["json"],
    load: async () => (await import("./path.ts")).run,
  },
  {
    path: ["ledger", "verify"],
    summary: "compute every sum of the ledger anew; exit 1 if one differs; changes nothing",
    usage: "",
    flags: [],
    examples: ["riptide ledger verify", "riptide ledger verify --json"],
    formats: ["json"],
    load: async () => (await import("./verify.ts")).run,
  },
  {
    path: ["ledger", "recover"],
    summary: "set a damaged ledger aside and start a new one; a sound one stays",
    usage: "",
    flags: [],
    examples: ["riptide ledger recover"],
    formats: ["json"],
    load: async () => (await import("./recover.ts")).run,
  },
  {
    path: ["ledger", "prune"],
    summary: "remove single requests of old days; sums and budgets stay",
    usage: "--older-than DUR",
    flags: [{ name: "older-than", value: "DUR", text: "keep this much, whole UTC days; 1d at least" }],
    examples: ["riptide ledger prune --older-than 90d"],
    formats: ["json"],
    load: async () => (await import("./prune.ts")).run,
  },
];
