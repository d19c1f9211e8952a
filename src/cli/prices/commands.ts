import type { Command } from "../command.ts";

export const PRICE_COMMANDS: readonly Command[] = [
  {
    path: ["prices", "list"],
    isGroupDefault: true,
    summary: "what the models in use cost, in dollars per million tokens",
    usage: "",
    flags: [{ name: "model", short: "m", value: "M", text: "only models with this in their name" }],
    examples: ["riptide prices list -m gpt", "riptide prices list -o csv"],
    formats: ["json", "csv"],
    load: async () => (await import("./list.ts")).run,
  },
  {
    path: ["prices", "show"],
    summary: "what any model of a configured provider costs",
    usage: "PROVIDER/MODEL",
    flags: [],
    formats: ["json", "csv"],
    load: async () => (await import("./show.ts")).run,
  },
  {
    path: ["prices", "check"],
    summary:
      "models without a price, of those configured or used in the last 30 days; exit 1 if there are any",
    usage: "",
    flags: [],
    formats: ["json", "csv"],
    load: async () => (await import("./check.ts")).run,
  },
  {
    path: ["prices", "update"],
    summary: "take prices from a catalogue in LiteLLM's format; the next one replaces it, {} removes it",
    usage: "--from FILE",
    flags: [{ name: "from", value: "FILE", text: "the JSON file; nothing is fetched" }],
    examples: ["riptide prices update --from model_prices_and_context_window.json"],
    formats: ["json"],
    load: async () => (await import("./update.ts")).run,
  },
];
