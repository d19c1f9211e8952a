import type { Command } from "../command.ts";

const PERIOD = "for so long, such as 30s or 2h";

/** The circuit breakers of the providers. */
export const CIRCUIT_COMMANDS: readonly Command[] = [
  {
    path: ["circuits", "list"],
    isGroupDefault: true,
    summary: "circuit breakers and holds of the providers, as a request would find them now",
    usage: "",
    flags: [{ name: "watch", text: "show them anew every 2 s until Ctrl-C" }],
    examples: ["riptide circuits", "riptide circuits list --json"],
    formats: ["json"],
    load: async () => (await import("./list.ts")).list,
  },
  {
    path: ["circuits", "show"],
    summary: "those of one provider",
    usage: "PROVIDER",
    flags: [],
    formats: ["json"],
    load: async () => (await import("./list.ts")).show,
  },
  {
    path: ["circuits", "reset"],
    summary: "forget what was counted and held, so that requests are let through again, in every process",
    usage: "[PROVIDER]",
    flags: [{ name: "all", text: "every provider's" }],
    examples: ["riptide circuits reset openai", "riptide circuits reset --all"],
    formats: ["json"],
    load: async () => (await import("./marks.ts")).reset,
  },
  {
    path: ["circuits", "trip"],
    summary: "open a provider's circuits now; then they recover as after a failure",
    usage: "PROVIDER",
    flags: [{ name: "for", value: "DURATION", text: `${PERIOD}; its recovery time unless given` }],
    examples: ["riptide circuits trip openai --for 10m"],
    formats: ["json"],
    load: async () => (await import("./marks.ts")).trip,
  },
  {
    path: ["circuits", "force"],
    summary: "keep a provider's circuits open or closed whatever happens, or end that (auto)",
    usage: "PROVIDER open|closed|auto…",
    flags: [{ name: "for", value: "DURATION", text: `${PERIOD}; needed for open and closed` }],
    examples: ["riptide circuits force openai open --for 2h", "riptide circuits force openai auto"],
    formats: ["json"],
    load: async () => (await import("./marks.ts")).force,
  },
];
