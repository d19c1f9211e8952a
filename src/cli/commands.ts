import { BUDGET_COMMANDS } from "./budgets/commands.ts";
import { CIRCUIT_COMMANDS } from "./circuits/commands.ts";
import type { Command } from "./command.ts";
import { COMPLETE_FLAGS, MONEY_FLAGS, ROUTE_FLAGS, STDIN_FLAGS } from "./complete/flags.ts";
import { COMPLETION_COMMANDS } from "./completion/commands.ts";
import { COSTS_COMMANDS } from "./costs/commands.ts";
import { DAEMON_COMMANDS } from "./daemon/commands.ts";
import { DASHBOARD_COMMANDS } from "./dashboard/commands.ts";
import { DOCTOR_COMMANDS } from "./doctor/commands.ts";
import { HEALTH_COMMANDS } from "./health/commands.ts";
import { LEDGER_COMMANDS } from "./ledger/commands.ts";
import { PLUGIN_COMMANDS } from "./plugins/commands.ts";
import { PRICE_COMMANDS } from "./prices/commands.ts";
import { ROUTE_COMMANDS } from "./route/commands.ts";
import { STATS_COMMAND } from "./stats-command.ts";

/** Every command of this version, in the order of the help. */
export const COMMANDS: readonly Command[] = [
  {
    path: ["complete"],
    aliases: ["c"],
    summary: "ask a model and print its answer",
    usage: "[PROMPT…]",
    flags: COMPLETE_FLAGS,
    examples: [
      'riptide complete "hello" -m mock/mock-small',
      'git diff --staged | riptide complete "Write a commit subject" --max-tokens 40',
      'riptide complete "hello" -P anthropic,openai --usage',
      "riptide complete -f notes.txt --schema risks.json --json | jq .data",
    ],
    formats: ["json", "jsonl"],
    load: async () => (await import("./complete/complete.ts")).run,
  },
  {
    path: ["embed"],
    summary: "turn texts into vectors",
    usage: "[TEXT…]",
    flags: [
      { name: "file", short: "f", value: "PATH", text: "embed a text file; - is stdin", group: "Input" },
      { name: "lines", text: "one vector for each line of the input", group: "Input" },
      ...STDIN_FLAGS,
      ...ROUTE_FLAGS,
      {
        name: "dimensions",
        value: "N",
        text: "length of the vectors, where the model allows it",
        group: "Output",
      },
      { name: "usage", short: "u", text: "say on stderr what was used", group: "Output" },
      ...MONEY_FLAGS,
    ],
    examples: [
      'riptide embed "a fox" "a dog" -m mock/mock-small',
      "riptide embed --lines -o csv -m openai/text-embedding-3-small < titles.txt",
    ],
    formats: ["json", "jsonl", "csv"],
    load: async () => (await import("./embed.ts")).run,
  },
  {
    path: ["models", "list"],
    isGroupDefault: true,
    summary: "aliases and the models of the configuration",
    usage: "",
    flags: [
      { name: "provider", short: "P", value: "A,B", text: "only of these providers" },
      { name: "capability", value: "WORD", text: "only models with this capability" },
      { name: "refresh", text: "ask the providers for their lists" },
    ],
    formats: ["json"],
    load: async () => (await import("./models.ts")).list,
  },
  {
    path: ["models", "show"],
    summary: "what is known of one model or alias",
    usage: "MODEL",
    flags: [],
    formats: ["json"],
    load: async () => (await import("./models.ts")).show,
  },
  {
    path: ["providers", "list"],
    isGroupDefault: true,
    summary: "configured providers and whether they can be used",
    usage: "",
    flags: [],
    formats: ["json"],
    load: async () => (await import("./providers.ts")).list,
  },
  {
    path: ["providers", "show"],
    summary: "one provider's entry, secrets redacted",
    usage: "NAME",
    flags: [],
    formats: ["json"],
    load: async () => (await import("./providers.ts")).show,
  },
  {
    path: ["providers", "test"],
    summary: "reach a provider with a free call and time each step",
    usage: "NAME",
    flags: [
      { name: "deep", text: "ask for a completion of a few tokens too, which is billed" },
      { name: "max-cost", value: "USD", text: "the most that may cost (1c)", needs: "deep" },
    ],
    formats: ["json"],
    load: async () => (await import("./provider-test.ts")).run,
  },
  {
    path: ["providers", "types"],
    summary: "provider types and how they authenticate",
    usage: "",
    flags: [],
    formats: ["json"],
    load: async () => (await import("./providers.ts")).types,
  },
  ...HEALTH_COMMANDS,
  ...DAEMON_COMMANDS,
  ...CIRCUIT_COMMANDS,
  ...ROUTE_COMMANDS,
  {
    path: ["why"],
    summary: "what happened to a request, and why",
    usage: "[REQUEST-ID]",
    flags: [{ name: "last", text: "the last one that was made" }],
    examples: ["riptide why --last", "riptide why rq_01M82ZDMQ6WXW9FK4392CK4H5G --json"],
    formats: ["json"],
    load: async () => (await import("./why.ts")).run,
  },
  ...COSTS_COMMANDS,
  STATS_COMMAND,
  ...BUDGET_COMMANDS,
  ...PRICE_COMMANDS,
  ...LEDGER_COMMANDS,
  {
    path: ["config", "init"],
    summary: "write a commented providers.yaml; at a terminal three questions say what is in it",
    usage: "",
    flags: [
      { name: "providers", value: "A,B", text: "provider types to write entries for, and no question" },
      { name: "force", text: "replace an existing file" },
      { name: "print", text: "print it instead" },
    ],
    formats: ["json"],
    load: async () => (await import("./config/init.ts")).run,
  },
  {
    path: ["config", "path"],
    summary: "the configuration file in use",
    usage: "",
    flags: [{ name: "all", text: "every place that is looked at" }],
    formats: ["json"],
    load: async () => (await import("./config/path.ts")).run,
  },
  {
    path: ["config", "show"],
    isGroupDefault: true,
    summary: "the configuration, secrets redacted",
    usage: "",
    flags: [
      { name: "effective", text: "with every default" },
      { name: "origin", text: "say where each value comes from" },
    ],
    formats: ["json"],
    load: async () => (await import("./config/show.ts")).run,
  },
  {
    path: ["config", "diff"],
    summary: "what two configurations, or one and the running daemon's, say differently",
    usage: "[FILE] [FILE]…",
    flags: [
      { name: "running", text: "compare with what the daemon works by" },
      { name: "exit-code", text: "exit 1 where they differ" },
    ],
    examples: ["riptide config diff old.yaml new.yaml", "riptide config diff --running --exit-code"],
    formats: ["json"],
    load: async () => (await import("./config/diff.ts")).run,
  },
  {
    path: ["config", "validate"],
    summary: "check a configuration file",
    usage: "[FILE|-]",
    flags: [
      { name: "level", value: "LEVEL", text: "syntax, schema, secrets or provision (schema)" },
      { name: "strict", text: "warnings fail too" },
      { name: "reporter", value: "NAME", text: "text, json or github" },
    ],
    formats: ["json"],
    load: async () => (await import("./config/validate.ts")).run,
  },
  {
    path: ["config", "schema"],
    summary: "JSON Schema of the configuration file",
    usage: "",
    flags: [],
    formats: ["json"],
    load: async () => (await import("./config/schema.ts")).run,
  },
  ...DASHBOARD_COMMANDS,
  ...PLUGIN_COMMANDS,
  ...DOCTOR_COMMANDS,
  ...COMPLETION_COMMANDS,
  {
    path: ["version"],
    summary: "version of the program and its runtime",
    usage: "",
    flags: [],
    formats: ["json"],
    load: async () => (await import("./version-command.ts")).run,
  },
  {
    path: ["help"],
    summary: "help on a command or topic",
    usage: "[COMMAND|TOPIC…]",
    flags: [],
    formats: ["json"],
    load: async () => (await import("./help.ts")).run,
  },
];
