import type { Command } from "../command.ts";
import { ROUTE_FLAGS } from "../complete/flags.ts";

/** Where requests would go. */
export const ROUTE_COMMANDS: readonly Command[] = [
  {
    path: ["route", "explain"],
    isGroupDefault: true,
    summary: "the order in which a request would be asked now, and why; nothing is sent",
    usage: "",
    flags: [
      ...ROUTE_FLAGS.filter(({ name }) => name !== "idempotency-key"),
      {
        name: "file",
        short: "f",
        value: "PATH",
        many: true,
        text: "the prompt, for its cost; - is stdin",
        group: "Input",
      },
      {
        name: "tokens-in",
        value: "N",
        notWith: ["file"],
        text: "as if the prompt had so many tokens",
        group: "Input",
      },
      { name: "max-tokens", value: "N", text: "limit of the answer", group: "Input" },
      { name: "max-cost", value: "USD", text: "the most it may cost", group: "Input" },
    ],
    examples: [
      "riptide route explain -m smart",
      "riptide route explain --strategy lowest-cost --tokens-in 2000 --json",
    ],
    formats: ["json"],
    load: async () => (await import("./explain.ts")).run,
  },
  {
    path: ["route", "simulate"],
    summary: "past requests on paper through another strategy or configuration: cost, time and failures",
    usage: "",
    flags: [
      {
        name: "strategy",
        value: "NAME",
        words: ["sequential", "lowest-cost", "fastest-first", "round-robin", "health-based"],
        text: "in place of the strategy of every alias (each its own, as the configuration has it)",
      },
      { name: "since", value: "TIME", text: "requests from here on: 2026-11-01, 24h or 30d ago, month (7d)" },
      { name: "until", value: "TIME", text: "up to here, exclusive (now)" },
    ],
    examples: [
      "riptide route simulate --strategy lowest-cost",
      "riptide route simulate --config new.yaml --since 30d --json",
    ],
    formats: ["json"],
    load: async () => (await import("./simulate.ts")).run,
  },
];
